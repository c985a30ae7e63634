"""The error function and its inverse, which NumPy lacks. Plain functions of an ndarray.

Near 0 the Maclaurin series of erf. Elsewhere, for a = |x|, the trapezoidal rule on

    erfc(a) = a/π · exp(-a²) ∫ exp(-t²) / (a² + t²) dt,   t from -∞ to ∞,

which for such an integrand converges like exp(-(π / step)²). Its pole at t = ia adds
2 / (1 + exp(2πa / step)) while a < π / step. (Chiarella and Reichel, On the evaluation
of integrals related to the error function, Math. Comp. 22, 1968.)
"""

import math

import numpy as np

_NEAR = 0.5  # |x| below which the series is used
_BELOW_ONE = 1 - 2.0**-53
_FAR = 28.0  # exp(-28²) is 0 even in float64

# By bytes of a number: terms of the series; step and terms of the integral. What they
# cut off is below 0.02 units in the last place.
_RULES = {2: (7, 0.65, 7), 4: (7, 0.65, 7), 8: (12, 0.5, 13)}


def erf(x):
    """2/√π ∫ exp(-t²) dt from 0 to x. Within 1 ulp in float32, 2 in float64."""
    return _by_parts(x, lambda y: y, lambda tail, x: np.copysign(1 - tail, x))


def erfc(x):
    """1 - erf(x), not rounded to 0 early. Within 1 ulp in float32, 6 in float64."""
    return _by_parts(
        x, lambda y: 1 - y, lambda tail, x: np.where(x > 0, tail, 2 - tail)
    )


def erfinv(x):
    """The y with erf(y) = x: ±inf at ±1, nan beyond.

    A first guess that is off by a few thousandths at most, then Halley's method on
    erf(y) - x, whose second derivative is -2y times its first: each step cubes the
    error. Where |x| ≥ 0.5, on erfc(y) - (1 - |x|), which is as precise near ±1.
    """
    a = np.abs(x.astype("float64"))
    near = a < 0.5
    y = np.where(near, _guess_near(a), _guess_far(a))
    for _ in range(2):
        # where near, y < 0.5 as well: the series serves, which is precise there
        small = _by_parts(y, lambda v: v, lambda tail, _: 1 - tail) - a
        large = (1 - a) - _by_parts(y, lambda v: 1 - v, lambda tail, _: tail)
        step = np.where(near, small, large) * np.exp(y * y) * (math.sqrt(math.pi) / 2)
        y = y - step / (1 + y * step)
    y = np.where(a < 1, y, np.where(a == 1, np.inf, np.nan))
    return np.copysign(y, x).astype(x.dtype)


def _guess_near(a):
    """The start of the Maclaurin series, √π/2 (a + π/12 a³ + 7π²/480 a⁵)."""
    square = a * a
    factor = 1 + square * (math.pi / 12 + square * (7 * math.pi**2 / 480))
    return math.sqrt(math.pi) / 2 * a * factor


def _guess_far(a):
    """From erf(y)² ≈ 1 - exp(-y² (4/π + cy²) / (1 + cy²)) with c = 0.147 (Winitzki)."""
    log = np.log(1 - np.minimum(a, _BELOW_ONE)) + np.log1p(a)
    half = 2 / (math.pi * 0.147) + log / 2
    return np.sqrt(np.sqrt(half * half - log / 0.147) - half)


def _by_parts(x, near, far):
    """near(erf(x)) where |x| is small, far(erfc(|x|), x) elsewhere, in x's dtype."""
    terms, step, count = _RULES[x.dtype.itemsize]
    wide = x.astype("float64").ravel()  # so float32 rounds once, at the end
    y = np.empty_like(wide)
    small = np.abs(wide) < _NEAR
    y[small] = near(_series(wide[small], terms))
    large = wide[~small]
    y[~small] = far(_tail(np.abs(large), step, count), large)
    return y.reshape(x.shape).astype(x.dtype)


def _series(x, terms):
    """erf(x) = 2/√π Σ (-1)ᵏ x²ᵏ⁺¹ / (k! (2k + 1))."""
    square = x * x
    total = np.zeros_like(x)
    for k in reversed(range(terms)):
        total *= square
        total += (-1) ** k / (math.factorial(k) * (2 * k + 1))
    return x * total * (2 / math.sqrt(math.pi))


def _tail(a, step, count):
    """erfc(a) for a ≥ 0.5."""
    a = np.minimum(a, _FAR)
    square = a * a
    total = np.zeros_like(a)
    for k in reversed(range(count)):  # the smallest terms first
        point = ((k + 0.5) * step) ** 2
        total += math.exp(-point) / (square + point)
    # exp(-a²) in two factors: head² is exact, so nothing is lost to rounding a²
    head = np.round(a * 32) / 32
    gauss = np.exp(-head * head) * np.exp((head - a) * (head + a))
    pole = 2 / (1 + np.exp(2 * math.pi / step * a))
    return gauss * a * total * (2 * step / math.pi) + np.where(
        a < math.pi / step, pole, 0
    )
