"""Counterpart: keras/src/constraints/constraints.py. Bounds on weights.

A constraint is called with the new value of a variable after each optimizer step
and returns the value that the variable takes. Norms are L2 norms over `axis`:
for the kernel of Dense, axis 0 is one norm per unit; for Conv2D, (0, 1, 2).
"""

import numpy as np

from minikeras.autodiff import Tensor, as_array
from minikeras.config import epsilon
from minikeras.signature import Checked


class Constraint(Checked):
    """The base: leaves the value as it is."""

    def __call__(self, w):
        return w

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class MaxNorm(Constraint):
    """Shrinks vectors longer than `max_value` to that length."""

    def __init__(self, max_value=2, axis=0):
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w):
        return _rescaled(w, self.axis, lambda norm: np.clip(norm, 0, self.max_value))

    def get_config(self):
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """Sets negative weights to 0."""

    def __call__(self, w):
        w = as_array(w)
        return Tensor(np.maximum(w, w.dtype.type(0)))


class UnitNorm(Constraint):
    """Gives every vector the length 1."""

    def __init__(self, axis=0):
        self.axis = axis

    def __call__(self, w):
        w = as_array(w)
        with np.errstate(over="ignore", invalid="ignore"):
            return Tensor(w / (epsilon() + _norms(w, self.axis)))

    def get_config(self):
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Moves lengths towards [min_value, max_value], by the part `rate` of the way."""

    def __init__(self, min_value=0.0, max_value=1.0, rate=1.0, axis=0):
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w):
        def wanted(norm):
            inside = np.clip(norm, self.min_value, self.max_value)
            return self.rate * inside + (1 - self.rate) * norm

        return _rescaled(w, self.axis, wanted)

    def get_config(self):
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


def _rescaled(w, axis, wanted) -> Tensor:
    """`w` with each norm n along `axis` turned into wanted(n), up to epsilon."""
    w = as_array(w)
    with np.errstate(over="ignore", invalid="ignore"):
        norms = _norms(w, axis)
        return Tensor(w * (wanted(norms) / (epsilon() + norms)))


def _norms(w: np.ndarray, axis) -> np.ndarray:
    axis = tuple(axis) if isinstance(axis, list) else axis
    return np.sqrt(np.sum(np.square(w), axis=axis, keepdims=True))
