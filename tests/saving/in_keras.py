"""Run by test_both_ways.py: what tf.keras does, in one process for all models."""

import sys

import keras
import numpy as np

from tests.saving.halves import made_afterwards, second_halves, two_halves


def main(folder: str) -> None:
    np.savez(f"{folder}/unbroken.npz", **two_halves(keras, f"{folder}/keras"))
    np.savez(f"{folder}/resumed.npz", **second_halves(keras, f"{folder}/minikeras"))
    np.savez(f"{folder}/afterwards.npz", **made_afterwards(keras, f"{folder}/keras"))


if __name__ == "__main__":
    main(sys.argv[1])
