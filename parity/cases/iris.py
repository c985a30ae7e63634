"""The tutorial on iris, nothing copied across: 500 epochs of the Sequential form, 100
of the subclassed one, whose bits are those of the other (tests/models/test_forms.py).
"""

import numpy as np

from minikeras.datasets import iris as iris_data
from parity.case import EXACT, Tolerance, case

LOSS = Tolerance("2000 float32 steps: measured drift 2.4e-7, promised 1e-6", 0, 1e-6)
ACCURACY = Tolerance("the same counts, divided in float32", 0, 1e-7)
WEIGHTS = Tolerance(
    "2000 float32 updates of weights below 4, √2000 roundings",
    absolute=2000**0.5 * 1.2e-7,
)
ROUNDING = {
    "loss": LOSS,
    "val_loss": LOSS,
    "sparse_categorical_accuracy": ACCURACY,
    "val_sparse_categorical_accuracy": ACCURACY,
    "weights": WEIGHTS,
    "predict": LOSS,
    "evaluate": LOSS,
}


def shuffled_iris():
    """The data in the order into which the tutorial shuffles it."""
    x, y = iris_data.load_data()
    np.random.seed(1024)
    np.random.shuffle(x)
    np.random.seed(1024)
    np.random.shuffle(y)
    return x, y


def sequential(keras):
    return keras.Sequential(
        [
            keras.layers.Dense(
                3, activation="softmax", kernel_regularizer=keras.regularizers.l2()
            )
        ]
    )


def subclassed(keras):
    class IrisModel(keras.Model):
        def __init__(self):
            super().__init__()
            self.d1 = keras.layers.Dense(
                3, activation="softmax", kernel_regularizer=keras.regularizers.l2()
            )

        def call(self, x):
            return self.d1(x)

    return IrisModel()


def run(keras, make_model, epochs=500):
    x, y = shuffled_iris()
    keras.utils.set_random_seed(7)
    model = make_model(keras)
    texts: list[str] = []

    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.1),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False),
        metrics=["sparse_categorical_accuracy"],
    )
    model.summary(print_fn=texts.append)
    yield "summary/unbuilt", "\n".join(texts)
    history = model.fit(
        x,
        y,
        batch_size=32,
        epochs=epochs,
        validation_split=0.2,
        validation_freq=20,
        verbose=0,
    )
    for name, values in history.history.items():
        yield name, np.array(values)
    yield "names", list(history.history)
    yield "epochs", history.epoch
    texts.clear()
    model.summary(print_fn=texts.append)
    yield "summary/trained", "\n".join(texts)
    yield "count", model.count_params()
    for i, weight in enumerate(model.get_weights()):
        yield f"weights/{i}", weight
    yield "paths", [v.path for v in model.weights]
    yield "iterations", int(model.optimizer.iterations)
    yield "predict", model.predict(x, verbose=0)
    yield "evaluate", np.array(model.evaluate(x, y, verbose=0))


@case(EXACT, ROUNDING, slow=True)
def sequential_500_epochs(library):
    yield from run(library.keras, sequential)


@case(EXACT, ROUNDING, slow=True)
def subclassed_100_epochs(library):
    yield from run(library.keras, subclassed, epochs=100)


@case(EXACT)
def initial_weights(library):
    """The first weights of both forms are bit for bit those of tf.keras."""
    keras = library.keras
    x, _ = shuffled_iris()
    for seed in (0, 7, 2**31 - 1):
        for make_model in (sequential, subclassed):
            keras.utils.set_random_seed(seed)
            model = make_model(keras)
            model(x[:1])
            for i, weight in enumerate(model.get_weights()):
                yield f"{make_model.__name__}/{seed}/{i}", weight


@case(EXACT)
def batch_order(library):
    """The rows of every step of two epochs and of a second fit, by row number."""
    keras = library.keras

    class Recorder(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)
            self.seen = []

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, _ = data
            self.seen.append(library.to_numpy(x)[:, 0])
            return {"loss": 0.0}

    for rows, batch_size in ((10, 3), (150, 32), (1, 1)):
        for seed in (0, 1, 12345):
            keras.utils.set_random_seed(seed)
            model = Recorder()
            model.compile(optimizer="sgd", loss="mse", run_eagerly=True)
            x = np.arange(rows, dtype="float32")[:, None]
            for _ in range(2):
                model.fit(x, x, batch_size=batch_size, epochs=2, verbose=0)
            yield f"{rows}/{batch_size}/{seed}", np.concatenate(model.seen)
