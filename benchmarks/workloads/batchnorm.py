"""A small network with BatchNormalization on larger pictures."""

import numpy as np

from benchmarks.training import Training

TITLE = "64×64×3: Conv 32, BatchNorm, relu, pool, Conv 64, the same, Dense 10, batch 32"
ROWS = 128
BATCH = 32
EPOCHS = 2
STEPS = ROWS // BATCH
UNIT = 1
# Roundings that Adam enlarges, see workloads/convnet.py; the variance that each
# normalisation divides by enlarges them once more.
TOLERANCE = 2e-3
AIMS: tuple = ()
USED = ("utils.set_random_seed", "Sequential", "layers.BatchNormalization")
RIVALS: dict = {}


def with_keras(keras):
    random = np.random.default_rng(0)
    y = random.integers(10, size=ROWS)
    patterns = random.standard_normal((10, 64, 64, 3), "float32")
    noise = random.standard_normal((ROWS, 64, 64, 3), "float32")
    x = np.float32(0.1) * patterns[y] + np.float32(0.5) * noise
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential()
    for filters in (32, 64):
        model.add(layers.Conv2D(filters, 3, padding="same"))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D(2))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    return Training(model, x, y, batch_size=BATCH)
