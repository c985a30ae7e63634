"""Counterpart: keras/src/datasets/california_housing.py. House prices of 1990."""

from minikeras.datasets.npz_utils import load_npz
from minikeras.datasets.shuffling import check_split, shuffled_split
from minikeras.datasets.sources import BASE, fetch, is_synthetic
from minikeras.datasets.synthetic import tables

_HASH = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
_ROWS = {"small": 600, "large": None}


def load_data(version="large", path="california_housing.npz", test_split=0.2, seed=113):
    """`(x_train, y_train), (x_test, y_test)`: blocks of houses, shuffled and split.

    x (n, 8) and the median price y (n,) in dollars: 20,640 rows, or with the
    version "small" the first 600 of them.
    """
    if version not in _ROWS:
        raise ValueError(
            f"Expected `version` to be 'small' or 'large'. Received: {version!r}"
        )
    check_split(test_split)
    if is_synthetic("california_housing"):
        data = tables.california()
    else:
        data = load_npz(fetch(path, f"{BASE}california_housing.npz", _HASH))
    rows = slice(_ROWS[version])
    return shuffled_split(data["x"][rows], data["y"][rows], test_split, seed)
