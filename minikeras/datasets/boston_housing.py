"""Counterpart: keras/src/datasets/boston_housing.py. House prices of the 1970s.

One of its columns rests on an assumption about race; Keras advises to use
california_housing instead.
"""

from minikeras.datasets.npz_utils import load_npz
from minikeras.datasets.shuffling import check_split, shuffled_split
from minikeras.datasets.sources import BASE, fetch, is_synthetic
from minikeras.datasets.synthetic import tables

_HASH = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(path="boston_housing.npz", test_split=0.2, seed=113):
    """`(x_train, y_train), (x_test, y_test)`: 506 districts, shuffled and split.

    x (n, 13) and the median price y (n,) in thousands of dollars, both float64.
    """
    check_split(test_split)
    if is_synthetic("boston_housing"):
        data = tables.boston()
    else:
        data = load_npz(fetch(path, f"{BASE}boston_housing.npz", _HASH))
    return shuffled_split(data["x"], data["y"], test_split, seed)
