"""The error function, which NumPy lacks. Plain functions of an ndarray.

Near 0 the Maclaurin series of erf. Elsewhere, for a = |x|, the trapezoidal rule on

    erfc(a) = a/π · exp(-a²) ∫ exp(-t²) / (a² + t²) dt,   t from -∞ to ∞,

which for such an integrand converges like exp(-(π / step)²). Its pole at t = ia adds
2 / (1 + exp(2πa / step)) while a < π / step. (Chiarella and Reichel, On the evaluation
of integrals related to the error function, Math. Comp. 22, 1968.)
"""

import math

import numpy as np

from minikeras.ops.quiet import quiet

_NEAR = 0.5  # |x| below which the series is used
_FAR = 28.0  # exp(-28²) is 0 even in float64

# By bytes of a number: terms of the series; step and terms of the integral. What they
# cut off is below 0.02 units in the last place.
_RULES = {2: (7, 0.65, 7), 4: (7, 0.65, 7), 8: (12, 0.5, 13)}


def erf(x):
    """2/√π ∫ exp(-t²) dt from 0 to x. Within 1 ulp in float32, 2 in float64."""
    return quiet.run(
        _by_parts, x, lambda y: y, lambda tail, x: np.copysign(1 - tail, x)
    )


def erfc(x):
    """1 - erf(x), not rounded to 0 early. Within 1 ulp in float32, 6 in float64."""
    return quiet.run(
        _by_parts, x, lambda y: 1 - y, lambda tail, x: np.where(x > 0, tail, 2 - tail)
    )


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
