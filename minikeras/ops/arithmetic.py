"""Counterpart: keras/src/ops/numpy.py. Arithmetic of two arrays that broadcast.

Where an input is an int, its gradient is meaningless and nobody asks for it.
Derivatives at edges are TensorFlow's (tensorflow/python/ops/math_grad.py).
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.broadcast import match
from minikeras.ops.dtypes import (
    as_dtype,
    as_wide_float,
    number,
    promote,
    promote_floats,
)
from minikeras.ops.quiet import hush, quiet


@primitive
def add(x1: Array, x2: Array):
    """x1 + x2."""
    a, b = promote(x1, x2)
    y = quiet.run(np.add, a, b)
    return y, (lambda dy: match(dy, x1), lambda dy: match(dy, x2))


@primitive
def subtract(x1: Array, x2: Array):
    """x1 - x2."""
    a, b = promote(x1, x2)
    y = quiet.run(np.subtract, a, b)
    return y, (lambda dy: match(dy, x1), lambda dy: match(-dy, x2))


@primitive
def multiply(x1: Array, x2: Array):
    """x1 · x2."""
    a, b = promote(x1, x2)
    y = quiet.run(np.multiply, a, b)
    return y, (
        lambda dy: match(quiet.run(np.multiply, dy, b), x1),
        lambda dy: match(quiet.run(np.multiply, dy, a), x2),
    )


@primitive
def divide(x1: Array, x2: Array):
    """x1 / x2, in floating point also for ints."""
    a, b = promote_floats(x1, x2)
    y = quiet.run(np.divide, a, b)

    def dx2(dy):
        return quiet.run(lambda: dy * (-a / b / b))

    return y, (
        lambda dy: match(quiet.run(np.divide, dy, b), x1),
        lambda dy: match(dx2(dy), x2),
    )


def true_divide(x1, x2):
    """`divide` by its other name."""
    return divide(x1, x2)


@primitive
def divide_no_nan(x1: Array, x2: Array):
    """x1 / x2, and 0 where x2 is 0."""
    a, b = promote_floats(x1, x2)

    def quotient(n, d):
        return quiet.run(lambda: np.where(d == 0, 0, n / d).astype(d.dtype))

    b = number(b).astype(number(a).dtype)
    return quotient(a, b), (
        lambda dy: match(quotient(dy, b), x1),
        lambda dy: match(quiet.run(np.multiply, dy, quotient(quotient(-a, b), b)), x2),
    )


@primitive
def floor_divide(x1: Array, x2: Array):
    """⌊x1 / x2⌋; it has no derivative."""
    a, b = promote(x1, x2)
    _refuse_zero_divisor("floor_divide", a, b)
    if number(a).dtype.kind == "f" or number(b).dtype.kind == "f":
        # np.floor_divide gives nan for inf // 2, TensorFlow floors the quotient
        return quiet.run(lambda: np.floor(np.divide(a, b))), (None, None)
    return np.floor_divide(a, b), (None, None)


@primitive
def mod(x1: Array, x2: Array):
    """x1 - ⌊x1 / x2⌋ · x2, with the sign of x2."""
    a, b = promote(x1, x2)
    _refuse_zero_divisor("mod", a, b)
    if number(a).dtype.kind == number(b).dtype.kind == "b":
        a, b = a.astype("int32"), b.astype("int32")
    y = quiet.run(np.mod, a, b)
    dx2 = hush(lambda dy: -dy * np.floor(a / b))
    return y, (lambda dy: match(dy, x1), lambda dy: match(dx2(dy), x2))


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
def power(x1: Array, x2: Array):
    """x1 to the power x2.

    dx1 = x2·x1^(x2-1), nan at 0^0; dx2 = y·ln x1 where x1 > 0, else 0.
    """
    a, b = promote(x1, x2)
    y = quiet.run(np.power, a, b)
    dx1 = hush(lambda dy: dy * b * np.power(a, b - 1))

    def dx2(dy):
        positive = np.greater(a, 0)
        return dy * y * np.log(np.where(positive, a, 1), dtype=dy.dtype)

    return y, (
        lambda dy: match(dx1(dy), x1),
        lambda dy: match(quiet.run(dx2, dy), x2),
    )


@primitive
def logaddexp(x1: Array, x2: Array):
    """ln(eˣ¹ + eˣ²) = m + ln(1 + e), m the larger and e = exp(-|x1 - x2|).

    The smaller gets dy·e / (1 + e), the larger the rest. At a tie x1 gets all: it
    should be half each, but this is TensorFlow's gradient of that formula.
    """
    a, b = promote_floats(x1, x2)

    def forward():
        delta = np.subtract(a, b)
        e = np.exp(-np.abs(delta))
        y = np.where(np.isnan(delta), np.add(a, b), np.maximum(a, b) + np.log1p(e))
        return y, np.sign(delta) * (e / (1 + e))

    y, moved = quiet.run(forward)
    first = hush(lambda dy: np.where(np.greater_equal(a, b), dy, 0) - dy * moved)
    second = hush(lambda dy: np.where(np.greater_equal(a, b), 0, dy) + dy * moved)
    return y, (lambda dy: match(first(dy), x1), lambda dy: match(second(dy), x2))


@primitive
def hypot(x1: Array, x2: Array):
    """√(x1² + x2²) = m·√(1 + r²), r the smaller size over the larger size m.

    The larger gets 1 / √(1 + r²), the smaller r / √(1 + r²), with the sign of the
    input; x1 both at a tie, as in TensorFlow. int64 goes in as float64.
    """
    a, b = map(as_wide_float, promote(x1, x2))
    size1, size2 = np.abs(a), np.abs(b)

    def forward():
        larger, smaller = np.maximum(size1, size2), np.minimum(size1, size2)
        ratio = np.where(larger == 0, larger, smaller / larger)
        return larger, ratio, np.sqrt(1 + ratio * ratio)

    larger, ratio, root = quiet.run(forward)

    def dx(dy):
        by_ratio = larger * (ratio / root)
        size = np.where(larger == 0, 1, larger)
        by_larger, by_smaller = root - by_ratio * ratio / size, by_ratio / size
        is_larger, is_smaller = size1 >= size2, size1 <= size2
        slope1 = np.where(is_larger, by_larger, 0) + np.where(is_smaller, by_smaller, 0)
        slope2 = np.where(is_larger, 0, by_larger) + np.where(is_smaller, 0, by_smaller)
        return dy * slope1 * np.sign(a), dy * slope2 * np.sign(b)

    def pull(dy):
        dx1, dx2 = quiet.run(dx, dy)
        return match(dx1, x1), match(dx2, x2)

    return quiet.run(np.multiply, larger, root), pull


@primitive
def maximum(x1: Array, x2: Array):
    """The larger of x1 and x2; nan if one is. The gradient at a tie goes to x1."""
    a, b = promote(x1, x2)
    return _pick(np.maximum, np.greater_equal, a, b, x1, x2)


@primitive
def minimum(x1: Array, x2: Array):
    """The smaller of x1 and x2; nan if one is. The gradient at a tie goes to x1."""
    a, b = promote(x1, x2)
    return _pick(np.minimum, np.less_equal, a, b, x1, x2)


def _pick(choose, first, a, b, x1, x2):
    y = quiet.run(choose, a, b)

    def share(dy, to_first):
        mask = quiet.run(first, a, b)
        return np.where(mask if to_first else ~mask, dy, dy.dtype.type(0))

    return y, (
        lambda dy: match(share(dy, True), x1),
        lambda dy: match(share(dy, False), x2),
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
    capped = quiet.run(np.minimum, a, high)
    y = quiet.run(np.maximum, capped, low)

    def share(dy, to_x, to_low=False):
        above = capped >= low
        mask = ~above if to_low else above & ((a <= high) == to_x)
        return quiet.run(np.where, mask, dy, dy.dtype.type(0))

    return y, (
        lambda dy: match(share(dy, True), x),
        lambda dy: match(share(dy, False, to_low=True), x_min),
        lambda dy: match(share(dy, False), x_max),
    )


@primitive
def arctan2(x1: Array, x2: Array):
    """The angle of the point (x2, x1), in (-π, π]."""
    a, b = promote_floats(x1, x2)
    y = quiet.run(np.arctan2, a, b)
    dx1 = hush(lambda dy: b * (dy / (a * a + b * b)))
    dx2 = hush(lambda dy: -a * (dy / (a * a + b * b)))
    return y, (lambda dy: match(dx1(dy), x1), lambda dy: match(dx2(dy), x2))
