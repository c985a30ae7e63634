"""Counterpart: keras/src/ops/core.py. From values to Tensors and back."""

import numpy as np

from minikeras.autodiff import (
    Array,
    Symbolic,
    Tensor,
    Variable,
    as_array,
    primitive,
    stack,
)
from minikeras.config import standardize_dtype
from minikeras.ops.dtypes import number
from minikeras.ops.kinds import Number


def convert_to_tensor(x, dtype=None, sparse=None, ragged=None):
    """A Tensor of `x`: itself if it is one of that dtype.

    Python floats become float32 and Python ints int32; arrays keep their
    dtype. A list that holds Tensors is stacked, so that gradients pass.
    Sparse and ragged tensors are not supported.
    """
    if sparse or ragged:
        raise ValueError(
            "Sparse and ragged tensors are not supported. "
            f"Received: sparse={sparse}, ragged={ragged}"
        )
    x = stack(x)
    if isinstance(x, Tensor):
        if dtype is not None:
            return cast(x, dtype)
        return as_new_tensor(x) if isinstance(x, Variable) else x
    array = number(as_array(x))
    if dtype is not None:
        dtype = standardize_dtype(dtype)
        if isinstance(x, (np.ndarray, np.generic)):
            array = array.astype(dtype)
        else:  # at once, so that 0.1 is not rounded to float32 first
            array = as_array(x, dtype)
    return Tensor(array)


@primitive
def as_new_tensor(x: Array):
    """The same value, which the gradient goes back through."""
    return x, (lambda dy: dy,)


def cast(x, dtype):
    """`x` with another dtype. The gradient passes from float to float."""
    dtype = standardize_dtype(dtype)
    if type(x) is Tensor and x.value.dtype == dtype:
        return x
    return _cast(x, dtype)


@primitive
def _cast(x: Number, dtype):
    y = x.astype(dtype)
    if x.dtype.kind == y.dtype.kind == "f":
        return y, (lambda dy: dy.astype(x.dtype),)
    return y, (None,)


def convert_to_numpy(x):
    """The value of `x` as an ndarray of its own."""
    return np.array(as_array(x))


def is_tensor(x) -> bool:
    """True for a Tensor or a Variable."""
    return isinstance(x, Tensor)


def shape(x) -> tuple:
    """The lengths of the axes of `x`, a tuple of ints; of a KerasTensor None for those
    that are open."""
    return x.shape if isinstance(x, (Tensor, Symbolic)) else as_array(x).shape


def ndim(x) -> int:
    """The number of axes of `x`."""
    return len(shape(x))


def size(x):
    """The number of elements of `x`, an int32 Tensor."""
    return Tensor(np.asarray(as_array(x).size, "int32"))


def stop_gradient(variable):
    """The value of `variable` as a constant: no gradient passes."""
    return Tensor(as_array(variable))
