"""Whole networks of every kind, trained from a seed: nothing is copied across.

Each is trained for ten epochs with each of four optimizers. Compared are the first
weights, the loss of every batch, the weights at the end, the first gradients (in
float32, and in float64, where only the formulas matter), and the dropout masks.
"""

import numpy as np

from parity.case import EXACT, Tolerance, case

EPOCHS, BATCH, ROWS, CLASSES = 10, 16, 48, 4
STEPS = EPOCHS * ROWS // BATCH
OPTIMIZERS = ("SGD", "Adagrad", "Adadelta", "Adam")
# A float32 rounding is 6e-8 of a number.
ROUNDING = 2.0**-24


def drift(step: int, factor: float = 1.0) -> Tolerance:
    """What `step` updates may add up to.

    A loss sums some 100 rounded terms (8 roundings); each update rounds the weights
    once and carries the difference of the gradients on. That holds for networks whose
    gradients are continuous: with a ReLU or a maximum, a rounding that moves an entry
    to the other side is a jump, on one processor and not on another.
    """
    return Tolerance(
        f"100 summed terms and {step} float32 updates",
        absolute=(8 + 4 * step) * factor * ROUNDING,
        relative=8 * ROUNDING,
    )


# Adam and Adadelta divide by the gradient's own size, so the rounding of a small
# gradient becomes the rounding of a whole step: measured up to 10 times the others'.
FACTOR = {"SGD": 1.0, "Adagrad": 4.0, "Adadelta": 4.0, "Adam": 10.0}
UNIFORM = EXACT  # glorot_uniform, zeros, ones: bit for bit
ORTHOGONAL = Tolerance("a QR of normal draws that agree to 1e-6", absolute=2e-6)
FIRST_GRADIENT = Tolerance(
    "scaled to 1; sums of up to 1000 products, sqrt(1000) roundings", absolute=4e-6
)
FORMULA = Tolerance(
    "scaled to 1; float64, from weights that agree to 2e-6 where orthogonal",
    absolute=1e-5,
)
PER_KEY = {
    "first/uniform": UNIFORM,
    "first/recurrent": ORTHOGONAL,
    "gradient/float32": FIRST_GRADIENT,
    "gradient/float64": FORMULA,
    **{
        f"loss/{name}/{step:02d}": drift(step, factor)
        for name, factor in FACTOR.items()
        for step in range(STEPS)
    },
    **{f"last/{name}": drift(STEPS, 4 * factor) for name, factor in FACTOR.items()},
}


def convolutional(layers):
    return (12, 12, 1), [
        layers.Conv2D(8, 3, activation="elu"),
        layers.AveragePooling2D(2),
        layers.Conv2D(16, 3, strides=2, padding="same", activation="tanh"),
        layers.Flatten(),
        layers.Dense(CLASSES, activation="softmax"),
    ]


def lstm(layers):
    return (9, 5), [layers.LSTM(12), layers.Dense(CLASSES, activation="softmax")]


def gru(layers):
    return (9, 5), [
        layers.GRU(12, return_sequences=True),
        layers.GRU(8),
        layers.Dense(CLASSES, activation="softmax"),
    ]


def normalized(layers):
    """No biases in front of the normalisation: it takes them out again, so that their
    gradients are rounding alone, of which Adam makes steps of full size."""
    return (20,), [
        layers.Dense(16, use_bias=False),
        layers.BatchNormalization(),
        layers.Activation("elu"),
        layers.Dropout(0.3),
        layers.Dense(12, use_bias=False),
        layers.BatchNormalization(),
        layers.Dropout(0.2),
        layers.Dense(CLASSES, activation="softmax"),
    ]


def data(shape):
    rng = np.random.default_rng(12)
    x = rng.normal(size=(ROWS, *shape)).astype("float32")
    return x, rng.integers(0, CLASSES, size=ROWS)


def build(keras, make):
    shape, layers = make(keras.layers)
    return keras.Sequential([keras.Input(shape), *layers])


def first_gradients(library, model, x, y):
    keras = library.keras
    loss = keras.losses.SparseCategoricalCrossentropy()
    with library.tape() as tape:
        value = loss(y, model(library.tensor(x), training=False))
    for v, g in zip(
        model.trainable_variables,
        tape.gradient(value, model.trainable_variables),
        strict=True,
    ):
        g = library.to_numpy(g)
        yield v.path, g / 2.0 ** np.ceil(np.log2(np.abs(g).max()))


def trained(library, make):
    keras = library.keras
    x, y = data(make(keras.layers)[0])
    for name in OPTIMIZERS:
        keras.utils.clear_session()
        keras.utils.set_random_seed(21)
        model = build(keras, make)
        if name == OPTIMIZERS[0]:
            for v in model.weights:
                kind = "recurrent" if "recurrent" in v.path else "uniform"
                yield f"first/{kind}/{v.path}", library.to_numpy(v)
            for path, g in first_gradients(library, model, x[:BATCH], y[:BATCH]):
                yield f"gradient/float32/{path}", g
        rate = {"SGD": 0.1, "Adagrad": 0.05, "Adadelta": 1.0, "Adam": 0.01}[name]
        model.compile(
            getattr(keras.optimizers, name)(rate), "sparse_categorical_crossentropy"
        )
        losses: list[float] = []

        class EachBatch(keras.callbacks.Callback):
            def on_train_batch_begin(self, batch, logs=None):
                self.model.reset_metrics()  # so that the logs are this batch's alone

            def on_train_batch_end(self, batch, logs=None, losses=losses):
                losses.append(logs["loss"])

        model.fit(
            x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=[EachBatch()]
        )
        yield f"falls/{name}", losses[-1] < losses[0]
        for step, loss in enumerate(losses):
            yield f"loss/{name}/{step:02d}", np.float32(loss)
        for v in model.weights:
            yield f"last/{name}/{v.path}", library.to_numpy(v)
        for layer in model.layers:
            if isinstance(layer, keras.layers.Dropout):
                ones = np.ones((5, 7), "float32")
                yield f"mask/{name}/{layer.name}", layer(ones, training=True)


def in_float64(library, make):
    """The first gradients where rounding does not matter: what is left is formula."""
    keras = library.keras
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        keras.utils.clear_session()
        keras.utils.set_random_seed(21)
        model = build(keras, make)
        x, y = data(make(keras.layers)[0])
        x = x[:BATCH].astype("float64")
        for path, g in first_gradients(library, model, x, y[:BATCH]):
            yield f"gradient/float64/{path}", g
    finally:
        keras.config.set_floatx(before)


@case(EXACT, PER_KEY, slow=True)
def convolutional_network(library):
    yield from trained(library, convolutional)
    yield from in_float64(library, convolutional)


@case(EXACT, PER_KEY, slow=True)
def lstm_network(library):
    yield from trained(library, lstm)
    yield from in_float64(library, lstm)


@case(EXACT, PER_KEY, slow=True)
def gru_network(library):
    yield from trained(library, gru)
    yield from in_float64(library, gru)


@case(EXACT, PER_KEY, slow=True)
def normalized_network(library):
    yield from trained(library, normalized)
    yield from in_float64(library, normalized)
