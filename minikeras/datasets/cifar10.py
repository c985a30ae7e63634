"""Counterpart: keras/src/datasets/cifar10.py. Photographs of ten things."""

import os

import numpy as np

from minikeras.datasets.cifar import in_data_format, load_batch
from minikeras.datasets.sources import fetch, is_synthetic
from minikeras.datasets.synthetic import images

_ORIGIN = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
_HASH = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
_FILE_ROWS = 10_000  # of each of the five training files


def load_data():
    """`(x_train, y_train), (x_test, y_test)`: 50,000 and 10,000 images and labels.

    Images (n, 32, 32, 3), or channels first if `image_data_format()` says so, and
    labels (n, 1) from 0 (airplane) to 9 (truck), both uint8.
    """
    if is_synthetic("cifar10"):
        (x, y), (x_test, y_test) = images.shapes(10, (3, 32, 32), 50_000, 10_000)
    else:
        folder = fetch("cifar-10-batches-py-target", _ORIGIN, _HASH, extract=True)
        folder = os.path.join(folder, "cifar-10-batches-py")
        x, y = _training_files(folder)
        x_test, y_test = load_batch(os.path.join(folder, "test_batch"))
    y_test = np.reshape(y_test, (-1, 1)).astype(y.dtype)
    x_test = in_data_format(x_test).astype(x.dtype)
    return (in_data_format(x), y.reshape(-1, 1)), (x_test, y_test)


def _training_files(folder):
    x = np.empty((5 * _FILE_ROWS, 3, 32, 32), "uint8")
    y = np.empty(5 * _FILE_ROWS, "uint8")
    for i in range(5):
        rows = slice(i * _FILE_ROWS, (i + 1) * _FILE_ROWS)
        x[rows], y[rows] = load_batch(os.path.join(folder, f"data_batch_{i + 1}"))
    return x, y
