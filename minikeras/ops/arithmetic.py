"""Counterpart: keras/src/ops/numpy.py. Arithmetic of two arrays that broadcast.

Where an input is an int, its gradient is meaningless and nobody asks for it.
Derivatives at edges are TensorFlow's (tensorflow/python/ops/math_grad.py).
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.broadcast import match
from minikeras.ops.dtypes import as_dtype, as_wide_float, number
from minikeras.ops.kinds import FloatPair, Pair


@primitive
def add(x1: Pair, x2: Pair):
    """x1 + x2."""
    return x1 + x2, (lambda dy: dy, lambda dy: dy)


@primitive
def subtract(x1: Pair, x2: Pair):
    """x1 - x2."""
    return x1 - x2, (lambda dy: dy, lambda dy: -dy)


@primitive
def multiply(x1: Pair, x2: Pair):
    """x1 · x2."""
    return x1 * x2, (lambda dy: dy * x2, lambda dy: dy * x1)


@primitive
def divide(x1: FloatPair, x2: FloatPair):
    """x1 / x2, in floating point also for ints."""
    return x1 / x2, (lambda dy: dy / x2, lambda dy: dy * (-x1 / x2 / x2))


def true_divide(x1, x2):
    """`divide` by its other name."""
    return divide(x1, x2)


@primitive
def divide_no_nan(x1: FloatPair, x2: FloatPair):
    """x1 / x2, and 0 where x2 is 0."""

    def quotient(n, d):
        return np.where(d == 0, 0, n / d).astype(d.dtype)

    x2 = number(x2).astype(number(x1).dtype)
    return quotient(x1, x2), (
        lambda dy: quotient(dy, x2),
        lambda dy: dy * quotient(quotient(-x1, x2), x2),
    )


@primitive
def floor_divide(x1: Pair, x2: Pair):
    """⌊x1 / x2⌋; it has no derivative."""
    _refuse_zero_divisor("floor_divide", x1, x2)
    if number(x1).dtype.kind == "f" or number(x2).dtype.kind == "f":
        # np.floor_divide gives nan for inf // 2, TensorFlow floors the quotient
        return np.floor(np.divide(x1, x2)), (None, None)
    return np.floor_divide(x1, x2), (None, None)


@primitive
def mod(x1: Pair, x2: Pair):
    """x1 - ⌊x1 / x2⌋ · x2, with the sign of x2."""
    _refuse_zero_divisor("mod", x1, x2)
    if number(x1).dtype.kind == number(x2).dtype.kind == "b":
        x1, x2 = x1.astype("int32"), x2.astype("int32")
    return np.mod(x1, x2), (lambda dy: dy, lambda dy: -dy * np.floor(x1 / x2))


def _refuse_zero_divisor(name, a, b):
    """Ints have no inf to answer with; TensorFlow raises, NumPy would give 0."""
    divisor = number(b)
    if (
        divisor.dtype.kind in "iu"
        and number(a).dtype.kind in "iu"
        and not divisor.all()
    ):
        raise ZeroDivisionError(
            f"{name} of integers by zero. Received: x2={b!r}, which holds a 0"
        )


@primitive
def power(x1: Pair, x2: Pair):
    """x1 to the power x2.

    dx1 = x2·x1^(x2-1), nan at 0^0; dx2 = y·ln x1 where x1 > 0, else 0.
    """
    y = np.power(x1, x2)

    def dx2(dy):
        positive = np.greater(x1, 0)
        return dy * y * np.log(np.where(positive, x1, 1), dtype=dy.dtype)

    return y, (lambda dy: dy * x2 * np.power(x1, x2 - 1), dx2)


@primitive
def logaddexp(x1: FloatPair, x2: FloatPair):
    """ln(eˣ¹ + eˣ²) = m + ln(1 + e), m the larger and e = exp(-|x1 - x2|).

    The smaller gets dy·e / (1 + e), the larger the rest. At a tie x1 gets all: it
    should be half each, but this is TensorFlow's gradient of that formula.
    """
    delta = np.subtract(x1, x2)
    e = np.exp(-np.abs(delta))
    y = np.where(np.isnan(delta), np.add(x1, x2), np.maximum(x1, x2) + np.log1p(e))
    first, moved = np.greater_equal(x1, x2), np.sign(delta) * (e / (1 + e))
    return y, (
        lambda dy: np.where(first, dy, 0) - dy * moved,
        lambda dy: np.where(first, 0, dy) + dy * moved,
    )


@primitive
def hypot(x1: Pair, x2: Pair):
    """√(x1² + x2²) = m·√(1 + r²), r the smaller size over the larger size m.

    The larger gets 1 / √(1 + r²), the smaller r / √(1 + r²), with the sign of the
    input; x1 both at a tie, as in TensorFlow. int64 goes in as float64.
    """
    x1, x2 = as_wide_float(x1), as_wide_float(x2)
    size1, size2 = np.abs(x1), np.abs(x2)
    larger, smaller = np.maximum(size1, size2), np.minimum(size1, size2)
    ratio = np.where(larger == 0, larger, smaller / larger)
    root = np.sqrt(1 + ratio * ratio)

    def pull(dy):
        by_ratio = larger * (ratio / root)
        size = np.where(larger == 0, 1, larger)
        by_larger, by_smaller = root - by_ratio * ratio / size, by_ratio / size
        is_larger, is_smaller = size1 >= size2, size1 <= size2
        slope1 = np.where(is_larger, by_larger, 0) + np.where(is_smaller, by_smaller, 0)
        slope2 = np.where(is_larger, 0, by_larger) + np.where(is_smaller, 0, by_smaller)
        return dy * slope1 * np.sign(x1), dy * slope2 * np.sign(x2)

    return larger * root, pull


@primitive
def maximum(x1: Pair, x2: Pair):
    """The larger of x1 and x2; nan if one is. The gradient at a tie goes to x1."""
    return np.maximum(x1, x2), _to_either(np.greater_equal, x1, x2)


@primitive
def minimum(x1: Pair, x2: Pair):
    """The smaller of x1 and x2; nan if one is. The gradient at a tie goes to x1."""
    return np.minimum(x1, x2), _to_either(np.less_equal, x1, x2)


def _to_either(is_first, x1, x2):
    return (
        lambda dy: np.where(is_first(x1, x2), dy, dy.dtype.type(0)),
        lambda dy: np.where(~is_first(x1, x2), dy, dy.dtype.type(0)),
    )


@primitive
def clip(x: Array, x_min: Array, x_max: Array):
    """max(min(x, x_max), x_min) in the dtype of x.

    The gradient goes to x within the bounds and at them, else to the bound. A
    nan in x stays, and its gradient goes to x_min, as TensorFlow's does.
    """
    a = number(x)
    if a.dtype.kind == "b":
        a = a.astype("int32")
    low = as_dtype(number(x_min), a.dtype)
    high = as_dtype(number(x_max), a.dtype)
    capped = np.minimum(a, high)
    y = np.maximum(capped, low)

    def share(dy, to_x, to_low=False):
        above = capped >= low
        mask = ~above if to_low else above & ((a <= high) == to_x)
        return np.where(mask, dy, dy.dtype.type(0))

    return y, (
        lambda dy: match(share(dy, True), x),
        lambda dy: match(share(dy, False, to_low=True), x_min),
        lambda dy: match(share(dy, False), x_max),
    )


@primitive
def arctan2(x1: FloatPair, x2: FloatPair):
    """The angle of the point (x2, x1), in (-π, π]."""
    return np.arctan2(x1, x2), (
        lambda dy: x2 * (dy / (x1 * x1 + x2 * x2)),
        lambda dy: -x1 * (dy / (x1 * x1 + x2 * x2)),
    )
