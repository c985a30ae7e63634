"""Counterpart: the smooth activations of keras/src/ops/nn.py.

Values and slopes are TensorFlow's own formulas (keras/src/backend/tensorflow/nn.py and
the kernels below it), so that inf · 0 is nan here where it is nan there.
"""

import math

import numpy as np

from minikeras.autodiff import Tensor, as_array, primitive
from minikeras.ops.kinds import Float
from minikeras.ops.special import erfc


def logistic(x):
    """1 / (1 + exp(-x)) of a float ndarray, as exp(x) / (1 + exp(x))."""
    # The bound keeps exp finite, and well below it the quotient already rounds to 1.
    e = np.exp(np.minimum(x, 40.0 if x.dtype.itemsize > 2 else 11.0))
    return e / (1 + e)


def log_one_plus_exp(x):
    """ln(1 + exp(x)) of a float ndarray."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def sigmoid(x):
    """1 / (1 + exp(-x)). The result keeps `x` as its `logits`, for cross-entropy."""
    y = _sigmoid(x)
    y.logits = x if isinstance(x, Tensor) else Tensor(as_array(x))
    return y


@primitive
def _sigmoid(x: Float):
    """dx = (1 - y) y dy."""
    y = logistic(x)
    return y, (lambda dy: dy * (1 - y) * y,)


@primitive
def log_sigmoid(x: Float):
    """ln(1 / (1 + exp(-x))). dx = σ(-x) dy, where σ is the sigmoid."""
    return -log_one_plus_exp(-x), (lambda dy: dy * logistic(-x),)


@primitive
def softplus(x: Float):
    """ln(1 + exp(x)). dx = σ(x) dy, where σ is the sigmoid."""
    return log_one_plus_exp(x), (lambda dy: dy * logistic(x),)


@primitive
def silu(x: Float):
    """x σ(x), where σ is the sigmoid. dx = σ(x) (1 + x (1 - σ(x))) dy."""
    s = logistic(x)
    return x * s, (lambda dy: dy * (s * (1 + x * (1 - s))),)


swish = silu


@primitive
def gelu(x: Float, approximate=True):
    """x Φ(x), where Φ is the cumulative normal distribution. dx = (Φ + x Φ′) dy.

    Φ(x) = erfc(-x / √2) / 2, or approximately (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
    The default is that of keras.ops; keras.activations.gelu is exact by default.
    """
    share, density = (_normal_by_tanh if approximate else _normal_by_erfc)(x)
    return 0.5 * x * share, (lambda dy: dy * (0.5 * share + x * density()),)


def _normal_by_erfc(x):
    """2Φ and the function that gives Φ′."""
    u = -x * math.sqrt(0.5)
    return erfc(u), lambda: np.exp(-u * u) / math.sqrt(2 * math.pi)


def _normal_by_tanh(x):
    """2Φ and the function that gives Φ′, approximately."""
    scale = math.sqrt(2 / math.pi)
    t = np.tanh(scale * (x + 0.044715 * (x * x * x)))
    slope = lambda: 0.5 * (1 - t * t) * (scale * (1 + 3 * 0.044715 * (x * x)))  # noqa: E731
    return 1 + t, slope


@primitive
def softsign(x: Float):
    """x / (1 + |x|). dx = dy / (1 + |x|)²."""
    size = np.abs(x) + 1
    return x / size, (lambda dy: dy / (size * size),)


@primitive
def squareplus(x: Float, b=4):
    """(x + √(x² + b)) / 2. dx = (1 + x / √(x² + b)) / 2 · dy."""
    root = np.sqrt(x * x + float(b))
    return (x + root) / 2, (lambda dy: dy * (0.5 + 0.5 * (x / root)),)


@primitive
def tanh_shrink(x: Float):
    """x - tanh(x). dx = tanh²(x) dy."""
    t = np.tanh(x)
    return x - t, (lambda dy: dy * (t * t),)
