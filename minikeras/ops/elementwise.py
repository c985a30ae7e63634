"""Counterpart: keras/src/ops/numpy.py. Functions of one array, element by element.

Each op states its derivative in terms of x and y, as it is computed. Ints and
bools go in as `floatx()` where the result is not an int. `absolute`, `negative`,
`sign`, `square` and `round` keep ints.
"""

import math

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops import special
from minikeras.ops.dtypes import as_float, as_wide_float, number


@primitive
def absolute(x: Array):
    """|x|. dx = sign(x): 0 at 0."""
    x = number(x)
    return np.abs(x), (lambda dy: dy * np.sign(x),)


@primitive
def negative(x: Array):
    """-x."""
    return np.negative(number(x)), (lambda dy: -dy,)


@primitive
def sign(x: Array):
    """-1, 0 or 1; nan stays. Its derivative is 0 everywhere."""
    return np.sign(number(x)), (np.zeros_like,)


@primitive
def square(x: Array):
    """x². dx = 2x."""
    x = number(x)
    if x.dtype.kind == "b":
        x = x.astype("int32")
    return x * x, (lambda dy: dy * (2 * x),)


@primitive
def sqrt(x: Array):
    """√x, nan below 0. dx = 1 / 2y: inf at 0, but for dy = 0 always 0."""
    y = np.sqrt(as_float(x))
    return y, (lambda dy: np.where(dy == 0, dy, dy * 0.5 / y),)


@primitive
def rsqrt(x: Array):
    """1 / √x. dx = -y³ / 2, but for dy = 0 always 0."""
    x = as_float(x)
    y = 1 / np.sqrt(x)
    return y, (lambda dy: np.where(dy == 0, dy, -0.5 * dy * (y * y * y)),)


@primitive
def reciprocal(x: Array):
    """1 / x. dx = -y², but for dy = 0 always 0."""
    y = 1 / as_float(x)
    return y, (lambda dy: np.where(dy == 0, dy, -dy * y * y),)


@primitive
def exp(x: Array):
    """eˣ. dx = y."""
    y = np.exp(as_float(x))
    return y, (lambda dy: dy * y,)


@primitive
def expm1(x: Array):
    """eˣ - 1, exact near 0. dx = eˣ."""
    x = as_float(x)
    return np.expm1(x), (lambda dy: dy * np.exp(x),)


@primitive
def exp2(x: Array):
    """2ˣ. dx = y·ln 2."""
    y = np.exp2(as_float(x))
    return y, (lambda dy: dy * (math.log(2) * y),)


@primitive
def log(x: Array):
    """ln x: -inf at 0, nan below. dx = 1 / x."""
    x = as_float(x)
    return np.log(x), (lambda dy: dy / x,)


@primitive
def log1p(x: Array):
    """ln(1 + x), exact near 0. dx = 1 / (1 + x)."""
    x = as_float(x)
    return np.log1p(x), (lambda dy: dy / (1 + x),)


@primitive
def log2(x: Array):
    """ln x / ln 2, as Keras computes it. dx = 1 / (x·ln 2)."""
    return _log_to_base(as_float(x), 2)


@primitive
def log10(x: Array):
    """ln x / ln 10, as Keras computes it. dx = 1 / (x·ln 10)."""
    return _log_to_base(as_float(x), 10)


def _log_to_base(x, base):
    unit = np.log(x.dtype.type(base))
    return np.log(x) / unit, (lambda dy: dy / unit / x,)


@primitive
def sin(x: Array):
    """sin x. dx = cos x."""
    x = as_float(x)
    return np.sin(x), (lambda dy: dy * np.cos(x),)


@primitive
def cos(x: Array):
    """cos x. dx = -sin x."""
    x = as_float(x)
    return np.cos(x), (lambda dy: -dy * np.sin(x),)


@primitive
def tan(x: Array):
    """tan x. dx = 1 / cos² x."""
    x = as_float(x)
    return np.tan(x), (lambda dy: dy / np.square(np.cos(x)),)


@primitive
def arcsin(x: Array):
    """The angle in [-π/2, π/2] whose sine is x. dx = 1 / √(1 - x²)."""
    x = as_float(x)
    return np.arcsin(x), (lambda dy: dy / np.sqrt(1 - x * x),)


@primitive
def arccos(x: Array):
    """The angle in [0, π] whose cosine is x. dx = -1 / √(1 - x²)."""
    x = as_float(x)
    return np.arccos(x), (lambda dy: -dy / np.sqrt(1 - x * x),)


@primitive
def arctan(x: Array):
    """The angle in (-π/2, π/2) whose tangent is x. dx = 1 / (1 + x²)."""
    x = as_float(x)
    return np.arctan(x), (lambda dy: dy / (1 + x * x),)


@primitive
def sinh(x: Array):
    """(eˣ - e⁻ˣ) / 2. dx = cosh x."""
    x = as_float(x)
    return np.sinh(x), (lambda dy: dy * np.cosh(x),)


@primitive
def cosh(x: Array):
    """(eˣ + e⁻ˣ) / 2. dx = sinh x."""
    x = as_float(x)
    return np.cosh(x), (lambda dy: dy * np.sinh(x),)


@primitive
def tanh(x: Array):
    """sinh x / cosh x. dx = 1 - y²."""
    y = np.tanh(as_float(x))
    return y, (lambda dy: dy * (1 - y * y),)


@primitive
def arcsinh(x: Array):
    """The inverse of sinh. dx = 1 / cosh y."""
    y = np.arcsinh(as_float(x))
    return y, (lambda dy: dy / np.cosh(y),)


@primitive
def arccosh(x: Array):
    """The inverse of cosh, nan below 1. dx = 1 / sinh y."""
    y = np.arccosh(as_float(x))
    return y, (lambda dy: dy / np.sinh(y),)


@primitive
def arctanh(x: Array):
    """The inverse of tanh. dx = 1 / (1 - x²)."""
    x = as_float(x)
    return np.arctanh(x), (lambda dy: dy / (1 - x * x),)


@primitive
def erf(x: Array):
    """2/√π ∫ exp(-t²) dt from 0 to x. dx = 2/√π · exp(-x²)."""
    x = as_float(x)
    slope = 2 / math.sqrt(math.pi)
    return special.erf(x), (lambda dy: dy * (slope * np.exp(-x * x)),)


@primitive
def erfinv(x: Array):
    """The inverse of erf: ±inf at ±1, nan beyond. dx = √π/2 · exp(y²)."""
    y = special.erfinv(as_float(x))
    slope = math.sqrt(math.pi) / 2
    return y, (lambda dy: dy * (slope * np.exp(y * y)),)


@primitive
def cbrt(x: Array):
    """The cube root sign(x)·|x|^(1/3); int64 goes in as float64.

    dx = |x|^(-2/3) / 3, nan at 0, where TensorFlow multiplies inf by a sign of 0.
    """
    x = as_wide_float(x)
    third = x.dtype.type(1 / 3)
    sign = np.sign(x)
    y = sign * np.power(np.abs(x), third)

    def dx(dy):
        return dy * sign * (third * np.power(np.abs(x), third - 1)) * sign

    return y, (dx,)


@primitive
def trunc(x: Array):
    """x without its decimals, ints as they are. No derivative."""
    x = number(x)
    return np.trunc(x) if x.dtype.kind == "f" else x, (None,)


@primitive
def floor(x: Array):
    """The largest whole number ≤ x, as a float. No derivative."""
    return np.floor(as_float(x)), (None,)


@primitive
def ceil(x: Array):
    """The smallest whole number ≥ x, as a float. No derivative."""
    return np.ceil(as_float(x)), (None,)


@primitive
def round(x: Array, decimals=0):
    """x to so many decimals, halves to the even neighbour. No derivative."""
    return np.round(number(x), decimals), (None,)


@primitive
def nan_to_num(x: Array, nan=0.0, posinf=None, neginf=None):
    """x with nan replaced, and ±inf (by the largest and smallest float, by default).

    The gradient of a replaced element is 0. Ints stay as they are.
    """
    x = number(x)
    if x.dtype.kind != "f":
        return x, (None,)
    limits = np.finfo(x.dtype)
    y = np.nan_to_num(
        x,
        nan=nan,
        posinf=limits.max if posinf is None else posinf,
        neginf=limits.min if neginf is None else neginf,
    )
    return y, (lambda dy: np.where(np.isfinite(x), dy, dy.dtype.type(0)),)


abs = absolute
