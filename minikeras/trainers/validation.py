"""Counterpart: train_validation_split in
keras/src/trainers/data_adapters/array_slicing.py."""

import math

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.trainers.data_adapters.conversion import as_data, check_same_length


def train_validation_split(arrays: tuple, validation_split: float) -> tuple:
    """Splits (x, y, sample_weight): the last rows, before any shuffling, validate.

    With n rows the first floor(n · (1 - validation_split)) train: the product is
    rounded in float64, so 10 rows and 0.1 train on 9, but 0.3 on 7 or 6 as the
    rounding has it. ValueError if one part would be empty.
    """
    names = ("x", "y", "sample_weight")
    for part in tree.flatten(arrays):
        numbers = (np.ndarray, Tensor, int, float, np.generic, type(None))
        if not isinstance(part, numbers) and not hasattr(part, "__array__"):
            raise ValueError(
                "Argument `validation_split` is only supported for tensors or NumPy "
                f"arrays. Found incompatible type in the input: {type(part)}"
            )
    data = tuple(as_data(part, name) for part, name in zip(arrays, names, strict=True))
    count = check_same_length(*data)
    split_at = math.floor(count * (1.0 - validation_split))
    if split_at in (0, count):
        raise ValueError(
            f"Training data contains {count} samples, which is not sufficient to split "
            "it into a validation and training set as specified by "
            f"`validation_split={validation_split}`. Either provide more data, or a "
            "different value for the `validation_split` argument."
        )

    def cut(start, stop):
        return tree.map_structure(lambda a: None if a is None else a[start:stop], data)

    return cut(0, split_at), cut(split_at, count)
