"""Counterpart: keras/src/datasets/cifar100.py. Photographs of a hundred things."""

import os

import numpy as np

from minikeras.datasets.cifar import in_data_format, load_batch
from minikeras.datasets.sources import fetch, is_synthetic
from minikeras.datasets.synthetic import images

_ORIGIN = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
_HASH = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"
_FINE_PER_COARSE = 5


def load_data(label_mode="fine"):
    """`(x_train, y_train), (x_test, y_test)`: 50,000 and 10,000 images and labels.

    Images (n, 32, 32, 3), or channels first if `image_data_format()` says so, uint8;
    labels (n, 1), int64: of 100 classes ("fine") or of the 20 that hold five each
    ("coarse").
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(
            f"Expected `label_mode` to be 'fine' or 'coarse'. Received: {label_mode!r}"
        )
    if is_synthetic("cifar100"):
        parts = images.shapes(100, (3, 32, 32), 50_000, 10_000)
        divisor = 1 if label_mode == "fine" else _FINE_PER_COARSE
        parts = tuple((x, y.astype("int64") // divisor) for x, y in parts)
    else:
        folder = fetch("cifar-100-python-target", _ORIGIN, _HASH, extract=True)
        folder = os.path.join(folder, "cifar-100-python")
        parts = tuple(
            load_batch(os.path.join(folder, name), f"{label_mode}_labels")
            for name in ("train", "test")
        )
    train, test = ((in_data_format(x), np.reshape(y, (-1, 1))) for x, y in parts)
    return train, test
