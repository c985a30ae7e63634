"""Convolution layers and ops: values, gradients, weights, configs, shapes, errors.

TensorFlow has no kernels for "channels_first" without groups, nor for dilated
transposed convolutions, on a CPU: what Keras gives for the same numbers with the
channels last, or for a kernel with zeros in its gaps, stands in for these.
"""

import numpy as np

from parity.case import EXACT, Tolerance, case, one_of

# Inputs and weights are of size 1 and below. One output is a sum of at most
# 3·3·4 = 36 products (60 for the separable ones), a gradient of a kernel one of at most
# 2·7·6 = 84 pixels, of y² summed up: 84 products of numbers up to 10. Each of n
# roundings is at most half an ulp of a partial sum, 6e-8 of 1 and 1.2e-7 where it
# lies between 2 and 4. In an order that no processor shares with another they add up
# like √n, and the largest of thousands of such sums is four times as far off.
LARGEST = 4
PRODUCTS = Tolerance(
    "sums of up to 60 products, partial sums up to 4",
    absolute=LARGEST * 60**0.5 * 1.2e-7,
)
GRADIENTS = Tolerance(
    "sums of up to 84 products of size 10, of sums of 60 products",
    absolute=LARGEST * 10 * 84**0.5 * 6e-8,
    relative=LARGEST * 60**0.5 * 6e-8,
)
ROUNDING = {"value": PRODUCTS, "gradient": GRADIENTS}

LINE, IMAGE = (2, 9, 4), (2, 7, 6, 4)
# (kernel size, strides, padding, dilation): odd and even, with a rest, not square
WINDOWS = {
    1: [
        (3, 1, "valid", 1),
        (3, 2, "same", 1),
        (2, 2, "same", 1),
        (4, 3, "same", 1),
        ((2,), (2,), "valid", 1),
        (3, 1, "same", 2),
        (2, 1, "VALID", 3),
        (1, 2, "valid", 1),
    ],
    2: [
        (3, 1, "valid", 1),
        (3, 1, "same", 1),
        (2, 2, "same", 1),
        ((4, 3), 2, "same", 1),
        ((1, 3), (2, 1), "valid", 1),
        ([3, 2], [1, 3], "same", 1),
        (3, 3, "valid", 1),
        (2, 1, "same", 2),
        (2, 1, "valid", (1, 3)),
        (1, 1, "valid", 1),
    ],
}


def rows(keras):
    """(name, class, options, input shape)"""
    layers = keras.layers
    for rank, shape in ((1, LINE), (2, IMAGE)):
        for window in WINDOWS[rank]:
            size, strides, padding, dilation = window
            options = {
                "kernel_size": size,
                "strides": strides,
                "padding": padding,
                "dilation_rate": dilation,
            }
            equal = not isinstance(strides, (tuple, list)) or len(set(strides)) == 1
            yield f"{window}", getattr(layers, f"Conv{rank}D"), options, shape
            if equal:  # TensorFlow's depthwise kernels know one stride alone
                for kind in ("Depthwise", "Separable"):
                    yield (
                        f"{window}",
                        getattr(layers, f"{kind}Conv{rank}D"),
                        options,
                        shape,
                    )
            if dilation == 1:
                cls = getattr(layers, f"Conv{rank}DTranspose")
                yield f"{window}", cls, options, shape
        for groups in (2, 4):
            for padding in ("valid", "same"):
                options = {"kernel_size": 2, "groups": groups, "filters": 8}
                options |= {"strides": 2, "padding": padding}
                yield (
                    f"{groups} groups {padding}",
                    getattr(layers, f"Conv{rank}D"),
                    options,
                    shape,
                )
        for kind in ("Depthwise", "Separable"):
            cls = getattr(layers, f"{kind}Conv{rank}D")
            both = {"kernel_size": 2, "strides": 2, "dilation_rate": 2}
            for padding in ("valid", "same"):
                yield f"both {padding}", cls, both | {"padding": padding}, shape
            three = {"kernel_size": 2, "depth_multiplier": 3, "use_bias": False}
            yield "multiplied", cls, three, shape
        cls = getattr(layers, f"Conv{rank}DTranspose")
        for size in (1, 2, 3, 4):
            for strides in (1, 2, 3):
                for padding in ("valid", "same"):
                    least = 1 if padding == "same" and size % 2 == 0 else 0
                    for extra in range(least, strides):
                        options = {"kernel_size": size, "strides": strides}
                        options |= {"padding": padding, "output_padding": extra}
                        yield f"{options.values()}", cls, options, shape
    for dilation, strides in ((1, 1), (2, 1), (1, 2)):
        options = {"kernel_size": 3, "padding": "causal"}
        options |= {"dilation_rate": dilation, "strides": strides}
        yield f"causal {dilation} {strides}", layers.Conv1D, options, LINE
    for name in NAMES:
        yield (
            "all options",
            getattr(layers, name),
            all_options(keras, name),
            shape_of(name),
        )


NAMES = [
    f"{kind}{rank}D{end}"
    for rank in (1, 2)
    for kind, end in (
        ("Conv", ""),
        ("DepthwiseConv", ""),
        ("SeparableConv", ""),
        ("Conv", "Transpose"),
    )
]


def shape_of(name):
    return LINE if "1D" in name else IMAGE


def all_options(keras, name):
    kernels = {"D": ["depthwise"], "S": ["depthwise", "pointwise"], "C": ["kernel"]}
    options = {
        "kernel_size": 2,
        "activation": "tanh",
        "bias_initializer": "random_normal",
        "bias_regularizer": "l1",
        "bias_constraint": "non_neg",
        "activity_regularizer": keras.regularizers.L2(0.01),
        "name": "mine",
    }
    for kernel in kernels[name[0]]:
        options |= {
            f"{kernel}_initializer": "he_normal",
            f"{kernel}_regularizer": keras.regularizers.L1L2(0.1, 0.2),
            f"{kernel}_constraint": keras.constraints.MaxNorm(1.5),
        }
    return options


def made(cls, options):
    options = dict(options)
    if "Depthwise" not in cls.__name__:
        options.setdefault("filters", 3)
    return cls(**options)


@case(EXACT, ROUNDING)
def every_layer(library):
    keras = library.keras
    keras.utils.clear_session()
    for label, cls, options, shape in rows(keras):
        keras.utils.set_random_seed(13)
        name = f"{cls.__name__}/{label}"
        layer = made(cls, options)
        rng = np.random.default_rng(1)
        x = library.tensor(rng.uniform(-1, 1, shape).astype("float32"))
        with library.tape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = keras.ops.sum(keras.ops.square(y))
        yield f"value/{name}", y
        variables = layer.trainable_variables
        dx, *gradients = tape.gradient(loss, [x, *variables])
        yield f"gradient/{name}/x", dx
        for v, gradient in zip(variables, gradients, strict=True):
            if v.name != "kernel" or not skips_pixels(options):
                yield f"gradient/{name}/{v.name}", gradient
        described = [(v.name, tuple(v.shape), v.trainable) for v in layer.weights]
        yield f"names/{name}", described
        normal = label == "all options"  # the last bits of sin, cos and log differ
        yield f"{'value' if normal else 'weights'}/{name}/w", layer.get_weights()
        yield f"value/{name}/losses", [np.asarray(v) for v in layer.losses]
        shape = (None, *shape[1:])
        yield f"shape/{name}", tuple(layer.compute_output_shape(shape))
        yield f"params/{name}", layer.count_params()
        yield from configs(name, layer)


def skips_pixels(options):
    """Whether these are options of a transposed convolution for which oneDNN, where a
    processor has AVX2 and no AVX-512, sums a kernel's gradient over wrong pixels."""
    extra = options.get("output_padding")
    return options["kernel_size"] == 1 and extra and extra == options["strides"] - 1


def configs(name, layer):
    for label, one in (
        ("config", layer),
        ("restored", type(layer).from_config(layer.get_config())),
    ):
        config = {k: v for k, v in one.get_config().items() if k != "dtype"}
        if not one.get_config()["name"] == "mine":
            del config["name"]  # another case holds the automatic names
        yield f"{label}/{name}", repr(sorted(config.items()))


# A transposed convolution goes another way.
NO_ROWS = {
    f"{name}/no rows": one_of(
        "as computed",
        "as the input",
        "refused",
        reason="oneDNN gives a batch without rows back as it is, and that may not fit "
        "the bias; without oneDNN TensorFlow computes its shape",
    )
    for name in NAMES
    if "Transpose" not in name
}


def shape_of_no_rows(layer, shape):
    try:
        found = tuple(layer(np.zeros((0, *shape[1:]))).shape)
    except Exception:  # tf.errors.InvalidArgumentError, which minikeras does not have
        return "refused"
    computed = tuple(layer.compute_output_shape((0, *shape[1:])))
    return {computed: "as computed", (0, *shape[1:]): "as the input"}.get(found, found)


@case(EXACT, NO_ROWS)
def names_and_defaults(library):
    """Automatic names, weights' paths, defaults, second names, symbolic shapes."""
    keras = library.keras
    keras.utils.clear_session()
    keras.utils.set_random_seed(3)
    for name in NAMES:
        shape = shape_of(name)
        cls = getattr(keras.layers, name)
        for round_ in (0, 1):
            arguments = (2,) if "Depthwise" in name else (3, 2)
            layer = cls(*arguments)
            yield f"{name}/{round_}", layer.name
            layer(np.zeros(shape, "float32"))
            yield f"{name}/{round_}/paths", [v.path for v in layer.weights]
            yield f"{name}/{round_}/weights", layer.get_weights()
            config = {k: v for k, v in layer.get_config().items() if k != "dtype"}
            yield f"{name}/{round_}/config", repr(sorted(config.items()))
        yield f"{name}/spec", tuple(cls(*arguments)(keras.Input(shape[1:])).shape)
        opened = (*(None,) * (len(shape) - 2), 4)
        yield f"{name}/open", tuple(cls(*arguments)(keras.Input(opened)).shape)
        layer = cls(*arguments, strides=2, padding="same")
        yield f"{name}/some", tuple(layer.compute_output_shape((None, *opened)))
        yield f"{name}/no rows", shape_of_no_rows(cls(*arguments), shape)
        one = cls(*arguments)(np.zeros((1, *shape[1:])))
        yield f"{name}/one row", tuple(one.shape)
        second = name.replace("Conv", "Convolution")
        if "Depthwise" not in name:
            yield f"{name}/second", getattr(keras.layers, second) is cls


@case(EXACT, ROUNDING)
def channels_first(library):
    """Keras's side is computed with the channels last."""
    keras = library.keras
    options = [
        {"kernel_size": 3, "strides": 2, "padding": "same", "use_bias": True},
        {"kernel_size": 2, "dilation_rate": 2, "bias_initializer": "ones"},
    ]
    for name in NAMES:
        shape = shape_of(name)
        for index, given in enumerate(options):
            if "Transpose" in name and index:
                given = {"kernel_size": 2, "bias_initializer": "ones"}
            keras.utils.set_random_seed(4)
            last = np.random.default_rng(5).uniform(-1, 1, shape).astype("float32")
            stands_in = library.name == "keras"
            data_format = "channels_last" if stands_in else "channels_first"
            layer = made(
                getattr(keras.layers, name), given | {"data_format": data_format}
            )
            first = np.ascontiguousarray(np.moveaxis(last, -1, 1))
            x = library.tensor(last if stands_in else first)
            with library.tape(persistent=True) as tape:
                tape.watch(x)
                y = layer(x)
                loss = keras.ops.sum(keras.ops.square(y))
            found, dx = (library.to_numpy(v) for v in (y, tape.gradient(loss, x)))
            if stands_in:
                found, dx = np.moveaxis(found, -1, 1), np.moveaxis(dx, -1, 1)
            yield f"value/{name}/{index}", found
            yield f"gradient/{name}/{index}/x", dx
            for v in layer.trainable_variables:
                yield f"gradient/{name}/{index}/{v.name}", tape.gradient(loss, v)
            real = made(
                getattr(keras.layers, name), given | {"data_format": "channels_first"}
            )
            opened = (None, *first.shape[1:])
            yield f"shape/{name}/{index}", tuple(real.compute_output_shape(opened))
            real.build(opened)
            yield f"names/{name}/{index}", [tuple(v.shape) for v in real.weights]


@case(EXACT, ROUNDING)
def gaps_of_transposed_kernels(library):
    """Keras's side has a larger kernel with zeros between the entries."""
    keras = library.keras
    rng = np.random.default_rng(6)
    for shape, size in ((LINE, (3,)), (IMAGE, (2, 3)), (IMAGE, (3, 2))):
        x = rng.uniform(-1, 1, shape).astype("float32")
        kernel = rng.uniform(-1, 1, (*size, 3, 4)).astype("float32")
        entries = tuple(slice(None, None, 2) for _ in size)
        wide = np.zeros((*(2 * k - 1 for k in size), 3, 4), "float32")
        wide[entries] = kernel
        for padding in ("valid", "same"):
            stands_in = library.name == "keras"
            options = {} if stands_in else {"dilation_rate": 2}

            def spread(x, kernel, padding=padding, options=options):
                return keras.ops.conv_transpose(x, kernel, 1, padding, **options)

            y, (dx, dkernel) = library.value_and_gradients(
                spread, x, wide if stands_in else kernel
            )
            name = f"{size}/{padding}"
            yield f"value/{name}", y
            yield f"gradient/{name}/x", dx
            yield f"gradient/{name}/kernel", dkernel[entries] if stands_in else dkernel


# Kernels of size 1 give partial sums up to 8, so each rounding is up to 2.4e-7.
OPS = Tolerance(
    "sums of up to 84 products, partial sums up to 8",
    absolute=LARGEST * 84**0.5 * 2.4e-7,
)


@case(EXACT, {"value": OPS, "gradient": OPS})
def every_op(library):
    ops = library.keras.ops
    rng = np.random.default_rng(7)

    def numbers(*shape):
        return rng.uniform(-1, 1, shape).astype("float32")

    for shape, size in ((LINE, (3,)), (IMAGE, (3, 2))):
        x, ones = numbers(*shape), (1,) * len(size)
        calls = {
            "conv": (ops.conv, numbers(*size, 4, 3)),
            "conv grouped": (ops.conv, numbers(*size, 2, 6)),
            "depthwise_conv": (ops.depthwise_conv, numbers(*size, 4, 2)),
            "separable_conv": (
                ops.separable_conv,
                numbers(*size, 4, 2),
                numbers(*ones, 8, 3),
            ),
            "conv_transpose": (ops.conv_transpose, numbers(*size, 3, 4)),
        }
        for name, (op, *kernels) in calls.items():
            for padding in ("valid", "SAME"):
                for strides in (1, 2):
                    y, gradients = library.value_and_gradients(
                        lambda *a, o=op, p=padding, s=strides: o(*a, s, p), x, *kernels
                    )
                    label = f"{name}/{len(size)}/{padding}/{strides}"
                    yield f"value/{label}", y
                    yield f"gradient/{label}", gradients
        y = ops.conv_transpose(x, calls["conv_transpose"][1], 2, "same", 1)
        yield f"value/output padding/{len(size)}", y


INITIALIZERS = ("Glorot", "He", "Lecun")


@case(EXACT, {"Normal": Tolerance("last bits of sin, cos and log", absolute=1.4e-6)})
def kernels_from_a_seed(library):
    """The receptive field counts in the fans: shapes of rank 3, 4 and 5."""
    keras = library.keras
    for shape in ((3, 4, 5), (1, 2, 8), (3, 3, 4, 6), (5, 1, 1, 7), (2, 3, 2, 3, 4)):
        for name in INITIALIZERS:
            for kind in ("Uniform", "Normal"):
                initializer = getattr(keras.initializers, f"{name}{kind}")(seed=8)
                yield f"{kind}/{name}/{shape}", initializer(shape)
        for mode in ("fan_in", "fan_out", "fan_avg"):
            scaling = keras.initializers.VarianceScaling(3, mode, "uniform", 9)
            yield f"Uniform/{mode}/{shape}", scaling(shape)


# 12 steps of SGD, each a few roundings of sums of up to 200 products.
DRIFT = Tolerance("12 steps, each √200 roundings", absolute=12 * 200**0.5 * 6e-8)


@case(DRIFT)
def in_a_model(library):
    keras = library.keras
    layers = keras.layers
    keras.utils.set_random_seed(5)
    keras.utils.clear_session()
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(8, 2, groups=2, activation="relu"),
            layers.SeparableConv2D(6, 3, padding="same", activation="relu"),
            layers.DepthwiseConv2D(2, depth_multiplier=2),
            layers.Conv2DTranspose(4, 3, strides=2, padding="same"),
            layers.Reshape((16, 4)),
            layers.Conv1D(5, 3, padding="causal", activation="relu"),
            layers.DepthwiseConv1D(2),
            layers.SeparableConv1D(4, 3, strides=2),
            layers.Conv1DTranspose(2, 2),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    yield "output", tuple(model.output_shape)
    yield "paths", [v.path for v in model.weights]
    yield "initial", model.get_weights()
    model.compile(keras.optimizers.SGD(0.02), "mse")
    rng = np.random.default_rng(6)
    x = rng.uniform(-1, 1, (40, 8, 8, 3)).astype("float32")
    y = x[:, 0, 0, :1] * 2 + x[:, 1, 1, 1:2]
    history = model.fit(x, y, batch_size=13, epochs=3, verbose=0)
    yield "loss", np.float32(history.history["loss"])
    yield "weights", model.get_weights()
    yield "predicted", model.predict(x[:7], verbose=0)
