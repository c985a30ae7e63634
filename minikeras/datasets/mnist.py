"""Counterpart: keras/src/datasets/mnist.py. Handwritten digits of 28 by 28 pixels."""

from minikeras.datasets.npz_utils import load_npz
from minikeras.datasets.sources import BASE, fetch, is_synthetic
from minikeras.datasets.synthetic import images

_HASH = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(path="mnist.npz"):
    """`(x_train, y_train), (x_test, y_test)`: 60,000 and 10,000 images and digits.

    Images (n, 28, 28) and labels (n,), both uint8. `path` is the file's name in the
    cache folder.
    """
    if is_synthetic("mnist"):
        return images.handwriting()
    data = load_npz(fetch(path, f"{BASE}mnist.npz", _HASH))
    return (data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])
