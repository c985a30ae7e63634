"""Sequences of noise with a slow signal, and the training of recurrent layers."""

import numpy as np

from benchmarks.training import Training

FEATURES = 32
CLASSES = 10
STEPS = 50
UNITS = 128
ROWS = 512
BATCH = 64
EPOCHS = 5


def data(rows: int, steps: int):
    """x float32 (rows, steps, 32), noise that leans to its class; y int64 (rows,)."""
    random = np.random.default_rng(0)
    directions = random.standard_normal((CLASSES, 1, FEATURES), "float32")
    y = random.integers(CLASSES, size=rows)
    noise = random.standard_normal((rows, steps, FEATURES), "float32")
    return noise + np.float32(0.2) * directions[y], y


def training(keras, make_layer, batch=BATCH, steps=STEPS, rows=ROWS) -> Training:
    """Adam on one recurrent layer and Dense(10, softmax), from seed 0."""
    x, y = data(rows, steps)
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [make_layer(), keras.layers.Dense(CLASSES, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return Training(model, x, y, batch_size=batch)
