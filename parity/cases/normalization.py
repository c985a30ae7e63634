"""Normalisation: values in training and inference, gradients, moving statistics."""

import numpy as np

from parity.case import EXACT, Tolerance, case, ulp

# Keras computes x·f + (beta - mean·f), minikeras (x - mean)·f + beta: with |x| up to
# 4, f up to 3 (and 30 where the variance is small) each rounds numbers of size 12.
VALUES = ulp(8, "a root, a reciprocal, and sums of products that cancel", 4e-6)
# Sums of up to 48 terms of size up to 20 that cancel
SUMS = ulp(16, "sums of up to 48 terms of size 20 that cancel", 4e-5)
MOMENTS = ulp(8, "sums of up to 48 numbers in another order", 1e-6)
BOUNDS = {
    "value": VALUES,
    "gradient": SUMS,
    "moving": MOMENTS,
    "losses": MOMENTS,
    "fit": Tolerance("40 steps, each rounding weights of size 1", absolute=2e-5),
}

SMALL, STEPS, IMAGES = (6, 4), (4, 3, 5), (2, 3, 4, 2)
OPTIONS = {
    "beta_initializer": "uniform",
    "gamma_initializer": "he_normal",
    "beta_regularizer": "l2",
    "gamma_regularizer": "l1",
    "beta_constraint": "non_neg",
    "gamma_constraint": "max_norm",
}
MOVING = {"moving_mean_initializer": "normal", "moving_variance_initializer": "uniform"}
RENORM = {"renorm": True, "momentum": 0.9}
CLIPPED = {"rmax": 1.5, "rmin": 0.7, "dmax": 0.3}
RANDOM = {"gamma_initializer": "uniform"}
# (class, arguments, input shape)
ROWS = [
    ("BatchNormalization", {}, SMALL),
    ("BatchNormalization", {}, STEPS),
    ("BatchNormalization", {}, IMAGES),
    ("BatchNormalization", {"axis": 1}, IMAGES),
    ("BatchNormalization", {"axis": -2, **RANDOM}, STEPS),
    ("BatchNormalization", {"axis": 0}, SMALL),
    ("BatchNormalization", {"center": False}, SMALL),
    ("BatchNormalization", {"scale": False}, SMALL),
    ("BatchNormalization", {"scale": False, "center": False}, STEPS),
    ("BatchNormalization", {"momentum": 0.5, "epsilon": 1e-5}, SMALL),
    ("BatchNormalization", {**OPTIONS, "name": "mine"}, SMALL),
    ("BatchNormalization", {**MOVING, "synchronized": True}, SMALL),
    ("BatchNormalization", {"trainable": False, **RANDOM}, SMALL),
    ("BatchNormalization", {"dtype": "float64", **RANDOM}, SMALL),
    ("BatchNormalization", RENORM, SMALL),
    ("BatchNormalization", {**RENORM, "renorm_clipping": CLIPPED, **RANDOM}, STEPS),
    ("BatchNormalization", {**RENORM, "axis": 1, "renorm_momentum": 0.5}, IMAGES),
    ("BatchNormalization", {**RENORM, "scale": False, "center": False}, SMALL),
    ("LayerNormalization", {}, SMALL),
    ("LayerNormalization", {}, IMAGES),
    ("LayerNormalization", {"axis": 1, **RANDOM}, STEPS),
    ("LayerNormalization", {"axis": [1, 2], **RANDOM}, STEPS),
    ("LayerNormalization", {"axis": (3, 1), **RANDOM}, IMAGES),
    ("LayerNormalization", {"axis": [1, -1], **RANDOM}, IMAGES),
    ("LayerNormalization", {"axis": [-2, -1], **RANDOM}, IMAGES),
    ("LayerNormalization", {"center": False}, SMALL),
    ("LayerNormalization", {"scale": False}, SMALL),
    ("LayerNormalization", {"scale": False, "center": False}, SMALL),
    ("LayerNormalization", {**OPTIONS, "epsilon": 1e-6}, SMALL),
    ("LayerNormalization", {"rms_scaling": True, **RANDOM}, SMALL),
    ("LayerNormalization", {"rms_scaling": True, "axis": 1, **RANDOM}, STEPS),
    ("LayerNormalization", {"dtype": "float64"}, SMALL),
    ("GroupNormalization", {"groups": 2, **RANDOM}, SMALL),
    ("GroupNormalization", {"groups": 2, "axis": 1, **RANDOM}, (2, 4, 3, 2)),
    ("GroupNormalization", {"groups": -1, "axis": -2, "epsilon": 0.1}, IMAGES),
    ("GroupNormalization", {"groups": 1, "scale": False, "center": False}, STEPS),
    ("GroupNormalization", {"groups": 2, **OPTIONS}, IMAGES),
    ("RMSNormalization", {}, SMALL),
    ("RMSNormalization", {"axis": [1, 2], "epsilon": 0.1}, STEPS),
    ("RMSNormalization", {"dtype": "float64"}, SMALL),
    ("UnitNormalization", {}, SMALL),
    ("UnitNormalization", {"axis": [1, 2]}, STEPS),
]


def config_of(layer):
    return repr(sorted((k, v) for k, v in layer.get_config().items() if k != "dtype"))


def numbers(shape, seed=1):
    return np.random.default_rng(seed).normal(0.5, 1.2, shape).astype("float32")


def value_and_gradients(library, layer, x, **arguments):
    """(y, [gradients of x and of the trainable weights])"""
    ops = library.keras.ops
    weighting = numbers(x.shape, seed=5)
    tensor = library.tensor(x)
    with library.tape() as tape:
        tape.watch(tensor)
        y = layer(tensor, **arguments)
        loss = ops.sum(ops.cast(y, "float32") * ops.convert_to_tensor(weighting))
    return y, tape.gradient(loss, [tensor, *layer.trainable_weights])


@case(EXACT, BOUNDS)
def every_layer(library):
    keras = library.keras
    for cls, options, shape in ROWS:
        keras.utils.set_random_seed(13)
        keras.utils.clear_session()
        name = f"{cls}/{options}/{shape}"
        layer = getattr(keras.layers, cls)(**options)
        yield f"config/{name}/first", config_of(layer)
        y, gradients = value_and_gradients(library, layer, numbers(shape))
        yield f"value/{name}/inference", y
        yield f"gradient/{name}/inference", gradients
        yield f"weights/{name}", layer.get_weights()
        yield (
            f"names/{name}",
            [
                (v.name, v.path, tuple(v.shape), str(v.dtype), v.trainable)
                for v in layer.weights
            ],
        )
        for step in range(3):
            arguments = {"training": True} if cls == "BatchNormalization" else {}
            y, gradients = value_and_gradients(
                library, layer, numbers(shape, seed=step), **arguments
            )
            yield f"value/{name}/training {step}", y
            yield f"gradient/{name}/training {step}", gradients
            yield f"moving/{name}/{step}", layer.get_weights()
        yield f"value/{name}/afterwards", layer(numbers(shape))
        yield f"losses/{name}", [np.asarray(v) for v in layer.losses]
        yield f"shape/{name}", tuple(layer.compute_output_shape((None, *shape[1:])))
        yield f"config/{name}", config_of(layer)
        restored = type(layer).from_config(layer.get_config())
        yield f"config/{name}/restored", config_of(restored)
        yield f"masking/{name}", layer.supports_masking
        if options.get("axis") != 0:
            yield f"spec/{name}", tuple(restored(keras.Input(shape[1:])).shape)
