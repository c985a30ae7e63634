"""One convolution and a wide Dense layer on small batches."""

from benchmarks import images
from benchmarks.aims import beside_tf_keras

TITLE = "28×28×1: Conv 32 3×3, relu, Flatten, Dense 10, Adam, batch 32"
ROWS = 1024
BATCH = 32
EPOCHS = 5
STEPS = ROWS // BATCH
UNIT = 1
# Roundings that Adam enlarges, see workloads/mlp.py.
TOLERANCE = 2e-4
AIMS = beside_tf_keras(1.0)
USED = (
    "utils.set_random_seed",
    "Sequential",
    "layers.Conv2D",
    "layers.Flatten",
    "layers.Dense",
)
RIVALS: dict = {}


def with_keras(keras):
    def layers():
        return [
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(images.CLASSES, activation="softmax"),
        ]

    return images.training(keras, layers, ROWS, BATCH)
