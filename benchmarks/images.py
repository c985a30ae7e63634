"""Pictures made of noise and a pattern, and the training of convnets on them."""

import numpy as np

from benchmarks.training import Training

SIDE = 28
CLASSES = 10


def data(rows: int):
    """x float32 (rows, 28, 28, 1), noise on its class's pattern; y int64 (rows,)."""
    random = np.random.default_rng(0)
    patterns = random.standard_normal((CLASSES, SIDE, SIDE, 1), "float32")
    y = random.integers(CLASSES, size=rows)
    noise = random.standard_normal((rows, SIDE, SIDE, 1), "float32")
    return np.float32(0.1) * patterns[y] + np.float32(0.5) * noise, y


def training(keras, make_layers, rows: int, batch: int) -> Training:
    """Adam on the layers that `make_layers()` returns, from seed 0."""
    x, y = data(rows)
    keras.utils.set_random_seed(0)
    model = keras.Sequential(make_layers())
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return Training(model, x, y, batch_size=batch)
