"""A classifier of the size of the MNIST examples: 784-512-512-10, Adam.

The matrix products take most of a step, so this compares BLAS libraries and the
memory traffic of Adam more than overhead. Inputs and sizes are parameters:
`crossover` and `scaling` run the same model in others.
"""

import warnings

import numpy as np

from benchmarks.aims import beside_tf_keras
from benchmarks.baselines import mlp_plain
from benchmarks.training import Training

TITLE = "MLP 784-512-512-10, relu, softmax, Adam, batch 128, 2048 rows"
ROWS = 2048
BATCH = 128
INPUTS = 784
WIDTH = 512
CLASSES = 10
EPOCHS = 5
STEPS = ROWS // BATCH
UNIT = 1
# Adam divides a gradient by its size, so that what is left of one by rounding moves
# its weight as far as any other does. Measured over these 80 steps: the hand-written
# loop 5e-5.
TOLERANCE = 2e-4
AIMS = beside_tf_keras(1.3)
USED = ("utils.set_random_seed", "Sequential", "layers.Dense")


def data(rows=ROWS, inputs=INPUTS):
    """x float32 (rows, inputs) around 0, y int64 (rows,), the largest of 10 sums."""
    random = np.random.default_rng(0)
    x = random.random((rows, inputs), "float32") - np.float32(0.5)
    directions = random.standard_normal((inputs, CLASSES), "float32")
    return x, (x @ directions).argmax(axis=1)


def with_keras(keras, inputs=INPUTS, width=WIDTH, batch=BATCH, rows=ROWS):
    x, y = data(rows, inputs)
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Dense(width, activation="relu"),
            keras.layers.Dense(width, activation="relu"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return Training(model, x, y, batch_size=batch)


def by_hand():
    """From the weights and in the order of rows that seed 0 gives both libraries."""
    from minikeras.initializers import GlorotUniform
    from minikeras.random import set_random_seed, shuffle_order

    x, y = data()
    set_random_seed(0)
    sizes = (INPUTS, WIDTH, WIDTH, CLASSES)
    initializers = [GlorotUniform() for _ in sizes[1:]]
    shapes = zip(sizes, sizes[1:], strict=False)
    kernels = [
        np.array(f(shape)) for f, shape in zip(initializers, shapes, strict=True)
    ]
    biases = [np.zeros(n, "float32") for n in sizes[1:]]
    order = shuffle_order(ROWS, 0)
    return lambda epochs: mlp_plain.fit(x, y, kernels, biases, order, BATCH, epochs)


def with_sklearn():
    """MLPClassifier: own start and order of rows, no accuracy, checks each fit."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    x, y = data()

    def fit(epochs):
        classifier = MLPClassifier(
            (WIDTH, WIDTH),
            alpha=0,
            batch_size=BATCH,
            epsilon=1e-7,
            max_iter=epochs,
            tol=0,
            n_iter_no_change=epochs,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            classifier.fit(x, y)
        return {"loss": classifier.loss_curve_}

    return fit


RIVALS = {"by hand": by_hand, "scikit-learn": with_sklearn}
