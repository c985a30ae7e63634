"""A sequence classifier with one LSTM layer."""

from benchmarks import sequences
from benchmarks.aims import beside_tf_keras

TITLE = "LSTM 128 on 50 steps × 32, Dense 10, Adam, batch 64"
EPOCHS = sequences.EPOCHS
STEPS = sequences.ROWS // sequences.BATCH
UNIT = 1
# Roundings that Adam enlarges, see workloads/mlp.py.
TOLERANCE = 2e-4
AIMS = beside_tf_keras(1.2)
USED = (
    "utils.set_random_seed",
    "Sequential",
    "layers.LSTM",
    "layers.Dense",
)
RIVALS: dict = {}


def with_keras(keras, **sizes):
    def layer():
        return keras.layers.LSTM(sequences.UNITS)

    return sequences.training(keras, layer, **sizes)
