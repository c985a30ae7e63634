"""The tutorial: one Dense layer on iris, 500 epochs of four tiny batches.

There is next to nothing to compute, so this is a measurement of overhead.
"""

import pathlib

import numpy as np

from benchmarks.aims import Aim
from benchmarks.baselines import iris_plain, iris_tuned
from benchmarks.baselines.iris_start import BIAS, KERNEL, ORDER
from benchmarks.training import Training

TITLE = "Dense(3, softmax, L2), SGD 0.1, batch 32, 120 rows, validation of 30"
EPOCHS = 500
QUICK_EPOCHS = 100
STEPS = 4
UNIT = 20  # one validation
# A loss near 1 has a float32 unit of 1.2e-7, and weights drift by a few units.
TOLERANCE = 1e-6
AIMS = (
    Aim("first fit", "tf.keras", "minikeras", at_least=300),
    Aim("step, warm", "tf.keras", "minikeras", at_least=300),
    Aim("first fit", "minikeras", "by hand", at_most=1.5),
    Aim("step, warm", "minikeras", "by hand", at_most=1.5),
    Aim("whole process", "tf.keras", "minikeras", at_least=30),
    Aim("import", "minikeras", "by hand", at_most=1.5),
    Aim("import, used", "minikeras", "by hand", at_most=1.5),
    Aim("peak memory", "tf.keras", "minikeras", at_least=3),
)
USED = (
    "utils.set_random_seed",
    "Sequential",
    "layers.Dense",
    "regularizers.l2",
    "optimizers.SGD",
    "losses.SparseCategoricalCrossentropy",
)

# Read by path: the processes of the other libraries must not import minikeras.
_CSV = pathlib.Path(__file__).parents[2] / "minikeras" / "datasets" / "iris.csv"


def data():
    """x float64 (150, 4) and y int64 (150,), shuffled alike as in the tutorial."""
    with open(_CSV, encoding="utf-8") as file:
        table = np.loadtxt((line for line in file if line[0].isdigit()), delimiter=",")
    x, y = table[:, :4].copy(), table[:, 4].astype("int64")
    for array in (x, y):
        np.random.seed(1024)
        np.random.shuffle(array)
    return x, y


def by_hand():
    x, y = data()
    return lambda epochs: iris_plain.fit(x, y, KERNEL, BIAS, ORDER, epochs)[0]


def tuned():
    x, y = data()
    return lambda epochs: iris_tuned.fit(x, y, KERNEL, BIAS, ORDER, epochs)[0]


def with_keras(keras):
    x, y = data()
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Dense(
                3, activation="softmax", kernel_regularizer=keras.regularizers.l2(0.01)
            )
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(0.1),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False),
        metrics=["sparse_categorical_accuracy"],
    )
    return Training(
        model, x, y, batch_size=32, validation_split=0.2, validation_freq=20
    )


RIVALS = {"by hand": by_hand, "tuned": tuned}
