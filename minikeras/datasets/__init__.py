"""Counterpart: keras/src/datasets. Sets to download, and two inside the package.

Each is a module with `load_data()`. digits and iris lie beside this file; the others
come from Keras's own addresses into Keras's own folder, or are made up (synthetic/).
"""

from minikeras.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    digits,
    fashion_mnist,
    imdb,
    iris,
    mnist,
    reuters,
)

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "imdb",
    "iris",
    "mnist",
    "reuters",
]
