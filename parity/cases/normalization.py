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


@case(EXACT, BOUNDS)
def masked(library):
    """Moments of what a mask (given, or carried by the input) leaves over."""
    keras = library.keras
    for axis, shape in ((-1, STEPS), (1, STEPS), (2, IMAGES)):
        for options in ({}, {"renorm": True}):
            keras.utils.set_random_seed(13)
            layer = keras.layers.BatchNormalization(
                axis, momentum=0.5, name="own", **options
            )
            for step in range(3):
                x = numbers(shape, seed=step)
                rng = np.random.default_rng(step)
                mask = library.tensor(rng.integers(0, 2, shape[:-1]).astype(bool))
                y, gradients = value_and_gradients(
                    library, layer, x, training=True, mask=mask
                )
                name = f"{axis}/{shape}/{options}/{step}"
                yield f"value/{name}", y
                yield f"gradient/{name}", gradients
                yield f"moving/{name}", layer.get_weights()
    hidden = library.tensor(np.zeros(STEPS[:-1], bool))
    layer = keras.layers.BatchNormalization()
    yield "value/hidden", layer(numbers(STEPS), training=True, mask=hidden)
    yield "moving/hidden", layer.get_weights()


@case(EXACT, BOUNDS)
def whole_numbers(library):
    """Layers without autocast give whole numbers back, rounded towards 0."""
    keras = library.keras
    x = np.arange(24).reshape(2, 3, 4) ** 2
    for dtype in ("int32", "int64", "uint8"):
        for name, layer in {
            "batch": keras.layers.BatchNormalization(),
            "layer": keras.layers.LayerNormalization(),
            "group": keras.layers.GroupNormalization(2),
            "rms": keras.layers.RMSNormalization(),
            "unit": keras.layers.UnitNormalization(),
        }.items():
            yield f"value/{name}/{dtype}", layer(x.astype(dtype))
        training = keras.layers.BatchNormalization()(x.astype(dtype), training=True)
        yield f"value/training/{dtype}", training


@case(EXACT, BOUNDS)
def ops(library):
    keras = library.keras
    x = numbers((2, 3, 4))
    vectors = [np.abs(numbers((4,), seed=s)) for s in range(4)]
    for axis, size in ((-1, 4), (1, 3), (2, 4), (-2, 3)):
        mean, variance, offset, scale = (v[:size] for v in vectors)
        for given in (
            {},
            {"offset": offset},
            {"scale": scale, "epsilon": 0.1},
            {"offset": offset, "scale": scale},
        ):
            y, gradients = library.value_and_gradients(
                lambda x, m, v, axis=axis, given=given: keras.ops.batch_normalization(
                    x, m, v, axis, **given
                ),
                x,
                mean,
                variance,
            )
            yield f"value/batch/{axis}/{sorted(given)}", y
            yield f"gradient/batch/{axis}/{sorted(given)}", gradients
    for axis, shape in ((-1, (4,)), (1, (3,)), ([1, 2], (3, 4)), ([0, -1], (2, 4))):
        gamma, beta = numbers(shape, seed=3), numbers(shape, seed=4)
        for function in (
            lambda x, axis=axis: keras.ops.layer_normalization(x, axis=axis),
            lambda x, axis=axis, gamma=gamma: keras.ops.layer_normalization(
                x, gamma, axis=axis, epsilon=0.1
            ),
            lambda x, axis=axis, gamma=gamma, beta=beta: keras.ops.layer_normalization(
                x, gamma, beta, axis
            ),
            lambda x, axis=axis: keras.ops.rms_normalization(x, axis=axis),
        ):
            label = f"{axis}/{function.__code__.co_firstlineno}"
            y, gradients = library.value_and_gradients(function, x)
            yield f"value/sample/{label}", y
            yield f"gradient/sample/{label}", gradients
