"""Counterpart: keras/src/ops/numpy.py. Functions of one array, element by element.

Each op states its derivative in terms of x and y, as it is computed. Ints and
bools go in as `floatx()` where the result is not an int. `absolute`, `negative`,
`sign`, `square` and `round` keep ints.
"""

import math

import numpy as np

from minikeras.autodiff import primitive
from minikeras.ops import special
from minikeras.ops.kinds import Float, Number, WideFloat


@primitive
def absolute(x: Number):
    """|x|. dx = sign(x): 0 at 0."""
    return np.abs(x), (lambda dy: dy * np.sign(x),)


@primitive
def negative(x: Number):
    """-x."""
    return np.negative(x), (lambda dy: -dy,)


@primitive
def sign(x: Number):
    """-1, 0 or 1; nan stays. Its derivative is 0 everywhere."""
    return np.sign(x), (np.zeros_like,)


@primitive
def square(x: Number):
    """x². dx = 2x."""
    if x.dtype.kind == "b":
        x = x.astype("int32")
    return x * x, (lambda dy: dy * (2 * x),)


@primitive
def sqrt(x: Float):
    """√x, nan below 0. dx = 1 / 2y: inf at 0, but for dy = 0 always 0."""
    y = np.sqrt(x)
    return y, (lambda dy: np.where(dy == 0, dy, dy * 0.5 / y),)


@primitive
def rsqrt(x: Float):
    """1 / √x. dx = -y³ / 2, but for dy = 0 always 0."""
    y = 1 / np.sqrt(x)
    return y, (lambda dy: np.where(dy == 0, dy, -0.5 * dy * (y * y * y)),)


@primitive
def reciprocal(x: Float):
    """1 / x. dx = -y², but for dy = 0 always 0."""
    y = 1 / x
    return y, (lambda dy: np.where(dy == 0, dy, -dy * y * y),)


@primitive
def exp(x: Float):
    """eˣ. dx = y."""
    y = np.exp(x)
    return y, (lambda dy: dy * y,)


@primitive
def expm1(x: Float):
    """eˣ - 1, exact near 0. dx = eˣ."""
    return np.expm1(x), (lambda dy: dy * np.exp(x),)


@primitive
def exp2(x: Float):
    """2ˣ. dx = y·ln 2."""
    y = np.exp2(x)
    return y, (lambda dy: dy * (math.log(2) * y),)


@primitive
def log(x: Float):
    """ln x: -inf at 0, nan below. dx = 1 / x."""
    return np.log(x), (lambda dy: dy / x,)


@primitive
def log1p(x: Float):
    """ln(1 + x), exact near 0. dx = 1 / (1 + x)."""
    return np.log1p(x), (lambda dy: dy / (1 + x),)


@primitive
def log2(x: Float):
    """ln x / ln 2, as Keras computes it. dx = 1 / (x·ln 2)."""
    return _log_to_base(x, 2)


@primitive
def log10(x: Float):
    """ln x / ln 10, as Keras computes it. dx = 1 / (x·ln 10)."""
    return _log_to_base(x, 10)


def _log_to_base(x, base):
    unit = np.log(x.dtype.type(base))
    return np.log(x) / unit, (lambda dy: dy / unit / x,)


@primitive
def sin(x: Float):
    """sin x. dx = cos x."""
    return np.sin(x), (lambda dy: dy * np.cos(x),)


@primitive
def cos(x: Float):
    """cos x. dx = -sin x."""
    return np.cos(x), (lambda dy: -dy * np.sin(x),)


@primitive
def tan(x: Float):
    """tan x. dx = 1 / cos² x."""
    return np.tan(x), (lambda dy: dy / np.square(np.cos(x)),)


@primitive
def arcsin(x: Float):
    """The angle in [-π/2, π/2] whose sine is x. dx = 1 / √(1 - x²)."""
    return np.arcsin(x), (lambda dy: dy / np.sqrt(1 - x * x),)


@primitive
def arccos(x: Float):
    """The angle in [0, π] whose cosine is x. dx = -1 / √(1 - x²)."""
    return np.arccos(x), (lambda dy: -dy / np.sqrt(1 - x * x),)


@primitive
def arctan(x: Float):
    """The angle in (-π/2, π/2) whose tangent is x. dx = 1 / (1 + x²)."""
    return np.arctan(x), (lambda dy: dy / (1 + x * x),)


@primitive
def sinh(x: Float):
    """(eˣ - e⁻ˣ) / 2. dx = cosh x."""
    return np.sinh(x), (lambda dy: dy * np.cosh(x),)


@primitive
def cosh(x: Float):
    """(eˣ + e⁻ˣ) / 2. dx = sinh x."""
    return np.cosh(x), (lambda dy: dy * np.sinh(x),)


@primitive
def tanh(x: Float):
    """sinh x / cosh x. dx = 1 - y²."""
    y = np.tanh(x)
    return y, (lambda dy: dy * (1 - y * y),)


@primitive
def arcsinh(x: Float):
    """The inverse of sinh. dx = 1 / cosh y."""
    y = np.arcsinh(x)
    return y, (lambda dy: dy / np.cosh(y),)


@primitive
def arccosh(x: Float):
    """The inverse of cosh, nan below 1. dx = 1 / sinh y."""
    y = np.arccosh(x)
    return y, (lambda dy: dy / np.sinh(y),)


@primitive
def arctanh(x: Float):
    """The inverse of tanh. dx = 1 / (1 - x²)."""
    return np.arctanh(x), (lambda dy: dy / (1 - x * x),)


@primitive
def erf(x: Float):
    """2/√π ∫ exp(-t²) dt from 0 to x. dx = 2/√π · exp(-x²)."""
    slope = 2 / math.sqrt(math.pi)
    return special.erf(x), (lambda dy: dy * (slope * np.exp(-x * x)),)


@primitive
def erfinv(x: Float):
    """The inverse of erf: ±inf at ±1, nan beyond. dx = √π/2 · exp(y²)."""
    y = special.erfinv(x)
    slope = math.sqrt(math.pi) / 2
    return y, (lambda dy: dy * (slope * np.exp(y * y)),)


@primitive
def cbrt(x: WideFloat):
    """The cube root sign(x)·|x|^(1/3); int64 goes in as float64.

    dx = |x|^(-2/3) / 3, nan at 0, where TensorFlow multiplies inf by a sign of 0.
    """
    third = x.dtype.type(1 / 3)
    sign = np.sign(x)
    y = sign * np.power(np.abs(x), third)

    def dx(dy):
        return dy * sign * (third * np.power(np.abs(x), third - 1)) * sign

    return y, (dx,)


@primitive
def trunc(x: Number):
    """x without its decimals, ints as they are. No derivative."""
    return np.trunc(x) if x.dtype.kind == "f" else x, (None,)


@primitive
def floor(x: Float):
    """The largest whole number ≤ x, as a float. No derivative."""
    return np.floor(x), (None,)


@primitive
def ceil(x: Float):
    """The smallest whole number ≥ x, as a float. No derivative."""
    return np.ceil(x), (None,)


@primitive
def round(x: Number, decimals=0):
    """x to so many decimals, halves to the even neighbour. No derivative."""
    return np.round(x, decimals), (None,)


@primitive
def nan_to_num(x: Number, nan=0.0, posinf=None, neginf=None):
    """x with nan replaced, and ±inf (by the largest and smallest float, by default).

    The gradient of a replaced element is 0. Ints stay as they are.
    """
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
