"""Run by test_both_ways.py: what tf.keras does, in one process for all models."""

import sys

import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

from tests.saving import crossing
from tests.saving.halves import made_afterwards, second_halves, two_halves


def load_h5(path: str):
    """A model with its optimizer's state, which `load_model` of Keras leaves out: it
    builds the optimizer for no weights, so that the first step of training fails."""
    model = keras.saving.load_model(path, {"Lamb": keras.optimizers.Lamb})
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    optimizer.build(model.trainable_variables)
    with h5py.File(path) as file:
        state = legacy_h5_format.load_optimizer_weights_from_hdf5_group(file)
        optimizer.set_weights([np.array(array) for array in state])
    model.optimizer = optimizer
    return model


def main(folder: str) -> None:
    np.savez(f"{folder}/unbroken.npz", **two_halves(keras, f"{folder}/keras"))
    resumed = second_halves(keras, f"{folder}/minikeras", load_h5)
    np.savez(f"{folder}/resumed.npz", **resumed)
    np.savez(f"{folder}/afterwards.npz", **made_afterwards(keras, f"{folder}/keras"))
    np.savez(f"{folder}/written.npz", **crossing.write(keras, f"{folder}/keras"))
    np.savez(f"{folder}/read.npz", **crossing.read(keras, f"{folder}/minikeras"))


if __name__ == "__main__":
    main(sys.argv[1])
