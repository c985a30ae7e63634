"""Counterpart: scipy/signal/windows, as far as it needs no parameter.

A symmetric window of length n is a function of the position p from -1 to 1; a
periodic one is the symmetric window of length n + 1 without its last value.
"""

import math
from collections.abc import Callable

import numpy as np

from minikeras.registry import did_you_mean

# Sums a0 + a1·cos(πp) + a2·cos(2πp) + …
_COSINE_SUMS = {
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}


def _bohman(p):
    inner = (1 - p) * np.cos(math.pi * p) + np.sin(math.pi * p) / math.pi
    return np.where(p < 1, inner, 0.0)


# Functions of |p|, where the ends of the window lie at |p| = 1.
_SHAPES: dict[str, Callable] = {
    "boxcar": np.ones_like,
    "bartlett": lambda p: 1 - p,
    "barthann": lambda p: 0.62 - 0.24 * p + 0.38 * np.cos(math.pi * p),
    "bohman": _bohman,
    "lanczos": np.sinc,
}
NAMES = (*_COSINE_SUMS, *_SHAPES, "cosine", "triang")


def check_window(name: str) -> None:
    """ValueError with the nearest name unless `name` is a window."""
    if name not in NAMES:
        raise ValueError(
            f"Unknown window: {name!r}.{did_you_mean(name, NAMES)} "
            f"Expected one of {NAMES}."
        )


def window_values(name: str, length: int, periodic: bool = False) -> np.ndarray:
    """The window of that name and length, in float64.

    >>> window_values("hann", 5).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    check_window(name)
    if length <= 1:
        return np.ones(length)
    if periodic:
        return window_values(name, length + 1)[:-1]
    if name == "triang":
        # Unlike bartlett's, its zeros lie just outside the window.
        return 1 - np.abs(np.arange(length) - (length - 1) / 2) / ((length + 1) // 2)
    if name == "cosine":
        return np.sin(math.pi / length * (np.arange(length) + 0.5))
    p = np.linspace(-1, 1, length)
    if name in _COSINE_SUMS:
        factors = enumerate(_COSINE_SUMS[name])
        return np.sum([a * np.cos(k * math.pi * p) for k, a in factors], axis=0)
    return _SHAPES[name](np.abs(p))
