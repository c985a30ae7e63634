"""Counterpart: keras/src/datasets/fashion_mnist.py. Clothes of 28 by 28 pixels."""

import os

import numpy as np

from minikeras.datasets.sources import BASE, fetch, is_synthetic
from minikeras.datasets.synthetic import images

_FOLDER = os.path.join("datasets", "fashion-mnist")
_IMAGES_START, _LABELS_START = 16, 8  # bytes of header


def load_data():
    """`(x_train, y_train), (x_test, y_test)`: 60,000 and 10,000 images and labels.

    Images (n, 28, 28) and labels (n,) from 0 (T-shirt) to 9 (ankle boot), both uint8
    and, as in Keras, read-only: they are views of what was read.
    """
    if is_synthetic("fashion_mnist"):
        return images.shapes(10, (28, 28), 60_000, 10_000)
    return _part("train"), _part("t10k")


def _part(name):
    labels = _read(f"{name}-labels-idx1-ubyte.gz", _LABELS_START)
    pixels = _read(f"{name}-images-idx3-ubyte.gz", _IMAGES_START)
    return pixels.reshape(len(labels), 28, 28), labels


def _read(fname, start) -> np.ndarray:
    import gzip

    path = fetch(fname, BASE + fname, cache_subdir=_FOLDER)
    try:
        with gzip.open(path, "rb") as file:
            return np.frombuffer(file.read(), np.uint8, offset=start)
    except (EOFError, ValueError, gzip.BadGzipFile) as error:
        raise ValueError(
            f"{path} is damaged ({error}). Delete it, and it is downloaded anew."
        ) from error
