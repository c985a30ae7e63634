"""Counterpart: keras/src/ops/numpy.py. Arrays made from a shape or a range."""

import math

import numpy as np

from minikeras.autodiff import Tensor, as_array, primitive
from minikeras.config import standardize_dtype
from minikeras.ops.arithmetic import divide, subtract
from minikeras.ops.core import cast, convert_to_tensor
from minikeras.ops.dtypes import dtype_of, result_type
from minikeras.ops.elementwise import floor
from minikeras.ops.kinds import FloatPair
from minikeras.ops.shape import broadcast_to, ravel, reshape


def zeros(shape, dtype=None):
    """Zeros of a shape; `dtype` defaults to `floatx()`."""
    return Tensor(np.zeros(shape, standardize_dtype(dtype)))


def ones(shape, dtype=None):
    """Ones of a shape; `dtype` defaults to `floatx()`."""
    return Tensor(np.ones(shape, standardize_dtype(dtype)))


def full(shape, fill_value, dtype=None):
    """`fill_value` repeated to a shape; `dtype` defaults to `floatx()`."""
    return broadcast_to(convert_to_tensor(fill_value, standardize_dtype(dtype)), shape)


def empty(shape, dtype=None):
    """An array to be filled in: zeros, as TensorFlow gives them."""
    return zeros(shape, dtype)


def empty_like(x, dtype=None):
    """`empty` with the shape of `x`, and its dtype by default."""
    return zeros_like(x, dtype)


def array(x, dtype=None):
    """`convert_to_tensor` under NumPy's name."""
    return convert_to_tensor(x, dtype)


def zeros_like(x, dtype=None):
    """Zeros of the shape of `x`, and of its dtype by default."""
    return Tensor(np.zeros_like(as_array(x), dtype and standardize_dtype(dtype)))


def ones_like(x, dtype=None):
    """Ones of the shape of `x`, and of its dtype by default."""
    return Tensor(np.ones_like(as_array(x), dtype and standardize_dtype(dtype)))


def full_like(x, fill_value, dtype=None):
    """`fill_value` repeated to the shape of `x`, in its dtype by default."""
    x = as_array(x)
    return full(x.shape, fill_value, dtype or x.dtype)


def arange(start, stop=None, step=None, dtype=None):
    """start, start + step, … below `stop`; `arange(n)` is 0 … n-1.

    int32 for Python ints, `floatx()` for Python floats.
    """
    if stop is None:
        start, stop = type(start)(0), start
    step = 1 if step is None else step
    given = [start, stop, step]
    if dtype is None:
        dtype = result_type(*(dtype_of(x) for x in map(_plain, given)))
    start, stop, step = (np.asarray(_plain(x)).item() for x in given)
    return Tensor(np.arange(start, stop, step).astype(standardize_dtype(dtype)))


def _plain(x):
    return x.value if isinstance(x, Tensor) else x


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    """`num` evenly spaced values from `start` to `stop`, along a new `axis`.

    `stop` is the last one, or would be the next with endpoint=False. With
    retstep=True the result is (values, step). Int dtypes are rounded down.
    """
    if num < 0:
        raise ValueError(f"`num` must not be negative. Received: num={num}")
    gaps = num - 1 if endpoint else num
    start, stop = convert_to_tensor(start), convert_to_tensor(stop)
    dtype = dtype and standardize_dtype(dtype)
    if dtype and "float" in dtype:
        start, stop = cast(start, dtype), cast(stop, dtype)
    values = _linspace(start, stop, num, gaps, axis)
    if dtype and "int" in dtype:
        values = cast(floor(values), dtype)
    if not retstep:
        return values
    return values, divide(subtract(stop, start), gaps if gaps > 0 else math.nan)


@primitive
def _linspace(start: FloatPair, stop: FloatPair, num, gaps, axis):
    start, stop = np.broadcast_arrays(start, stop)
    gaps = start.dtype.type(max(gaps, 1))
    steps = np.arange(num, dtype=start.dtype).reshape((num,) + (1,) * start.ndim)
    y = start + (stop - start) / gaps * steps
    if gaps == num - 1:
        y[1:][-1:] = stop  # exactly, in spite of the rounding

    def share(dy, weight):
        return (np.moveaxis(dy, axis, 0) * weight).sum(0)

    return np.moveaxis(y, 0, axis), (
        lambda dy: share(dy, 1 - steps / gaps),
        lambda dy: share(dy, steps / gaps),
    )


def eye(N, M=None, k=0, dtype=None):
    """An N × M matrix (M defaults to N) with ones on its k-th diagonal."""
    return Tensor(np.eye(N, M, k, standardize_dtype(dtype)))


def tri(N, M=None, k=0, dtype=None):
    """An N × M matrix (M defaults to N) with ones on and below its k-th diagonal."""
    return Tensor(np.tri(N, M, k, standardize_dtype(dtype)))


def identity(n, dtype=None):
    """The n × n identity matrix."""
    return eye(n, dtype=dtype)


def meshgrid(*x, indexing="xy") -> list:
    """The coordinates of a grid over vectors, one array per vector.

    indexing="ij" gives shape (len(x[0]), len(x[1]), …), "xy" swaps the first two.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"indexing must be 'xy' or 'ij'. Received: {indexing!r}")
    vectors = [ravel(convert_to_tensor(part)) for part in x]
    order = list(range(len(vectors)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = [1, 0]
    shape = tuple(vectors[i].shape[0] for i in order)
    grids = []
    for i, vector in enumerate(vectors):
        column = [1] * len(shape)
        column[order.index(i)] = -1
        grids.append(broadcast_to(reshape(vector, tuple(column)), shape))
    return grids
