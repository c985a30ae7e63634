"""TimeDistributed over a table of layers: values, masks, seeds, gradients, weights."""

import numpy as np

from parity.case import EXACT, case, one_of, ulp

FEW = ulp(8, "sums of up to 18 products and one exp, in another order", 2e-7)
# A gradient sums up to 24 terms of size up to 3, which may cancel: 4 roundings of 3.
SUMS = ulp(8, "sums of 24 terms of size 3 that cancel", 2e-6)
# dx of a normalisation is a difference of three terms of size up to 20: 2 roundings,
# and TensorFlow's 1/σ is within 2 ulp.
CENTRED = ulp(8, "differences of three terms of size 20 that cancel", 1e-5)
TRAINED = ulp(64, "6 steps, each with sums of 24 products in another order", 4e-6)

STEPS, IMAGES = (2, 4, 3), (2, 3, 4, 4, 2)


def rows(keras):
    """(name, wrapped layer, input shape)"""
    layers = keras.layers
    yield from (
        ("dense", lambda: layers.Dense(3), STEPS),
        ("dense_rank4", lambda: layers.Dense(2, "tanh"), (2, 3, 4, 5)),
        (
            "dense_options",
            lambda: layers.Dense(
                3,
                activation="softmax",
                kernel_initializer="he_normal",
                kernel_regularizer="l2",
                bias_constraint="non_neg",
                activity_regularizer="l1",
                name="mine",
            ),
            STEPS,
        ),
        ("activation", lambda: layers.Activation("gelu"), STEPS),
        ("softmax", lambda: layers.Softmax(), STEPS),
        ("softmax_axis0", lambda: layers.Softmax(axis=0), STEPS),
        ("softmax_axis-2", lambda: layers.Softmax(axis=-2), STEPS),
        ("prelu", lambda: layers.PReLU("he_uniform"), STEPS),
        ("identity", lambda: layers.Identity(), STEPS),
        ("dropout", lambda: layers.Dropout(0.5), STEPS),
        ("dropout_seed", lambda: layers.Dropout(0.5, (None, 1), seed=4), STEPS),
        ("dropout_0", lambda: layers.Dropout(0), STEPS),
        ("flatten", lambda: layers.Flatten(), IMAGES),
        ("reshape", lambda: layers.Reshape((2, -1)), IMAGES),
        ("permute", lambda: layers.Permute((3, 1, 2)), IMAGES),
        ("max_pooling", lambda: layers.MaxPooling2D(), IMAGES),
        ("average", lambda: layers.GlobalAveragePooling2D(), IMAGES),
        ("average1d", lambda: layers.GlobalAveragePooling1D(), (2, 3, 4, 2)),
        ("conv1d", lambda: layers.Conv1D(2, 2), (2, 3, 4, 2)),
        ("conv2d", lambda: layers.Conv2D(2, 3, padding="same"), IMAGES),
        ("batch_norm", lambda: layers.BatchNormalization(), (6, 4, 3)),
        ("layer_norm", lambda: layers.LayerNormalization(), STEPS),
        ("noise", lambda: layers.GaussianNoise(0.5), STEPS),
        ("lstm", lambda: layers.LSTM(2), (2, 3, 4, 2)),
        ("gru_sequences", lambda: layers.GRU(2, return_sequences=True), (2, 3, 4, 2)),
        ("masking", lambda: layers.Masking(), (2, 3, 4, 2)),
        ("nested", lambda: layers.TimeDistributed(layers.Dense(2)), (2, 3, 4, 2)),
        (
            "sequential",
            lambda: keras.Sequential(
                [
                    layers.Dense(4, activity_regularizer="l2"),
                    layers.Dropout(0.5),
                    layers.Dense(2),
                ],
                name="inner",
            ),
            STEPS,
        ),
        (
            "sequential_fixed",
            lambda: keras.Sequential(
                [keras.Input((3,)), layers.Dense(4, "relu"), layers.Dense(2)],
                name="inner",
            ),
            STEPS,
        ),
    )


def mask_of(y):
    mask = getattr(y, "_keras_mask", None)
    return None if mask is None else np.asarray(mask)


def config_of(layer):
    """The config without dtype policies, quantisation, and what models add to it."""

    def plain(config):
        if isinstance(config, dict):
            left_out = {
                "dtype",
                "quantization_config",
                "build_config",
                "compile_config",
            }
            return sorted((k, plain(v)) for k, v in config.items() if k not in left_out)
        if isinstance(config, (list, tuple)):
            return [plain(part) for part in config]
        return config

    return repr(plain(layer.get_config()))


@case(
    EXACT,
    {
        "value": FEW,
        "gradient": SUMS,
        "gradient/batch_norm": CENTRED,
        "gradient/layer_norm": CENTRED,
        "losses": FEW,
        "few/conv1d": one_of(
            "(0, 3, 3, 2)",
            "(0, 3, 4, 2)",
            reason="oneDNN gives a batch without rows back as it is",
        ),
    },
)
def every_layer(library):
    keras = library.keras
    keras.utils.clear_session()
    for name, make, shape in rows(keras):
        keras.utils.set_random_seed(13)
        layer = keras.layers.TimeDistributed(make(), name=f"over_{name}")
        x = np.random.default_rng(1).normal(size=shape).astype("float32")
        mask = np.arange(shape[0] * shape[1]).reshape(shape[:2]) % 3 > 0
        tensor = library.tensor(x)
        yield f"value/{name}", layer(tensor)
        for i, training in enumerate((True, False, True)):
            with library.tape() as tape:
                tape.watch(tensor)
                y = layer(tensor, training=training)
                loss = keras.ops.sum(keras.ops.square(y + 0.5))
            yield f"value/{name}/{i}", y
            yield f"losses/{name}/{i}", [np.asarray(v) for v in layer.losses]
        dx, *gradients = tape.gradient(loss, [tensor, *layer.trainable_variables])
        yield f"gradient/{name}/x", dx
        for i, gradient in enumerate(gradients):
            yield f"gradient/{name}/{i}", gradient
        takes_mask = name.startswith(
            (
                "softmax",
                "average1d",
                "nested",
                "sequential",
                "lstm",
                "gru",
                "batch_norm",
            )
        )
        if not takes_mask:
            y = layer(tensor, mask=library.tensor(mask))
            yield f"value/{name}/masked", [y, mask_of(y)]
        paths = [(v.name, v.path, tuple(v.shape)) for v in layer.weights]
        yield f"weights/{name}", paths
        yield f"values/{name}", layer.get_weights()
        yield f"shape/{name}", tuple(layer.compute_output_shape((None, *shape[1:])))
        yield f"config/{name}", config_of(layer)
        restored = type(layer).from_config(layer.get_config())
        yield f"config/{name}/restored", config_of(restored)
        symbolic = keras.layers.TimeDistributed(make())(keras.Input(shape[1:]))
        yield f"symbolic/{name}", tuple(symbolic.shape)
        # TensorFlow's BiasAdd refuses an LSTM without rows.
        few = (1,) if name.startswith(("lstm", "gru")) else (0, 1)
        for n in few:
            yield f"few/{name}/{n}", str(tuple(layer(tensor[:n]).shape))


@case(FEW)
def masks(library):
    """The wrapped layer gets the mask of its step, and is asked for none."""
    keras = library.keras
    layers = keras.layers
    x = np.random.default_rng(1).normal(size=(2, 3, 4, 2)).astype("float32")
    mask = np.arange(24).reshape(2, 3, 4) % 4 > 0
    for name, layer in (
        ("softmax", layers.Softmax()),
        ("average", layers.GlobalAveragePooling1D()),
    ):
        given = mask[..., None] & np.ones(2, bool) if name == "softmax" else mask
        y = layers.TimeDistributed(layer)(library.tensor(x), mask=library.tensor(given))
        yield name, [y, mask_of(y)]
    seen = []

    class See(layers.Layer):
        def call(self, inputs, mask=None, training=None):
            seen.append((None if mask is None else np.asarray(mask).tolist(), training))
            return inputs * 2.0

        def compute_output_shape(self, input_shape):
            return input_shape

    layer = layers.TimeDistributed(See())
    layer(library.tensor(x))
    seen.clear()
    for training in (None, True, False):
        layer(library.tensor(x), training=training)
        layer(library.tensor(x), training=training, mask=library.tensor(mask[..., 0]))
    y = layer(layers.Masking()(library.tensor(x[..., 0])))
    yield "handed on", mask_of(y)
    yield "seen", repr(seen)
    for label, shape in (("rank 1", (2,)), ("time", (2, 4)), ("batch", (3, 3))):
        try:
            layer(library.tensor(x), mask=library.tensor(np.ones(shape, bool)))
        except ValueError:
            yield label, "ValueError"
    for shape in ((2,), (2, 3)):
        try:
            layers.TimeDistributed(layers.Dense(2))(library.tensor(np.ones(shape)))
        except ValueError:
            yield f"{shape}", "ValueError"


@case(TRAINED)
def trained(library):
    """In fit, each step draws a dropout mask of its own; frozen parts stay."""
    keras = library.keras
    layers = keras.layers
    rng = np.random.default_rng(2)
    x = rng.normal(size=(6, 4, 3)).astype("float32")
    y = rng.normal(size=(6, 4, 2)).astype("float32")
    for name, inner in (
        ("dense", lambda: layers.Dense(2)),
        ("dropout", lambda: layers.Dropout(0.3)),
        (
            "sequential",
            lambda: keras.Sequential([layers.Dense(3), layers.Dropout(0.3)]),
        ),
        ("frozen", lambda: layers.Dense(2, trainable=False)),
    ):
        keras.utils.set_random_seed(7)
        chain = [layers.Masking(), layers.TimeDistributed(inner()), layers.Dense(2)]
        model = keras.Sequential([keras.Input((4, 3)), *chain])
        eager = library.eager_unless(name == "sequential")
        model.compile("adam", "mse", metrics=["mae"], run_eagerly=eager)
        history = model.fit(x, y, epochs=3, batch_size=3, verbose=0).history
        for key, values in history.items():
            yield f"{name}/{key}", np.float32(values)
        yield f"{name}/weights", model.get_weights()
        yield f"{name}/predict", model.predict(x, verbose=0)
        yield f"{name}/evaluate", np.float32(model.evaluate(x, y, verbose=0))
        yield f"{name}/trainable", [v.name for v in model.trainable_weights]
