"""Reshaping layers: values, gradients, configs, shapes, errors."""

import numpy as np

from parity.case import EXACT, case, kind_of_error, ulp

# Sums of up to 12 × 12 terms of size 3 with weights that are rounded to float32: 12
# roundings of partial sums below 8 on either side.
WEIGHED = ulp(8, "weighted sums of up to 144 terms in another order", 24 * 2.4e-7)

STEPS, IMAGES = (2, 5, 3), (2, 4, 5, 3)
# (class, arguments, input shape)
ROWS = [
    ("ZeroPadding1D", {}, STEPS),
    ("ZeroPadding1D", {"padding": (1, 3)}, STEPS),
    ("ZeroPadding1D", {"padding": [0, 2], "data_format": "channels_first"}, STEPS),
    ("ZeroPadding2D", {}, IMAGES),
    ("ZeroPadding2D", {"padding": 2}, IMAGES),
    ("ZeroPadding2D", {"padding": (0, 2)}, IMAGES),
    ("ZeroPadding2D", {"padding": ((1, 0), (2, 3))}, IMAGES),
    ("ZeroPadding2D", {"padding": [1, [2, 3]]}, IMAGES),
    ("ZeroPadding2D", {"padding": (1, 2), "data_format": "channels_first"}, IMAGES),
    ("Cropping1D", {}, STEPS),
    ("Cropping1D", {"cropping": 2}, STEPS),
    ("Cropping1D", {"cropping": [0, 3]}, STEPS),
    ("Cropping2D", {}, IMAGES),
    ("Cropping2D", {"cropping": 1}, IMAGES),
    ("Cropping2D", {"cropping": (0, 2)}, IMAGES),
    ("Cropping2D", {"cropping": ((1, 0), (2, 1))}, IMAGES),
    ("Cropping2D", {"cropping": (1, 0), "data_format": "channels_first"}, IMAGES),
    ("UpSampling1D", {}, STEPS),
    ("UpSampling1D", {"size": 3}, STEPS),
    ("UpSampling2D", {}, IMAGES),
    ("UpSampling2D", {"size": (2, 3), "interpolation": "NEAREST"}, IMAGES),
    ("UpSampling2D", {"size": 3, "data_format": "channels_first"}, IMAGES),
    *[
        ("UpSampling2D", {"size": size, "interpolation": kind, "data_format": place}, s)
        for kind in ("bilinear", "bicubic", "lanczos3", "lanczos5", "area")
        for size, place, s in (
            (2, None, IMAGES),
            ((1, 3), None, (2, 1, 9, 2)),
            ((4, 2), "channels_first", (2, 2, 12, 7)),
        )
    ],
    ("Reshape", {"target_shape": (3, 5)}, STEPS),
    ("Reshape", {"target_shape": [-1]}, STEPS),
    ("Reshape", {"target_shape": (5, -1, 4)}, IMAGES),
    ("Reshape", {"target_shape": ()}, (3, 1)),
    ("Reshape", {"target_shape": (1,)}, (3,)),
    ("Permute", {"dims": (2, 1)}, STEPS),
    ("Permute", {"dims": [3, 1, 2]}, IMAGES),
    ("Permute", {"dims": (1,)}, (2, 5)),
    ("RepeatVector", {"n": 3}, (2, 5)),
    ("RepeatVector", {"n": 1}, (2, 5)),
]


@case(EXACT, {"weighed": WEIGHED})
def every_layer(library):
    keras = library.keras
    keras.utils.clear_session()  # so that automatic names start anew
    for cls, options, shape in ROWS:
        name = f"{cls}/{options}"
        layer = getattr(keras.layers, cls)(**options)
        rng = np.random.default_rng(1)
        x = library.tensor(rng.normal(size=shape).astype("float32"))
        with library.tape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = keras.ops.sum(y * rng.integers(-3, 4, y.shape).astype("float32"))
        weighed = options.get("interpolation", "NEAREST") != "NEAREST"
        group = "weighed" if weighed or cls == "UpSampling2D" else "moved"
        yield f"{group}/{name}", y
        if options.get("interpolation") != "area":  # TensorFlow has no gradient for it
            yield f"{group}/{name}/gradient", tape.gradient(loss, x)
        yield f"shape/{name}", tuple(layer.compute_output_shape((None, *shape[1:])))
        yield f"spec/{name}", tuple(layer(keras.Input(shape[1:])).shape)
        config = {k: v for k, v in layer.get_config().items() if k != "dtype"}
        yield f"config/{name}", repr(sorted(config.items()))
        restored = type(layer).from_config(layer.get_config())
        again = {k: v for k, v in restored.get_config().items() if k != "dtype"}
        yield f"config/{name}/restored", repr(sorted(again.items()))
        yield f"masking/{name}", layer.supports_masking
        if group == "moved":
            whole = np.arange(np.prod(shape)).reshape(shape)
            yield f"int/{name}", layer(library.tensor(whole.astype("int32")))
            yield f"none/{name}", layer(np.zeros((0, *shape[1:]), "float32"))


@case(EXACT)
def open_axes(library):
    layers = library.keras.layers
    for name, layer, shape in (
        ("pad1", layers.ZeroPadding1D(2), (None, None, 3)),
        ("pad2", layers.ZeroPadding2D(2), (None, None, 4, 3)),
        ("crop1", layers.Cropping1D(2), (None, None, 3)),
        ("crop2", layers.Cropping2D(2), (None, None, 7, 3)),
        ("up1", layers.UpSampling1D(2), (None, None, 3)),
        ("up2", layers.UpSampling2D(2), (None, None, 4, 3)),
        ("reshape", layers.Reshape((-1, 2)), (None, None, 3)),
        ("reshape 2", layers.Reshape((3, 2)), (None, None, 3)),
        ("permute", layers.Permute((2, 1)), (None, None, 3)),
    ):
        yield name, tuple(layer.compute_output_shape(shape))


@case(EXACT)
def errors(library):
    layers = library.keras.layers
    steps, images = np.ones((1, 4, 2), "float32"), np.ones((1, 4, 4, 2), "float32")
    for label, call in {
        "pad1 -1": lambda: layers.ZeroPadding1D(-1),
        "pad1 three": lambda: layers.ZeroPadding1D((1, 2, 3)),
        "pad1 format": lambda: layers.ZeroPadding1D(1, "last"),
        "pad1 rank": lambda: layers.ZeroPadding1D(1)(images),
        "pad2 three": lambda: layers.ZeroPadding2D((1, 2, 3)),
        "pad2 half": lambda: layers.ZeroPadding2D(1.5),
        "pad2 -1": lambda: layers.ZeroPadding2D((-1, 0)),
        "pad2 rank": lambda: layers.ZeroPadding2D(1)(steps),
        "crop1 all": lambda: layers.Cropping1D(2)(steps),
        "crop1 -1": lambda: layers.Cropping1D(-1),
        "crop1 shape": lambda: layers.Cropping1D(2).compute_output_shape((None, 4, 2)),
        "crop2 all": lambda: layers.Cropping2D(2)(images),
        "crop2 one axis": lambda: layers.Cropping2D((0, 2))(images),
        "crop2 -1": lambda: layers.Cropping2D(-1),
        "crop2 one": lambda: layers.Cropping2D((1,)),
        "crop2 shape": lambda: layers.Cropping2D(2).compute_output_shape(
            (None, 4, 4, 2)
        ),
        "up1 0": lambda: layers.UpSampling1D(0),
        "up2 0": lambda: layers.UpSampling2D((1, 0)),
        "up2 rank": lambda: layers.UpSampling2D(2)(steps),
        "reshape": lambda: layers.Reshape((3,))(images),
        "reshape -1": lambda: layers.Reshape((3, -1))(images),
        "reshape -1 -1": lambda: layers.Reshape((-1, -1)),
        "reshape -2": lambda: layers.Reshape((-2,)),
        "reshape 0 -1": lambda: layers.Reshape((0, -1))(images),
        "permute 0": lambda: layers.Permute((0, 1)),
        "permute gap": lambda: layers.Permute((1, 3)),
        "permute rank": lambda: layers.Permute((2, 1))(images),
        "repeat 0": lambda: layers.RepeatVector(0),
        "repeat rank": lambda: layers.RepeatVector(2)(steps),
    }.items():
        yield label, kind_of_error(call)
