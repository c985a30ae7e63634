"""Counterpart: keras/src/backend/common/keras_tensor.py. A value yet to come."""

from typing import Any

import numpy as np

from minikeras.config import standardize_dtype
from minikeras.naming import auto_name


class KerasTensor:
    """The shape and dtype of a tensor whose values come later.

    `shape` has None where the size is open, as in (None, 4). What `Input` gives;
    `input_layer` is then the InputLayer behind it.
    """

    input_layer: Any

    def __init__(self, shape, dtype="float32", name=None):
        self.shape = tuple(shape)
        self.dtype = standardize_dtype(dtype)
        self.name = name or auto_name(type(self).__name__)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __array__(self, dtype=None, copy=None):
        raise ValueError(
            "A KerasTensor is symbolic: it's a placeholder for a shape and a dtype. "
            f"It has no values to compute with. Received: {self!r}"
        )

    def __bool__(self) -> bool:
        raise TypeError("A symbolic KerasTensor cannot be used as a boolean.")

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"


def example(spec: KerasTensor, rows: int, length: int) -> np.ndarray:
    """Zeros of the spec's shape: an open first axis has `rows`, others `length`."""
    shape = [length if axis is None else axis for axis in spec.shape]
    if spec.shape and spec.shape[0] is None:
        shape[0] = rows
    return np.zeros(shape, spec.dtype)


def spec_of(first, second) -> KerasTensor:
    """The spec of two outputs for two batch sizes: axes that differ are open."""
    if len(first.shape) != len(second.shape):
        raise ValueError(
            "The rank of an output must not depend on the batch size. "
            f"Received: shapes {first.shape} and {second.shape}"
        )
    shape = [
        a if a == b else None for a, b in zip(first.shape, second.shape, strict=True)
    ]
    return KerasTensor(shape, first.dtype)
