"""Counterpart: keras/src/ops/numpy.py. Many elements into one.

`axis` is an axis, several, or None for all; `keepdims` leaves an axis of length
1 in place of each. Python's `sum`, `max`… are hidden in this module.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.dtypes import number
from minikeras.ops.kinds import Float, Number
from minikeras.ops.shape import canonical_axes

# The sum and product of small ints need room (keras/src/backend/tensorflow/numpy.py)
_ROOM = {"bool": "int32", "int8": "int32", "int16": "int32"} | {
    "uint8": "uint32",
    "uint16": "uint32",
}


def with_room(x):
    """`x` as an array, small ints as int32 or uint32."""
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return x
    x = number(x)
    return x.astype(_ROOM.get(x.dtype.name, x.dtype))


def _axes(axis):
    """`axis` as NumPy's reductions take it."""
    return tuple(axis) if type(axis) is list else axis


def kept(x, axis) -> tuple:
    """The shape of a reduction of `x` with keepdims."""
    if axis is None:
        return (1,) * x.ndim
    axes = canonical_axes(axis, x.ndim)
    return tuple([1 if i in axes else n for i, n in enumerate(x.shape)])


def spread(dy, x, axis):
    """The cotangent of a reduction, repeated to the shape of `x`."""
    dx = np.empty(x.shape, dy.dtype)  # np.broadcast_to takes five times as long
    dx[...] = dy if axis is None else dy.reshape(kept(x, axis))
    return dx


@primitive
def sum(x: Array, axis=None, keepdims=False):
    """Σ x. Small ints and bools are summed in 32 bits."""
    x, axis = with_room(x), _axes(axis)
    y = np.add.reduce(x, axis, x.dtype, keepdims=keepdims)
    return y, (lambda dy: spread(dy, x, axis),)


@primitive
def mean(x: Number, axis=None, keepdims=False):
    """Σ x / n; nan of nothing. float16 is summed in float32, which is also what
    integers become, whatever `floatx()` is."""
    axis = _axes(axis)
    if x.dtype.kind != "f":
        x = x.astype("float32")
    half = x.dtype.itemsize == 2
    wide = np.float32 if half else None
    total = np.add.reduce(x, axis, wide, keepdims=keepdims)
    n = x.size // (total.size or 1)
    y = total / n
    if half:
        y = y.astype(x.dtype)
    # n is 0 only where there is nothing to spread to
    return y, (lambda dy: spread(dy / (n or 1), x, axis),)


@primitive
def var(x: Float, axis=None, keepdims=False):
    """The mean of (x - mean)². dx = 2·(x - mean) / n."""
    axis = _axes(axis)
    y, deviation = _variance(x, axis, keepdims)
    return y, (lambda dy: _variance_gradient(dy, x, deviation, axis),)


@primitive
def std(x: Float, axis=None, keepdims=False):
    """√var. dx = (x - mean) / (n·y): nan where all x are equal, as in TensorFlow."""
    axis = _axes(axis)
    y, deviation = _variance(x, axis, keepdims)
    y = np.sqrt(y)

    def dx(dy):
        root = np.where(dy == 0, dy, dy * 0.5 / y)
        return _variance_gradient(root, x, deviation, axis)

    return y, (dx,)


def _variance(x, axis, keepdims):
    wide = np.promote_types(x.dtype, np.float32)  # float16 would overflow
    n = x.size // (np.prod(kept(x, axis), dtype=int) or 1)
    mean = np.add.reduce(x, axis, wide, keepdims=True) / n
    deviation = x - mean
    total = np.add.reduce(np.square(deviation), axis, keepdims=keepdims)
    return np.divide(total, n).astype(x.dtype), deviation


def _variance_gradient(dy, x, deviation, axis):
    n = x.size // (dy.size or 1)
    dx = spread(dy / n, x, axis) * (2 * deviation)
    # the way through the mean adds up to 0 but for rounding, inf and nan
    dx = dx - np.add.reduce(dx, axis, keepdims=True) / n
    return dx.astype(x.dtype, copy=False)


@primitive
def max(x: Number, axis=None, keepdims=False, initial=None):
    """The largest x, at least `initial`; nan if one is. Equals share the gradient."""
    return _extreme(np.maximum, np.greater_equal, x, axis, keepdims, initial)


@primitive
def min(x: Number, axis=None, keepdims=False, initial=None):
    """The smallest x, at most `initial`; nan if one is. Equals share the gradient."""
    return _extreme(np.minimum, np.less_equal, x, axis, keepdims, initial)


def amax(x, axis=None, keepdims=False):
    """`max` under NumPy's other name."""
    return max(x, axis=axis, keepdims=keepdims)


def amin(x, axis=None, keepdims=False):
    """`min` under NumPy's other name."""
    return min(x, axis=axis, keepdims=keepdims)


def _extreme(choose, wins, x, axis, keepdims, initial):
    axis = _axes(axis)
    start = None
    if initial is not None and x.dtype.kind == "f":
        start = {np.maximum: -np.inf, np.minimum: np.inf}[choose]
    found = _reduce(choose, x, axis, keepdims, start)
    y = found if initial is None else choose(found, x.dtype.type(initial))

    def dx(dy):
        if initial is not None:
            dy = np.where(wins(found, initial), dy, 0.0)
        shape = kept(x, axis)
        chosen = (x == found.reshape(shape)).astype(dy.dtype)
        count = np.add.reduce(chosen, axis, keepdims=True)
        return chosen / count * dy.reshape(shape)

    return y, (dx,)


def _reduce(ufunc, x, axis, keepdims, start=None):
    if start is None:
        return ufunc.reduce(x, axis, keepdims=keepdims)
    return ufunc.reduce(x, axis, keepdims=keepdims, initial=start)


@primitive
def prod(x: Array, axis=None, keepdims=False, dtype=None):
    """Π x, 1 of nothing. dx is the product of all others: right also at zeros.

    Small ints are multiplied in 32 bits. Keras ignores `dtype` on TensorFlow;
    here it is the result's.
    """
    x, axis = with_room(x) if dtype is None else number(x).astype(dtype), _axes(axis)
    y = np.multiply.reduce(x, axis, x.dtype, keepdims=keepdims)

    def dx(dy):
        axes = canonical_axes(range(x.ndim) if axis is None else axis, x.ndim)
        front = tuple(range(len(axes)))
        moved = np.moveaxis(x, axes, front)
        rows = x.size // (y.size or 1)
        others = _product_of_others(moved.reshape(rows, *moved.shape[len(axes) :]))
        return spread(dy, x, axis) * np.moveaxis(
            others.reshape(moved.shape), front, axes
        )

    return y, (dx,)


def _product_of_others(x):
    """For each row the product of the rows before it and of those after it."""
    ones = np.ones_like(x[:1])
    before = np.multiply.accumulate(np.concatenate([ones, x[:-1]]), 0)
    after = np.multiply.accumulate(np.concatenate([ones, x[:0:-1]]), 0)[::-1]
    return before * after


@primitive
def any(x: Number, axis=None, keepdims=False):
    """True where some x is nonzero."""
    return np.any(x, axis=_axes(axis), keepdims=keepdims), (None,)


@primitive
def all(x: Number, axis=None, keepdims=False):
    """True where every x is nonzero."""
    return np.all(x, axis=_axes(axis), keepdims=keepdims), (None,)


@primitive
def count_nonzero(x: Number, axis=None):
    """How many x are nonzero, as int32."""
    nonzero = np.not_equal(x, 0)
    return np.add.reduce(nonzero, _axes(axis), np.int32), (None,)


@primitive
def logsumexp(x: Float, axis=None, keepdims=False):
    """ln Σ eˣ, without overflow. dx = eˣ / Σ eˣ: the softmax."""
    axis = _axes(axis)
    top = np.maximum.reduce(x, axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, x.dtype.type(0))
    e = np.exp(x - top)
    total = np.add.reduce(e, axis, keepdims=True)
    y = np.log(total) + top

    def dx(dy):
        return e * (dy.reshape(total.shape) / total)

    if keepdims:
        return y, (dx,)
    return np.squeeze(y, axis), (dx,)
