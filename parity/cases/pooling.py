"""Pooling layers and ops: values, gradients, ties, nan, configs, shapes, errors."""

import numpy as np

from parity.case import EXACT, case, kind_of_error, one_of, ulp

# A mean of up to 42 numbers, each sum rounded, in another order; they may cancel.
# oneDNN spreads a gradient as products with 1/n, not as quotients.
MEANS = ulp(4, "means of up to 42 numbers in another order", 2e-7)

SHAPES = {1: (2, 7, 3), 2: (2, 7, 6, 3)}
FIRST = {1: (2, 3, 7), 2: (2, 3, 7, 6)}
# (pool size, strides): fitting, with a rest, overlapping, with gaps, 1, larger than 7
WINDOWS = {
    1: [(2, None), (3, None), (3, 2), (2, 3), (1, None), (7, 1)],
    2: [(2, None), ((3, 2), None), (3, 2), (2, (3, 1)), ((1, 3), None), (6, 1)],
}
FORMATS = ("channels_last", "channels_first")


def rows(keras):
    """(name, layer, input shape)"""
    layers = keras.layers
    for kind in ("Max", "Average"):
        for rank in (1, 2):
            cls = getattr(layers, f"{kind}Pooling{rank}D")
            for size, strides in WINDOWS[rank]:
                for padding in ("valid", "same"):
                    for data_format, shapes in zip(
                        FORMATS, (SHAPES, FIRST), strict=True
                    ):
                        options = (size, strides, padding, data_format)
                        yield (
                            f"{cls.__name__}/{options}",
                            lambda cls=cls, options=options: cls(*options),
                            shapes[rank],
                        )
            large = 9 if rank == 1 else (9, 11)  # "same" cuts it off on all sides
            yield (
                f"{cls.__name__}/large",
                lambda cls=cls, large=large: cls(large, 2, "same"),
                SHAPES[rank],
            )
            cls = getattr(layers, f"Global{kind}Pooling{rank}D")
            for data_format in (None, *FORMATS):
                for keepdims in (False, True):
                    options = (data_format, keepdims)
                    yield (
                        f"{cls.__name__}/{options}",
                        lambda cls=cls, options=options: cls(*options),
                        SHAPES[rank],
                    )
    yield "MaxPooling1D", lambda: layers.MaxPooling1D(), SHAPES[1]
    yield "MaxPooling2D", lambda: layers.MaxPool2D(name="mine"), SHAPES[2]
    yield "AveragePooling1D", lambda: layers.AvgPool1D([2]), SHAPES[1]
    yield "AveragePooling2D", lambda: layers.AvgPool2D([2, 1], [1, 2]), SHAPES[2]


@case(EXACT, {"mean": MEANS, "gradient": MEANS})
def every_layer(library):
    keras = library.keras
    keras.utils.clear_session()  # so that automatic names start anew
    for name, make, shape in rows(keras):
        layer = make()
        rng = np.random.default_rng(1)
        x = library.tensor(rng.normal(size=shape).astype("float32"))
        with library.tape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = keras.ops.sum(y * rng.normal(size=y.shape).astype("float32"))
        mean = "Average" in name
        yield f"{'mean' if mean else 'max'}/{name}", y
        if not name.startswith("Average") or "large" not in name:
            # TensorFlow's GetBroadcastSize (core/kernels/avgpooling_op.cc) spreads dy
            # over too many inputs where a window is cut off on both sides.
            dx = tape.gradient(loss, x)
            yield f"{'gradient' if mean else 'max'}/{name}/x", dx
        yield f"shape/{name}", tuple(layer.compute_output_shape((None, *shape[1:])))
        yield f"spec/{name}", tuple(layer(keras.Input(shape[1:])).shape)
        config = {k: v for k, v in layer.get_config().items() if k != "dtype"}
        yield f"config/{name}", repr(sorted(config.items()))
        restored = type(layer).from_config(layer.get_config())
        again = {k: v for k, v in restored.get_config().items() if k != "dtype"}
        yield f"config/{name}/restored", repr(sorted(again.items()))


CHANNELS = (1, 5, 16)
# The maximum of a window of -inf and nan alone.
LOWEST = one_of(
    -np.inf,
    float(np.finfo("float16").min),
    reason="TensorFlow starts from the lowest float16; oneDNN, where a processor has "
    "instructions for float16, from the lowest float32, which becomes -inf",
)


@case(EXACT, {f"odd/{channels}/float16": LOWEST for channels in CHANNELS})
def ties_and_nan(library):
    """Which of several maxima gets the gradient, and what nan and -inf do.

    Small whole numbers, so that all sums are exact.
    """
    rng = np.random.default_rng(2)
    odd = [np.nan, -np.inf, -1, 0, 1, 2, np.inf]
    for channels in CHANNELS:
        ties = rng.integers(0, 3, size=(3, 7, 6, channels))
        often = rng.choice(odd, ties.shape, p=[0.35, 0.3, 0.1, 0.05, 0.1, 0.05, 0.05])
        for label, numbers in (("ties", ties), ("odd", often)):
            for dtype in ("float32", "float64", "float16"):
                for rank in (1, 2):
                    x = numbers.astype(dtype)
                    if rank == 1:
                        x = x.reshape(-1, 6, channels)
                    for padding in ("valid", "same"):
                        for size, strides in WINDOWS[rank][:5]:
                            name = f"{label}/{channels}/{dtype}/{rank}/{padding}/{size}"
                            y, dx = pooled(library, x, size, strides, padding)
                            yield f"{name}/{strides}", [y, dx]


def pooled(library, x, size, strides, padding):
    """max_pool and its gradient for cotangents 1 … 8, from which all sums are exact."""
    ops = library.keras.ops
    tensor = library.tensor(x)
    with library.tape() as tape:
        tape.watch(tensor)
        y = ops.max_pool(tensor, size, strides, padding)
    shape = tuple(y.shape)
    dy = (np.arange(np.prod(shape)) % 8 + 1).reshape(shape).astype(x.dtype)
    return y, tape.gradient(y, tensor, output_gradients=library.tensor(dy))


@case(EXACT, {"mean": MEANS})
def masks_and_few_rows(library):
    keras = library.keras
    layers, ops = keras.layers, keras.ops
    x = np.random.default_rng(3).normal(size=(3, 4, 2)).astype("float32")
    mask = np.array([[1, 0, 1, 1], [0, 0, 0, 0], [1, 1, 1, 1]], bool)
    for data_format in FORMATS:
        for keepdims in (False, True):
            layer = layers.GlobalAveragePooling1D(data_format, keepdims)
            given = x if data_format == "channels_last" else x.transpose(0, 2, 1)
            yield f"mean/{data_format}/{keepdims}", layer(given, mask=mask)
    yield "mean/cast", layers.GlobalAvgPool1D()(x, mask=mask.astype("float32"))
    yield "mask", layers.GlobalAveragePooling1D().supports_masking
    yield "no mask", layers.GlobalAveragePooling1D().compute_mask(x, mask)
    yield "without", layers.MaxPooling1D().supports_masking
    for rows in (0, 1):
        yield f"max/{rows}", layers.MaxPooling1D()(x[:rows])
        yield f"mean/{rows}", layers.AveragePooling1D(2)(x[:rows])
        yield f"mean/{rows}/global", layers.GlobalAveragePooling1D()(x[:rows])
    whole = np.arange(32).reshape(1, 4, 4, 2)
    for dtype in ("int32", "int64", "uint8"):
        yield f"int/{dtype}", ops.max_pool(library.tensor(whole.astype(dtype)), 2)
    yield "capitals", ops.max_pool(whole.astype("float32"), 2, 2, "SAME", None)
    yield "open", layers.MaxPooling2D().compute_output_shape((None, None, 5, 3))


@case(EXACT)
def errors(library):
    layers = library.keras.layers
    square = np.ones((1, 4, 4, 2), "float32")
    for name in ("MaxPooling2D", "AveragePooling2D"):
        cls = getattr(layers, name)
        for label, call in {
            "size 0": lambda cls=cls: cls(0),
            "size -1": lambda cls=cls: cls((2, -1)),
            "size of three": lambda cls=cls: cls((2, 2, 2)),
            "size 2.5": lambda cls=cls: cls(2.5),
            "strides -1": lambda cls=cls: cls(2, -1),
            "strides of one": lambda cls=cls: cls(2, (2,)),
            "format": lambda cls=cls: cls(2, data_format="last"),
            "rank": lambda cls=cls: cls(2)(square[0]),
            "too large": lambda cls=cls: cls(5).compute_output_shape((None, 4, 4, 2)),
        }.items():
            yield f"{name}/{label}", kind_of_error(call)
    for label, call in {
        "format": lambda: layers.GlobalMaxPooling2D("last"),
        "rank": lambda: layers.GlobalMaxPooling1D()(square),
    }.items():
        yield f"global/{label}", kind_of_error(call)


# Ten steps of SGD, each a few roundings of sums of up to 24 products.
DRIFT = ulp(40, "ten steps of SGD, each a few roundings", 2e-6)


@case(DRIFT)
def in_a_model(library):
    keras = library.keras
    layers = keras.layers
    keras.utils.set_random_seed(5)
    model = keras.Sequential(
        [
            keras.Input((48,)),
            layers.Dense(48, "relu"),  # ties at 0
            layers.Reshape((4, 4, 3)),
            layers.ZeroPadding2D(1),
            layers.MaxPooling2D(),
            layers.UpSampling2D(interpolation="bilinear"),
            layers.AveragePooling2D(3, 2, "same"),
            layers.Cropping2D(((0, 1), (1, 0))),
            layers.Flatten(),
            layers.RepeatVector(3),
            layers.Permute((2, 1)),
            layers.GlobalAveragePooling1D("channels_first"),
            layers.Dense(1),
        ]
    )
    yield "output", tuple(model.output_shape)
    yield "count", model.count_params()
    model.compile(keras.optimizers.SGD(0.01), "mse")
    rng = np.random.default_rng(6)
    x = rng.normal(size=(50, 48)).astype("float32")
    y = x[:, :1] * x[:, 1:2]
    history = model.fit(x, y, batch_size=10, epochs=2, verbose=0)
    yield "loss", np.float32(history.history["loss"])
    yield "weights", model.get_weights()
    yield "predicted", model.predict(x[:7], verbose=0)


@case(EXACT)
def open_images(library):
    """Symbolic calls on images of any size."""
    keras = library.keras
    layers = keras.layers
    for layer in (
        layers.MaxPooling2D(),
        layers.AveragePooling2D(5, 1),
        layers.MaxPooling2D(2, padding="same"),
        layers.Cropping2D(3),
        layers.UpSampling2D(3),
        layers.GlobalMaxPooling2D(),
    ):
        yield layer.name, tuple(layer(keras.Input((None, None, 3))).shape)
