"""Counterpart: keras/src/ops/numpy.py. Comparisons, logic, and choice by a condition.

Booleans have no derivative; of `where`, both branches have.
"""

import numpy as np

from minikeras.autodiff import Array, Tensor, as_array, primitive
from minikeras.ops.broadcast import match
from minikeras.ops.dtypes import number, promote
from minikeras.ops.kinds import Number, Pair


@primitive
def equal(x1: Pair, x2: Pair):
    """x1 == x2, element by element; nan equals nothing."""
    return np.equal(x1, x2), (None, None)


@primitive
def not_equal(x1: Pair, x2: Pair):
    """x1 != x2, element by element."""
    return np.not_equal(x1, x2), (None, None)


@primitive
def isclose(x1: Pair, x2: Pair, rtol=1e-5, atol=1e-8, equal_nan=False):
    """|x1 - x2| ≤ atol + rtol·|x2|; of ints, x1 == x2.

    As in keras/src/backend/tensorflow/numpy.py, inf is not close to inf, and any
    finite x1 is close to x2 = inf.
    """
    return _is_close(number(x1), number(x2), rtol, atol, equal_nan), (None, None)


def _is_close(a, b, rtol, atol, equal_nan):
    if np.result_type(a, b).kind != "f":
        return np.equal(a, b)
    close = np.abs(a - b) <= atol + rtol * np.abs(b)
    return close | (np.isnan(a) & np.isnan(b)) if equal_nan else close


@primitive
def allclose(x1: Pair, x2: Pair, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether all elements are close, as in `isclose`, or equal.

    Here inf is close to itself only.
    """
    a, b = number(x1), number(x2)
    close = _is_close(a, b, rtol, atol, equal_nan)
    close &= ~(np.isinf(a) | np.isinf(b))
    return np.all(close | np.equal(a, b)), (None, None)


@primitive
def less(x1: Pair, x2: Pair):
    """x1 < x2, element by element."""
    return np.less(x1, x2), (None, None)


@primitive
def less_equal(x1: Pair, x2: Pair):
    """x1 ≤ x2, element by element."""
    return np.less_equal(x1, x2), (None, None)


@primitive
def greater(x1: Pair, x2: Pair):
    """x1 > x2, element by element."""
    return np.greater(x1, x2), (None, None)


@primitive
def greater_equal(x1: Pair, x2: Pair):
    """x1 ≥ x2, element by element."""
    return np.greater_equal(x1, x2), (None, None)


@primitive
def logical_and(x1: Number, x2: Number):
    """True where x1 and x2 are both nonzero."""
    return np.logical_and(x1, x2), (None, None)


@primitive
def logical_or(x1: Number, x2: Number):
    """True where x1 or x2 is nonzero."""
    return np.logical_or(x1, x2), (None, None)


@primitive
def logical_xor(x1: Number, x2: Number):
    """True where one of x1 and x2 is nonzero and the other is not."""
    return np.logical_xor(x1, x2), (None, None)


@primitive
def logical_not(x: Number):
    """True where x is zero."""
    return np.logical_not(x), (None,)


@primitive
def isnan(x: Number):
    """True where x is nan."""
    return np.isnan(x), (None,)


@primitive
def isinf(x: Number):
    """True where x is inf or -inf."""
    return np.isinf(x), (None,)


@primitive
def isfinite(x: Number):
    """True where x is neither nan nor infinite."""
    return np.isfinite(x), (None,)


def nonzero(x) -> list:
    """The indices of the nonzero elements: one int32 Tensor per axis."""
    return [Tensor(index.astype("int32")) for index in np.nonzero(as_array(x))]


def where(condition, x1=None, x2=None):
    """x1 where `condition` is nonzero, else x2; `nonzero(condition)` without both.

    Each branch gets its own part of the gradient and an exact 0 elsewhere, even
    where the other branch is nan.
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise ValueError(
            f"`where` needs both x1 and x2, or neither. Received: x1={x1}, x2={x2}"
        )
    return _select(condition, x1, x2)


@primitive
def _select(condition: Number, x1: Array, x2: Array):
    mask = condition
    if mask.dtype.kind != "b":
        mask = mask.astype(bool)
    zero = 0.0
    return np.where(mask, *promote(x1, x2)), (
        None,
        lambda dy: match(np.where(mask, dy, zero), x1),
        lambda dy: match(np.where(mask, zero, dy), x2),
    )
