"""The small convnet of the MNIST examples: two convolutions, each pooled."""

from benchmarks import images
from benchmarks.aims import beside_tf_keras

TITLE = "28×28×1: Conv 32 3×3, pool 2, Conv 64 3×3, pool 2, Dense 10, Adam, batch 128"
ROWS = 1024
BATCH = 128
EPOCHS = 5
STEPS = ROWS // BATCH
UNIT = 1
# Roundings that Adam enlarges, see workloads/mlp.py, and that let another pixel win
# in a pool: tf.keras itself moves by 1e-4 if its first weights are moved by 6e-8.
TOLERANCE = 5e-4
AIMS = beside_tf_keras(1.0)
USED = (
    "utils.set_random_seed",
    "Sequential",
    "layers.Conv2D",
    "layers.MaxPooling2D",
    "layers.Flatten",
    "layers.Dense",
)
RIVALS: dict = {}


def with_keras(keras, batch=BATCH, rows=ROWS):
    def layers():
        return [
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(images.CLASSES, activation="softmax"),
        ]

    return images.training(keras, layers, rows, batch)
