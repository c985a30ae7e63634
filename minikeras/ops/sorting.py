"""Counterpart: keras/src/ops/numpy.py, keras/src/ops/math.py. Best, sorted, running.

Indices are int32 and have no derivative. Among equals the first comes first.
"""

import numpy as np

from minikeras.autodiff import Array, as_array, primitive
from minikeras.ops.dtypes import number
from minikeras.ops.kinds import Number
from minikeras.ops.shape import canonical_axis


@primitive
def argmax(x: Number, axis=None, keepdims=False):
    """The index of the largest x along `axis`, or in one row. nan is never the one."""
    return _argument(np.argmax, -1, x, axis, keepdims), (None,)


@primitive
def argmin(x: Number, axis=None, keepdims=False):
    """The index of the smallest x along `axis`, or in one row. nan is never the one."""
    return _argument(np.argmin, 1, x, axis, keepdims), (None,)


def _argument(choose, last, x, axis, keepdims):
    if x.dtype.kind == "f":
        # -0 counts as less than 0 (keras/src/backend/tensorflow/numpy.py, argmax)
        # and TensorFlow's kernel passes over nan
        tiny = x.dtype.type(np.finfo(x.dtype).tiny)
        x = np.where((x == 0) & np.signbit(x), -tiny, x)
        x = np.where(np.isnan(x), x.dtype.type(last * np.inf), x)
    return as_array(choose(x, axis=axis, keepdims=keepdims)).astype("int32")


@primitive
def argsort(x: Array, axis=-1):
    """The indices that sort x along `axis`; with axis=None, x in one row."""
    x = np.atleast_1d(number(x))
    return np.argsort(x, axis, kind="stable").astype("int32"), (None,)


@primitive
def sort(x: Number, axis=-1):
    """x in ascending order along `axis`; with axis=None, x in one row."""

    def dx(dy):
        order = np.argsort(x, axis, kind="stable")
        out = np.empty(dy.shape, dy.dtype)
        np.put_along_axis(out, order, dy, 0 if axis is None else axis)
        return out.reshape(x.shape)

    return np.sort(x, axis), (dx,)


@primitive
def top_k(x: Number, k, sorted=True):
    """The k largest of the last axis, largest first, and their indices.

    `sorted=False` leaves the order open, so it is the same here.
    """
    n = x.shape[-1] if x.ndim else 0
    if not 0 <= k <= n:
        raise ValueError(f"k must lie between 0 and the {n} columns. Received: k={k}")
    # the last of equals in x backwards is the first in x
    ascending = np.argsort(x[..., ::-1], -1, kind="stable")
    indices = n - 1 - ascending[..., ::-1][..., :k]

    def dx(dy):
        out = np.zeros(x.shape, dy[0].dtype)
        np.put_along_axis(out, indices, dy[0], -1)
        return out

    return (np.take_along_axis(x, indices, -1), indices.astype("int32")), (dx,)


@primitive
def cumsum(x: Array, axis=None, dtype=None):
    """y[i] = x[0] + … + x[i] along `axis`, or of x in one row."""
    a, axis = _in_row(x, axis, dtype)

    def dx(dy):
        return np.add.accumulate(np.flip(dy, axis), axis)[_backwards(axis)]

    y = np.add.accumulate(a, axis, a.dtype)
    return y, (lambda dy: dx(dy).reshape(x.shape).astype(x.dtype, copy=False),)


@primitive
def cumprod(x: Array, axis=None, dtype=None):
    """y[i] = x[0] · … · x[i] along `axis`, or of x in one row.

    dx divides by x, and is 0 where x is 0: wrong there, but TensorFlow's own.
    """
    a, axis = _in_row(x, axis, dtype)
    y = np.multiply.accumulate(a, axis, a.dtype)

    def dx(dy):
        later = np.add.accumulate(np.flip(y * dy, axis), axis)[_backwards(axis)]
        return np.where(a == 0, 0, later / a).astype(dy.dtype)

    return y, (lambda dy: dx(dy).reshape(x.shape).astype(x.dtype, copy=False),)


@primitive
def diff(a: Number, n=1, axis=-1):
    """a[i + 1] - a[i] along `axis`, so done `n` times; of bools, whether they differ.

    dx[i] = dy[i - 1] - dy[i], where dy beyond its ends is 0.
    """
    if n < 0:
        raise ValueError(f"`n` must not be negative. Received: n={n}")
    if not a.ndim:
        raise ValueError(f"`diff` needs an array with an axis. Received: a={a}")
    axis = canonical_axis(axis, a.ndim)

    def dx(dy):
        if not dy.size:
            return np.zeros(a.shape, dy.dtype)
        zero = dy.dtype.type(0)
        for _ in range(n):
            dy = -np.diff(dy, 1, axis, zero, zero)
        return dy

    return np.diff(a, n, axis), (dx,)


def _in_row(x, axis, dtype):
    x = number(x) if dtype is None else number(x).astype(dtype)
    if x.dtype.kind == "b":
        x = x.astype("int32")
    if axis is None:
        return x.reshape(-1), 0
    return x, canonical_axis(axis, x.ndim)


def _backwards(axis):
    return (slice(None),) * axis + (slice(None, None, -1),)
