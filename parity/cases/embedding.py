"""Embedding, Masking, and masked models: values, gradients, weights, configs, fit."""

import warnings

import numpy as np

from parity.case import EXACT, case, ulp

# A row that is looked up up to 6 times: 5 sums of terms of size 1, in another order.
SUMS = ulp(4, "sums of up to 6 numbers in another order", 3e-7)
TRAINED = ulp(
    64, "4 steps or more, each with sums of 10 products in another order", 2e-6
)

INDICES = np.array([[1, 0, 4, 1], [0, 3, 3, 0], [5, 1, 0, 0]])
TABLE = np.linspace(-1, 1, 18, dtype="float32").reshape(6, 3)


def embeddings(keras):
    """(name, layer)"""
    cls = keras.layers.Embedding
    yield "plain", lambda: cls(6, 3)
    yield "masked", lambda: cls(6, 3, mask_zero=True)
    yield "weights", lambda: cls(6, 3, weights=TABLE)
    yield "weights in a list", lambda: cls(6, 3, weights=[TABLE], name="mine")
    yield "positional", lambda: cls(7, 2, "glorot_normal", "l2", "non_neg", True)
    yield (
        "options",
        lambda: cls(
            6,
            3,
            embeddings_initializer=keras.initializers.RandomUniform(-2, 2, seed=5),
            embeddings_regularizer=keras.regularizers.L1L2(0.1, 0.2),
            embeddings_constraint=keras.constraints.MaxNorm(0.5),
            activity_regularizer="l2",
            trainable=False,
            dtype="float64",
        ),
    )
    yield "old", lambda: cls(6, 3, input_length=4)


def mask_of(y):
    mask = getattr(y, "_keras_mask", None)
    return None if mask is None else np.asarray(mask)


def config_of(layer):
    left_out = {"dtype", "quantization_config"}
    return repr(
        sorted((k, v) for k, v in layer.get_config().items() if k not in left_out)
    )


@case(EXACT, {"gradient": SUMS, "losses": SUMS})
def embedding(library):
    keras = library.keras
    for name, make in embeddings(keras):
        keras.utils.set_random_seed(3)
        keras.utils.clear_session()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            layer = make()
        yield f"warned/{name}", len(warned)
        yield f"built/{name}", layer.built
        yield f"early/{name}", [v.path for v in layer.weights]
        with library.tape() as tape:
            y = layer(library.tensor(INDICES))
            loss = keras.ops.sum(keras.ops.square(y + 1.0))
        if layer.trainable:
            dtable = tape.gradient(loss, layer.trainable_variables[0])
            yield f"gradient/{name}", keras.ops.add(dtable, 0.0)  # dense
        yield f"value/{name}", y
        yield f"mask/{name}", mask_of(y)
        yield f"supports_masking/{name}", bool(layer.supports_masking)
        yield f"losses/{name}", [np.asarray(v) for v in layer.losses]
        yield (
            f"weights/{name}",
            [
                (v.name, v.path, tuple(v.shape), str(v.dtype), v.trainable)
                for v in layer.weights
            ],
        )
        yield f"values/{name}", layer.get_weights()
        yield f"config/{name}", config_of(layer)
        restored = type(layer).from_config(layer.get_config())
        yield f"config/{name}/restored", config_of(restored)
        yield f"restored/{name}", restored(library.tensor(INDICES)).shape[-1]
        for shape in ((None,), (None, 4), (2, None, 3)):
            shape_of = tuple(layer.compute_output_shape(shape))
            yield f"shape/{name}/{shape}", shape_of
        yield f"symbolic/{name}", tuple(layer(keras.Input((4,), dtype="int32")).shape)


@case(EXACT)
def indices(library):
    """All the kinds and shapes of indices; fractions are cut off."""
    keras = library.keras
    layer = keras.layers.Embedding(6, 3, weights=TABLE, mask_zero=True)
    for dtype in ("int8 uint8 int16 int32 int64 uint32 bool float32 float64").split():
        y = layer(
            library.tensor((INDICES % 2 if dtype == "bool" else INDICES).astype(dtype))
        )
        yield dtype, [y, mask_of(y)]
    y = layer(library.tensor(np.array([[0.5, 1.99, -0.5, 0.0]])))
    yield "fractions", [y, mask_of(y)]
    for shape in ((0,), (0, 4), (3, 0), (1,), (2, 1, 3)):
        x = np.arange(np.prod(shape)).reshape(shape)
        with library.tape() as tape:
            y = layer(library.tensor(x))
            loss = keras.ops.sum(y)
        yield f"{shape}", [y, mask_of(y)]
        table = layer.trainable_variables[0]
        gradient = keras.ops.add(tape.gradient(loss, table), 0.0)
        yield f"{shape}/gradient", gradient


@case(EXACT)
def mistakes(library):
    keras = library.keras
    embed = keras.layers.Embedding
    tried = {
        "input_dim 0": lambda: embed(0, 3),
        "input_dim None": lambda: embed(None, 3),
        "input_dim 2.0": lambda: embed(2.0, 3),
        "input_dim True": lambda: embed(True, 3),
        "output_dim -1": lambda: embed(3, -1),
        "weights": lambda: embed(6, 3, weights=TABLE.T),
        "initializer": lambda: embed(6, 3, "no_such"),
        "unknown": lambda: embed(6, 3, masks_zero=True),
        "TimeDistributed": lambda: keras.layers.TimeDistributed("dense"),
        "Wrapper": lambda: keras.layers.Wrapper(3),
    }
    for name, mistake in tried.items():
        try:
            mistake()
        except ValueError as error:
            yield name, type(error).__name__
        else:
            yield name, "nothing"
    # A row that is missing is found out by both; TensorFlow has its own error type.
    for bad in (6, 100):
        try:
            embed(6, 3)(library.tensor(np.array([[1, bad]])))
        except Exception:
            yield f"index {bad}", "error"


@case(EXACT)
def masking(library):
    keras = library.keras
    x = np.arange(24, dtype="float32").reshape(2, 4, 3) % 5
    x[0, 1] = x[1, 3] = 0
    x[1, 0] = x[0, 2] = 2
    x[1, 1] = np.nan
    for value in (0.0, 2, -1.5, float("nan")):
        keras.utils.clear_session()
        layer = keras.layers.Masking(value) if value else keras.layers.Masking()
        tensor = library.tensor(x)
        with library.tape() as tape:
            tape.watch(tensor)
            y = layer(tensor)
            loss = keras.ops.sum(y * np.arange(24, dtype="float32").reshape(x.shape))
        yield f"{value}", [y, mask_of(y), np.asarray(layer.compute_mask(tensor))]
        yield f"{value}/gradient", tape.gradient(loss, tensor)
        yield f"{value}/config", config_of(layer)
        yield (
            f"{value}/restored",
            config_of(type(layer).from_config(layer.get_config())),
        )
        yield f"{value}/shape", tuple(layer.compute_output_shape((None, 4, 3)))
        yield f"{value}/symbolic", tuple(layer(keras.Input((4, 3))).shape)
        yield f"{value}/facts", (layer.built, layer.supports_masking, layer.name)
    for shape in ((0, 4, 3), (1, 1, 1), (2, 3), (2, 2, 2, 2)):
        y = keras.layers.Masking()(library.tensor(np.ones(shape, "float32")))
        yield f"{shape}", [y, mask_of(y)]
    y = keras.layers.Masking(1)(library.tensor(np.ones((2, 2, 3), "int32")))
    yield "ints", [y, mask_of(y)]


def sequences(seed=0, rows=12, steps=5, words=9):
    """Indices that end in zeros, and a target for each row."""
    rng = np.random.default_rng(seed)
    x = rng.integers(1, words, (rows, steps))
    x[np.arange(steps) >= rng.integers(1, steps + 1, rows)[:, None]] = 0
    return x, rng.normal(size=(rows, 2)).astype("float32")


@case(TRAINED)
def trained(library):
    """Words to vectors to a mean over those that are not masked, with each optimizer.

    The gradient of the table is a list of rows, some of them there several times."""
    keras = library.keras
    x, y = sequences()
    optimizers = {
        "sgd": lambda: keras.optimizers.SGD(0.1),
        "momentum": lambda: keras.optimizers.SGD(0.1, 0.9, nesterov=True),
        "decay": lambda: keras.optimizers.SGD(0.1, weight_decay=0.1),
        "clipvalue": lambda: keras.optimizers.SGD(0.1, clipvalue=0.05),
        "clipnorm": lambda: keras.optimizers.SGD(0.1, clipnorm=0.05),
        "global_clipnorm": lambda: keras.optimizers.SGD(0.1, global_clipnorm=0.05),
        "adam": lambda: keras.optimizers.Adam(0.01),
        "amsgrad": lambda: keras.optimizers.Adam(0.01, amsgrad=True),
        "rmsprop": lambda: keras.optimizers.RMSprop(0.01),
        "adagrad": lambda: keras.optimizers.Adagrad(0.1),
        "adamw": lambda: keras.optimizers.AdamW(0.01),
        "centered": lambda: keras.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
        "adamax": lambda: keras.optimizers.Adamax(0.01),
        "nadam": lambda: keras.optimizers.Nadam(0.01),
        "adadelta": lambda: keras.optimizers.Adadelta(1.0),
        "lamb": lambda: keras.optimizers.Lamb(0.01),
        "lion": lambda: keras.optimizers.Lion(0.001),
        "ftrl": lambda: keras.optimizers.Ftrl(0.1),
        "clipped adam": lambda: keras.optimizers.Adam(0.01, clipnorm=0.05),
        "cut adam": lambda: keras.optimizers.Adam(0.01, clipvalue=0.01),
        "scaled adam": lambda: keras.optimizers.Adam(0.01, global_clipnorm=0.05),
        "slow adam": lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=2),
    }
    for name, make in optimizers.items():
        keras.utils.set_random_seed(3)
        layers = keras.layers
        model = keras.Sequential(
            [
                layers.Embedding(
                    9,
                    4,
                    mask_zero=True,
                    embeddings_regularizer="l2" if name == "amsgrad" else None,
                    embeddings_constraint="max_norm" if name == "sgd" else None,
                ),
                layers.TimeDistributed(layers.Dense(3, "tanh")),
                layers.GlobalAveragePooling1D(),
                layers.Dense(2),
            ]
        )
        eager = library.eager_unless(name in ("sgd", "adam"))
        model.compile(make(), "mse", metrics=["mae"], run_eagerly=eager)
        history = model.fit(x, y, epochs=2, batch_size=6, verbose=0).history
        for key, values in history.items():
            yield f"{name}/{key}", np.float32(values)
        yield f"{name}/weights", model.get_weights()
    yield "evaluate", np.float32(model.evaluate(x, y, verbose=0))
    yield "predict", model.predict(x, verbose=0)
    yield "paths", [v.path.partition("/")[2] for v in model.weights]


@case(TRAINED)
def masked_loss(library):
    """A target for each time step: loss and metrics leave the masked steps out."""
    keras = library.keras
    layers = keras.layers
    x, _ = sequences(1)
    labels = x % 3
    steps = np.eye(4, dtype="float32")[x % 4] * (x > 0)[..., None]
    weights = np.linspace(0.5, 2, x.size, dtype="float32").reshape(x.shape)
    starts = {
        "embedding": (x, lambda: layers.Embedding(9, 4, mask_zero=True)),
        "unmasked": (x, lambda: layers.Embedding(9, 4)),
        "masking": (steps, lambda: layers.Masking()),
    }
    for name, (inputs, make) in starts.items():
        for weighted in (None, weights[:, :1], weights):
            keras.utils.set_random_seed(3)
            model = keras.Sequential(
                [make(), layers.Dropout(0.2), layers.Dense(3, "softmax")]
            )
            model.compile(
                "adam",
                "sparse_categorical_crossentropy",
                metrics=["accuracy"],
                weighted_metrics=["sparse_categorical_crossentropy"],
                run_eagerly=library.eager_unless(
                    name == "embedding" and weighted is None
                ),
            )
            label = f"{name}/{None if weighted is None else weighted.shape[1]}"
            history = model.fit(
                inputs,
                labels,
                epochs=2,
                batch_size=5,
                verbose=0,
                sample_weight=weighted,
                validation_split=0.25,
            ).history
            for key, values in history.items():
                yield f"{label}/{key}", np.float32(values)
            yield f"{label}/weights", model.get_weights()
            found = model.evaluate(
                inputs, labels, batch_size=5, verbose=0, sample_weight=weighted
            )
            yield f"{label}/evaluate", np.float32(found)


@case(TRAINED)
def a_loop_of_ones_own(library):
    """Gradients that a user takes and applies are lists of rows, too; also those of a
    table that is looked up twice, and of `ops.take` in a layer of the user's."""
    keras = library.keras
    x, y = sequences()

    class Taken(keras.layers.Layer):
        def build(self, input_shape):
            self.table = self.add_weight((9, 4), "uniform", name="table")

        def call(self, inputs):
            rows = keras.ops.cast(inputs, "int32")
            return keras.ops.take(self.table, rows, axis=0)

    class Twice(keras.layers.Embedding):
        def call(self, inputs):
            return super().call(inputs) + 0.5 * super().call(inputs[:, ::-1])

    for name, make in (
        ("embedding", lambda: keras.layers.Embedding(9, 4)),
        ("take", Taken),
        ("twice", lambda: Twice(9, 4)),
    ):
        keras.utils.set_random_seed(3)
        mean = keras.layers.GlobalAveragePooling1D()
        model = keras.Sequential([make(), mean, keras.layers.Dense(2)])
        optimizer = keras.optimizers.Adam(0.01)
        for _ in range(3):
            with library.tape() as tape:
                loss = keras.ops.mean((model(x) - y) ** 2)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(
                zip(gradients, model.trainable_variables, strict=True)
            )
        yield name, model.get_weights()
        yield f"{name}/gradient", [keras.ops.add(g, 0.0) for g in gradients]
