"""Configs that ask for more than a file can hold, by the good model that is changed."""

from tests.saving.changed_configs import (
    BIG,
    arguments,
    described,
    entry,
    instead,
    metric,
    models_in_models,
    operation,
    put_in,
    shape,
    wide_metrics,
)

BOMBS = {
    "chain": {
        "a thousand million units": (
            arguments(units=BIG),
            r"larger weights than the file.*'d/kernel' of shape \(4, 1000000000\)",
        ),
        "weights for a large input": (
            entry(build_config={"input_shape": [None, 10**12]}),
            "larger weights",
        ),
        "a large input": (shape(None, BIG), "Refused: an input"),
        "a large batch": (shape(BIG, 4), "Refused: an input"),
        "many axes": (shape(*[3] * 1000), "Refused: an input"),
        "a row again and again": (put_in("RepeatVector", {"n": BIG}, 2), "Refused"),
        "an embedding": (
            instead("Embedding", {"input_dim": 10**12, "output_dim": BIG}),
            "Refused",
        ),
        "many axes to normalise": (
            put_in("Normalization", {"axis": list(range(10**5))}),
            "out of bounds",
        ),
        "many axes of a softmax": (put_in("Softmax", {"axis": [-1] * 10**5}), "axis"),
        "a far axis": (put_in("BatchNormalization", {"axis": BIG}), "out of bounds"),
        "an order of many axes": (
            put_in("Permute", {"dims": list(range(1, 10**5))}),
            "`dims`",
        ),
        "a shape of many axes": (
            put_in("Reshape", {"target_shape": [1] * 10**4}, 2),
            "target_shape",
        ),
        "many classes": (wide_metrics, "larger weights"),
        "many thresholds": (metric("AUC", num_thresholds=BIG), "larger weights"),
        "many labels": (
            metric("AUC", multi_label=True, num_labels=BIG),
            "larger weights",
        ),
        "a threshold each": (
            metric("PrecisionAtRecall", recall=0.5, num_thresholds=BIG),
            "larger weights",
        ),
        "models in models": (models_in_models(300), "RecursionError"),
        "a mistake deep within": (
            models_in_models(40, described("Reshape", {"target_shape": [7, 7]})),
            "target_shape",
        ),
    },
    "pictures": {
        "larger pictures": (arguments(2, size=[10**6] * 2), "Refused: the output"),
        "larger pictures, interpolated": (
            arguments(2, size=[10**7, 1], interpolation="bicubic"),
            "Refused: the output",
        ),
        "larger pictures of a known batch": (
            shape(4, 6, 6, 2, then=arguments(2, size=[BIG, 1])),
            "Refused: the output",
        ),
        "a wide margin": (
            instead("ZeroPadding2D", {"padding": BIG}, 2),
            "Refused: the output",
        ),
        "a wide kernel": (arguments(kernel_size=[10**6, 1], padding="same"), "places"),
        "a dilated kernel": (
            arguments(dilation_rate=[BIG, 1], padding="same"),
            "Refused: the output",
        ),
        "many groups": (arguments(groups=BIG), "groups"),
        "wide strides backwards": (
            instead(
                "Conv2DTranspose",
                {"filters": 1, "kernel_size": 1, "strides": [10**4] * 2},
            ),
            "Refused: the output",
        ),
        "many multiples": (
            instead("DepthwiseConv2D", {"kernel_size": 1, "depth_multiplier": BIG}),
            "Refused",
        ),
        "wide windows": (
            instead("MaxPooling2D", {"pool_size": [BIG, 1], "padding": "same"}, 3),
            "Refused: the output",
        ),
    },
    "sequences": {
        "states of a large batch": (
            entry(build_config={"input_shape": [BIG, 5, 3]}),
            "the states of d",
        ),
        "many steps": (shape(4, 10**7, 3), "up to 1048576 steps"),
        "many steps, unrolled": (
            shape(4, 10**7, 3, then=arguments(unroll=True)),
            "up to 1048576 steps",
        ),
        "cells that are configs": (
            instead("RNN", {"cell": [described("GRUCell", {"units": 1})] * 10**4}),
            "must have `call`",
        ),
    },
    "graph": {
        "tiles": (operation("Tile", repeats=[10**5] * 2), "Refused: a result"),
        "repeats": (operation("Repeat", repeats=BIG, axis=None), "Refused: a result"),
        "a margin": (operation("Pad", pad_width=[[BIG, 0]] * 2), "Refused: a result"),
        "columns": (
            operation("OneHot", module="nn", num_classes=BIG),
            "Refused: a result",
        ),
        "counts": (operation("Bincount", minlength=BIG), "Refused: a result"),
        "a line": (operation("Linspace", [1.0], num=BIG), "Refused: a result"),
        "parts": (
            operation("Split", indices_or_sections=10**7, axis=0),
            "Refused: a result",
        ),
        "a large shape": (
            operation("BroadcastTo", shape=[10**5, 10**5, 2, 2]),
            "broadcast|Refused",
        ),
    },
}
