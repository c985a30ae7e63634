"""Merging layers: values, gradients, masks, configs, shapes, errors."""

import numpy as np

from parity.case import EXACT, Tolerance, case, kind_of_error, ulp

# Dot sums up to 5 products; Average and the rest round as TensorFlow does.
PRODUCTS = ulp(4, "sums of up to 5 products in another order", 1e-6)
# The scale of `normalize` is one over a root of 5 squares, then 5 products are summed.
COSINES = Tolerance("a root, a reciprocal and 15 products", absolute=2e-6)

A, B = (2, 3, 4), (2, 1, 4)
# (class, arguments, input shapes)
ROWS = [
    *[
        (cls, {}, shapes)
        for cls in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract")
        for shapes in (
            [A, A],
            [A, B],
            [(2, 3, 1), B],
            [A, (2, 4)],
            [(2, 4), (2, 5, 3, 4)],
        )
    ],
    *[
        (cls, {"name": "mine"}, shapes)
        for cls in ("Add", "Multiply", "Average", "Maximum", "Minimum")
        for shapes in ([A, A, A], [A], [A, B, (2, 4), (2, 1)])
    ],
    ("Concatenate", {}, [A, A]),
    ("Concatenate", {}, [A]),
    ("Concatenate", {"axis": 1}, [A, B, A]),
    ("Concatenate", {"axis": -2}, [A, B]),
    ("Concatenate", {"axis": 2}, [A, (2, 3, 1)]),
    ("Dot", {"axes": 1}, [(2, 5), (2, 5)]),
    ("Dot", {"axes": -1}, [A, A]),
    ("Dot", {"axes": (1, 2)}, [(2, 3, 5), (2, 4, 3)]),
    ("Dot", {"axes": [-1, 1]}, [A, (2, 4)]),
    ("Dot", {"axes": (1, 1)}, [(2, 4), (2, 4, 3)]),
    ("Dot", {"axes": (2, 3)}, [(2, 3, 5, 2), (2, 4, 2, 5)]),
    ("Dot", {"axes": (3, 1)}, [(2, 3, 2, 5), (2, 5, 2, 4)]),
    ("Dot", {"axes": 1, "normalize": True}, [(2, 5), (2, 5)]),
    ("Dot", {"axes": (2, 1), "normalize": True}, [A, (2, 4, 3)]),
]


@case(EXACT, {"Dot": PRODUCTS, "gradient": PRODUCTS, "cosine": COSINES})
def every_layer(library):
    keras = library.keras
    keras.utils.clear_session()  # so that automatic names start anew
    for cls, options, shapes in ROWS:
        name = f"{cls}/{options}/{shapes}"
        layer = getattr(keras.layers, cls)(**options)
        rng = np.random.default_rng(1)
        # Quarters, so that there are ties, and few roundings.
        xs = [library.tensor(np.float32(rng.integers(-6, 7, s) / 4)) for s in shapes]
        with library.tape() as tape:
            tape.watch(xs)
            y = layer(xs)
            loss = keras.ops.sum(y * rng.integers(-3, 4, y.shape).astype("float32"))
        group = "cosine" if "normalize" in options else cls
        yield f"{group}/{name}", y
        group = group if group == "cosine" else "gradient"
        yield f"{group}/{name}/dx", tape.gradient(loss, xs)
        opened = [(None, *shape[1:]) for shape in shapes]
        yield f"shape/{name}", tuple(layer.compute_output_shape(opened))
        yield f"shape/{name}/rows", tuple(layer.compute_output_shape(shapes))
        spec = layer([keras.Input(shape[1:]) for shape in shapes])
        yield f"spec/{name}", tuple(spec.shape)
        config = {k: v for k, v in layer.get_config().items() if k != "dtype"}
        yield f"config/{name}", repr(sorted(config.items()))
        restored = type(layer).from_config(layer.get_config())
        again = {k: v for k, v in restored.get_config().items() if k != "dtype"}
        yield f"config/{name}/restored", repr(sorted(again.items()))
        yield f"masking/{name}", layer.supports_masking


@case(EXACT)
def functions(library):
    layers = library.keras.layers
    x = np.arange(12, dtype="float32").reshape(2, 6)
    y = x[:, ::-1].copy()
    for name in ("add", "subtract", "multiply", "average", "maximum", "minimum"):
        yield name, getattr(layers, name)([x, y])
        yield f"{name}/tuple", getattr(layers, name)((x, y), name="mine")
    yield "concatenate", layers.concatenate([x, y])
    yield "concatenate/axis", layers.concatenate([x, y], axis=0)
    yield "dot", layers.dot([x, y])
    yield "dot/axes", layers.dot([x, y], axes=(1, 1), normalize=False)
    yield "whole", layers.add([x.astype("int32"), y.astype("int32")])
    for name in ("subtract", "maximum", "concatenate"):
        yield f"{name}/none", getattr(layers, name)([x[:0], y[:0]])


MASKS = [
    np.array([[1, 0, 1], [0, 0, 1]], bool),
    np.array([[1, 1, 0], [0, 1, 0]], bool),
    np.array([[0, 1, 0], [0, 0, 1]], bool),
]
CLASSES = (
    "Add",
    "Subtract",
    "Multiply",
    "Average",
    "Maximum",
    "Minimum",
    "Concatenate",
)


@case(EXACT)
def masks(library):
    """What masked inputs give, and with which mask, for any that have one."""
    keras = library.keras
    rng = np.random.default_rng(4)
    for cls in CLASSES:
        for given in (
            (0, 1),
            (0, None),
            (None, 1),
            (None, None),
            (0, 1, 2),
            (0, 1, None),
        ):
            if cls == "Subtract" and len(given) > 2:
                continue
            xs = []
            for index in given:
                x = library.tensor(np.float32(rng.integers(-6, 7, A)))
                if index is not None:
                    x._keras_mask = library.tensor(MASKS[index])
                xs.append(x)
            layer = getattr(keras.layers, cls)()
            with library.tape() as tape:
                tape.watch(xs)
                y = layer(xs)
            yield f"{cls}/{given}", y
            yield f"{cls}/{given}/mask", getattr(y, "_keras_mask", None)
            yield f"{cls}/{given}/gradient", tape.gradient(y, xs)
            asked = [None if i is None else library.tensor(MASKS[i]) for i in given]
            yield f"{cls}/{given}/asked", layer.compute_mask(xs, asked)
            yield f"{cls}/{given}/nothing", layer.compute_mask(xs)
    x = library.tensor(np.ones(A, "float32"))
    x._keras_mask = library.tensor(MASKS[0])
    for axis in (1, 2):
        y = keras.layers.Concatenate(axis=axis)([x, x])
        yield f"Concatenate/{axis}", getattr(y, "_keras_mask", None)
    y = keras.layers.Dot(1)([x, x])
    yield "Dot", getattr(y, "_keras_mask", None)
    layer = keras.layers.Add()
    for label, call in {
        "mask": lambda: layer.compute_mask([x, x], MASKS[0]),
        "inputs": lambda: layer.compute_mask(x, [None]),
        "count": lambda: layer.compute_mask([x, x], [None]),
    }.items():
        yield f"error/{label}", kind_of_error(call)


@case(EXACT)
def open_axes(library):
    layers = library.keras.layers
    for name, layer, shapes in (
        ("add", layers.Add(), [(None, None, 3), (None, 4, 3)]),
        ("add 2", layers.Add(), [(None, None, 3), (None, 3)]),
        ("rows", layers.Add(), [(None, 4), (2, 4)]),
        ("join", layers.Concatenate(1), [(None, None, 3), (None, 4, 3)]),
        ("dot", layers.Dot((2, 1)), [(None, None, 3), (None, 3, 5)]),
    ):
        yield name, tuple(layer.compute_output_shape(shapes))


@case(EXACT)
def errors(library):
    layers = library.keras.layers
    x = np.ones((2, 3, 4), "float32")
    for label, call in {
        "no list": lambda: layers.Add()(x),
        "shapes": lambda: layers.Add()([x, x[:, :, :3]]),
        "batches": lambda: layers.Maximum()([x, x[:1]]),
        "subtract three": lambda: layers.Subtract()([x, x, x]),
        "subtract one": lambda: layers.Subtract()([x]),
        "join no list": lambda: layers.Concatenate()(x),
        "join shapes": lambda: layers.Concatenate(axis=1)([x, x[:, :, :3]]),
        "join ranks": lambda: layers.Concatenate()([x, x[0]]),
        "dot three": lambda: layers.Dot(1)([x, x, x]),
        "dot no list": lambda: layers.Dot(1)(x),
        "dot lengths": lambda: layers.Dot((1, 2))([x, x]),
        "dot batch": lambda: layers.Dot(0)([x, x]),
        "dot three axes": lambda: layers.Dot((1, 2, 3)),
        "dot 1.5": lambda: layers.Dot((1, 1.5)),
    }.items():
        yield label, kind_of_error(call)
