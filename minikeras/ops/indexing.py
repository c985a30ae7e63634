"""Counterpart: keras/src/ops/numpy.py, keras/src/ops/core.py. Elements by their place.

The derivative of each op puts the cotangent's elements back where they were
taken, added up where one was taken more than once, among zeros.
"""

import numpy as np

from minikeras.autodiff import Array, Slices, Tensor, Variable, primitive
from minikeras.config import standardize_dtype
from minikeras.ops.core import shape as shape_of
from minikeras.ops.dtypes import number
from minikeras.ops.kinds import Number
from minikeras.ops.shape import canonical_axis, ravel


def get_item(x, key):
    """x[key] as in NumPy: ints, slices, None, …, integer and boolean arrays.

    Unlike in TensorFlow, a list is an array of indices and not one per axis.
    """
    return _get_item(x, _plain_key(key))


def _plain_key(key):
    if isinstance(key, tuple):
        return tuple(_plain_key(part) for part in key)
    if isinstance(key, slice):
        return slice(*(_plain_key(end) for end in (key.start, key.stop, key.step)))
    return key.value if isinstance(key, Tensor) else key


@primitive
def _get_item(x: Number, key):

    def dx(dy):
        out = np.zeros(x.shape, dy.dtype)
        np.add.at(out, key, dy)
        return out

    return x[key], (dx,)


def take(x, indices, axis=None):
    """x[indices] along `axis`, or of x in one row. Negative ones count from the end."""
    if axis is None:
        x, axis = ravel(x), 0
    axis = canonical_axis(axis, len(shape_of(x)))
    return _take(x, indices, axis, isinstance(x, Variable))


@primitive
def _take(x: Number, indices: Array, axis, of_variable):

    def dx(dy):
        if axis == 0 and of_variable:  # a gradient that only an optimizer reads
            rows = np.asarray(indices).ravel() % len(x)
            return Slices(dy.reshape(rows.size, *x.shape[1:]), rows, x.shape)
        out = np.zeros(x.shape, dy.dtype)
        np.add.at(out, (slice(None),) * axis + (indices,), dy)
        return out

    return np.take(x, indices, axis), (dx, None)


def take_along_axis(x, indices, axis=None):
    """y[i, j, …] = x[i, indices[i, j, …], …], the index standing at `axis`.

    Axes of length 1 broadcast. Without `axis`, of x in one row.
    """
    if axis is None:
        if len(shape_of(indices)) != 1:
            raise ValueError(
                "Without axis `indices` must have one axis. "
                f"Received: indices.shape={shape_of(indices)}"
            )
        x, axis = ravel(x), 0
    return _take_along_axis(x, indices, canonical_axis(axis, len(shape_of(x))))


@primitive
def _take_along_axis(x: Number, indices: Array, axis):
    indices = np.asarray(indices)
    if indices.dtype.kind not in "iu":
        indices = indices.astype("int64")

    def dx(dy):
        out = np.zeros(x.shape, dy.dtype)
        places = list(np.ogrid[tuple(slice(n) for n in x.shape)])
        places[axis] = indices
        np.add.at(out, tuple(places), dy)
        return out

    return np.take_along_axis(x, indices, axis), (dx, None)


@primitive
def one_hot(x: Array, num_classes, axis=-1, dtype=None, sparse=False):
    """A new axis of length `num_classes` with a 1 at the place x, zeros elsewhere.

    Where x is negative or too large there are only zeros. `floatx()` by default.
    """
    if sparse:
        raise ValueError(f"Sparse tensors are not supported. Received: {sparse=}")
    x = np.asarray(number(x)).astype("int64")
    hot = np.expand_dims(x, axis)
    classes = np.arange(num_classes)
    column = [1] * hot.ndim
    column[axis] = -1
    hot = hot == classes.reshape(column)
    return hot.astype(standardize_dtype(dtype)), (None,)


@primitive
def tril(x: Array, k=0):
    """x with zeros above the k-th diagonal of its last two axes."""
    return _triangle(np.tril, x, k)


@primitive
def triu(x: Array, k=0):
    """x with zeros below the k-th diagonal of its last two axes."""
    return _triangle(np.triu, x, k)


def _triangle(keep, x, k):
    x = number(x)
    if x.ndim < 2:
        raise ValueError(f"Expected at least two axes. Received: x.shape={x.shape}")
    return keep(x, k), (lambda dy: keep(dy, k),)


def diag(x, k=0):
    """The matrix with the vector x on its k-th diagonal; of a matrix, that diagonal."""
    rank = len(shape_of(x))
    if rank not in (1, 2):
        raise ValueError(f"Expected a vector or a matrix. Received: {shape_of(x)=}")
    return _diag(x, k) if rank == 1 else diagonal(x, k)


@primitive
def _diag(x: Number, k):
    return np.diag(x, k), (lambda dy: np.diagonal(dy, k),)


@primitive
def diagonal(x: Number, offset=0, axis1=0, axis2=1):
    """The diagonal of the matrices in two axes of x, as a new last axis."""
    y = np.diagonal(x, offset, axis1, axis2)

    def dx(dy):
        out = np.zeros(x.shape, dy.dtype)
        matrices = np.moveaxis(out, (axis1, axis2), (-2, -1))
        i = np.arange(dy.shape[-1])
        matrices[..., i + max(-offset, 0), i + max(offset, 0)] = dy
        return out

    return y, (dx,)
