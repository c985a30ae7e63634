"""Counterpart: keras/src/regularizers/regularizers.py. Penalties on weights.

Each penalty is one op: a scalar and its derivative.
"""

import math

import numpy as np

from minikeras.autodiff import Array, Tensor, as_array, primitive
from minikeras.config import epsilon
from minikeras.signature import Checked


class Regularizer(Checked):
    """A penalty: called with a Tensor, it returns a scalar that joins the loss."""

    def __call__(self, x):
        return 0.0

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def get_config(self):
        raise NotImplementedError(f"{self} does not implement get_config()")


class L1L2(Regularizer):
    """l1·Σ|x| + l2·Σx²."""

    def __init__(self, l1=0.0, l2=0.0):
        self.l1 = validate_float_arg(0.0 if l1 is None else l1, name="l1")
        self.l2 = validate_float_arg(0.0 if l2 is None else l2, name="l2")

    def __call__(self, x):
        l1, l2 = _single(self.l1), _single(self.l2)
        if l1 and l2:
            return l1_l2_penalty(x, l1, l2)
        if l1:
            return l1_penalty(x, l1)
        if l2:
            return l2_penalty(x, l2)
        return Tensor(np.zeros((), as_array(x).dtype))

    def get_config(self):
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """l1·Σ|x|. The factor is kept as a Tensor, hence rounded to `floatx()`."""

    def __init__(self, l1=0.01):
        l1 = validate_float_arg(0.01 if l1 is None else l1, name="l1")
        self.l1 = Tensor(as_array(l1))

    def __call__(self, x):
        return l1_penalty(x, float(self.l1.value))

    def get_config(self):
        return {"l1": float(self.l1)}


class L2(Regularizer):
    """l2·Σx²."""

    def __init__(self, l2=0.01):
        self.l2 = validate_float_arg(0.01 if l2 is None else l2, name="l2")

    def __call__(self, x):
        return l2_penalty(x, _single(self.l2))

    def get_config(self):
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """factor times the mean |cosine| between any two rows (or columns) of a matrix."""

    def __init__(self, factor=0.01, mode="rows"):
        self.factor = Tensor(as_array(validate_float_arg(factor, name="factor")))
        if mode not in ("rows", "columns"):
            raise ValueError(
                f'Argument `mode` must be "rows" or "columns". Received: mode={mode!r}'
            )
        self.mode = mode

    def __call__(self, inputs):
        if len(inputs.shape) != 2:
            raise ValueError(
                "Inputs to OrthogonalRegularizer must have rank 2. "
                f"Received: inputs.shape={inputs.shape}"
            )
        axis = 1 if self.mode == "rows" else 0
        return orthogonal_penalty(inputs, float(self.factor.value), axis)

    def get_config(self):
        return {"factor": float(self.factor), "mode": self.mode}


@primitive
def l1_penalty(x: Array, l1):
    """l1·Σ|x|; derivative l1·sign(x)."""
    return _l1(x, l1), (lambda dy: dy * l1 * np.sign(x),)


@primitive
def l2_penalty(x: Array, l2):
    """l2·Σx²; derivative 2·l2·x."""
    value = _l2(x, l2)
    return value, (lambda dy: dy * (2 * l2) * x,)


@primitive
def l1_l2_penalty(x: Array, l1, l2):
    """l1·Σ|x| + l2·Σx²; derivative l1·sign(x) + 2·l2·x."""
    value = _l1(x, l1) + _l2(x, l2)
    return value, (lambda dy: dy * (l1 * np.sign(x) + 2 * l2 * x),)


@primitive
def orthogonal_penalty(x: Array, factor, axis):
    """factor·Σ_{i<j} |n_i·n_j| / pairs; n_i are the rows (axis 1) over their norms.

    With c = n nᵀ without its diagonal: dn = sign(c) n · factor/pairs and, through
    the norm, dx = (dn - n·⟨dn, n⟩)/norm. Norms are at least `epsilon()`. A zero
    row gets the finite derivative dn/epsilon (tf.keras: nan, from 0·inf).
    """
    return _orthogonal(x, factor, axis)


def _orthogonal(x, factor, axis):
    rows = x if axis == 1 else x.T
    scale = 1 / np.sqrt(np.sum(rows * rows, axis=1, keepdims=True))
    bound = x.dtype.type(1 / epsilon())
    clamped = scale > bound
    scale = np.minimum(scale, bound)
    n = rows * scale
    cosines = n @ n.T
    np.fill_diagonal(cosines, 0)
    # One row has no pairs: 0/0, and so is the derivative.
    pairs = x.dtype.type(len(rows) * (len(rows) - 1) / 2)
    value = factor * 0.5 * np.abs(cosines).sum() / pairs

    def pull(dy):
        dn = dy * (factor / pairs) * (np.sign(cosines) @ n)
        along = np.where(clamped, 0, np.sum(dn * n, axis=1, keepdims=True))
        dx = (dn - n * along) * scale
        return dx if axis == 1 else dx.T

    return value, (pull,)


def _l1(x, l1):
    return l1 * np.abs(x).sum()


def _l2(x, l2):
    return l2 * _sum_of_squares(x)


def _sum_of_squares(x):
    """Σx² by BLAS, four times as fast as (x * x).sum() at any size. In rows of
    1024, for a long dot product loses digits that TensorFlow's sum keeps."""
    flat = x.ravel()
    if flat.size < 4096:
        return flat.dot(flat)
    whole = flat.size // 1024 * 1024
    rows, rest = flat[:whole].reshape(-1, 1024), flat[whole:]
    return np.vecdot(rows, rows).sum() + rest.dot(rest)


def _single(factor: float) -> float:
    """A factor as ops.cast takes it: through float32, even for float64 weights."""
    return float(np.float32(factor))


def validate_float_arg(value, name: str) -> float:
    """`value` as a float; ValueError unless it is a finite number of at least 0."""
    number = isinstance(value, (float, int, np.floating, np.integer))
    if not number or not math.isfinite(value) or value < 0:
        raise ValueError(
            f"Invalid value for argument {name}: expected a non-negative float. "
            f"Received: {name}={value!r}"
        )
    return float(value)
