"""A functional model of two inputs and two outputs, with a loss for each.

Small enough that what is around the arithmetic counts, as in most such models.
"""

import numpy as np

from benchmarks.aims import beside_tf_keras
from benchmarks.training import Training

TITLE = "two inputs (32, 16), Dense 64 and 32, two losses, Adam, batch 64, 1024 rows"
ROWS = 1024
BATCH = 64
EPOCHS = 5
STEPS = ROWS // BATCH
UNIT = 1
# As for the MLP: Adam moves a weight as far for what rounding leaves of a gradient.
TOLERANCE = 2e-4
AIMS = beside_tf_keras(10)
USED = ("utils.set_random_seed", "Input", "Model", "layers.Dense", "layers.Concatenate")


def data():
    """x float32 (rows, 32) and (rows, 16), y int64 (rows,) and float32 (rows, 1)."""
    random = np.random.default_rng(0)
    a = random.standard_normal((ROWS, 32), "float32")
    b = random.standard_normal((ROWS, 16), "float32")
    labels = (a @ random.standard_normal((32, 5), "float32")).argmax(axis=1)
    return [a, b], {"kind": labels, "size": b.mean(axis=1, keepdims=True)}


def with_keras(keras):
    x, y = data()
    keras.utils.set_random_seed(0)
    a, b = keras.Input((32,), name="a"), keras.Input((16,), name="b")
    both = keras.layers.Concatenate()(
        [
            keras.layers.Dense(64, activation="relu")(a),
            keras.layers.Dense(32, activation="relu")(b),
        ]
    )
    outputs = {
        "kind": keras.layers.Dense(5, activation="softmax", name="kind")(both),
        "size": keras.layers.Dense(1, name="size")(both),
    }
    model = keras.Model([a, b], outputs)
    model.compile(
        "adam",
        {"kind": "sparse_categorical_crossentropy", "size": "mse"},
        loss_weights={"kind": 1.0, "size": 0.5},
        metrics={"kind": ["accuracy"], "size": ["mae"]},
    )
    return Training(model, x, y, batch_size=BATCH)


RIVALS: dict = {}
