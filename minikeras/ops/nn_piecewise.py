"""Counterpart: the piecewise activations of keras/src/ops/nn.py.

Slopes at the kinks, and for nan, are those that TensorFlow's kernels give
(keras/src/backend/tensorflow/nn.py). Where they are formulas, inf · 0 is nan.
"""

import numpy as np

from minikeras.autodiff import primitive
from minikeras.ops.constants import zeros
from minikeras.ops.kinds import Float, Number

_LARGE = 4096
_SELU_SCALE = 1.0507009873554805
_SELU_SCALE_ALPHA = 1.7580993408473768


@primitive
def relu(x: Number):
    """max(x, 0). Slope 1 above 0, else 0 (times dy: inf · 0 is nan). Ints stay ints."""
    # Beside an array NumPy's maximum is three times as fast as beside a number.
    y = np.maximum(x, zeros(x.shape[1:], x.dtype) if x.size > _LARGE else 0)
    # A product: where() takes eight times as long on signs that come at random.
    return y, (lambda dy: dy * (y > 0),)


@primitive
def relu6(x: Number):
    """min(max(x, 0), 6). Slope 1 strictly between, else 0. Ints stay ints."""
    y = np.minimum(np.maximum(x, 0), 6)
    return y, (lambda dy: np.where((y > 0) & (y < 6), dy, dy.dtype.type(0)),)


@primitive
def leaky_relu(x: Float, negative_slope=0.2):
    """x above 0, else negative_slope · x. Slope at 0: negative_slope."""
    slope = float(negative_slope)
    above = x > 0
    return np.where(above, x, slope * x), (lambda dy: np.where(above, dy, slope * dy),)


@primitive
def elu(x: Float, alpha=1.0):
    """x above 0, else alpha (exp(x) - 1). Slope alpha exp(x) up to 0, then 1."""
    alpha = float(alpha)
    above = x > 0
    e = np.exp(np.minimum(x, 0)) - 1
    # fmin: the slope of nan is alpha
    return np.where(above, x, alpha * e), (
        lambda dy: np.where(above, dy, alpha * dy * (np.fmin(e, 0) + 1)),
    )


@primitive
def selu(x: Float):
    """scale · x above 0, else scale · alpha (exp(x) - 1).

    scale = 1.0507… and alpha = 1.6732…. Slope scale from 0 on, below it scale ·
    alpha · exp(x).
    """
    below = _SELU_SCALE_ALPHA * (np.exp(np.minimum(x, 0)) - 1)
    y = np.where(x < 0, below, _SELU_SCALE * x)
    return y, (lambda dy: dy * np.where(y < 0, y + _SELU_SCALE_ALPHA, _SELU_SCALE),)


@primitive
def celu(x: Float, alpha=1.0):
    """max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1).

    Slope 1 above 0 and exp(x / alpha) below; at 0 their sum, 2, since TensorFlow
    gives either minimum or maximum the whole gradient of a tie.
    """
    alpha = float(alpha)
    exponent = np.minimum(x, 0) / alpha

    def pull(dy):
        return np.where(x >= 0, dy, 0) + np.where(x <= 0, dy * np.exp(exponent), 0)

    return np.maximum(x, 0) + alpha * np.expm1(exponent), (pull,)


@primitive
def hard_sigmoid(x: Float):
    """relu6(x + 3) / 6. Slope 1/6 strictly between -3 and 3, else 0."""
    h, inside = _hard_sigmoid(x)
    return h, (lambda dy: dy / 6 * inside,)


@primitive
def hard_silu(x: Float):
    """x relu6(x + 3) / 6. Slope h + x h′, where h is the hard sigmoid."""
    h, inside = _hard_sigmoid(x)
    return x * h, (lambda dy: dy * h + dy * x / 6 * inside,)


hard_swish = hard_silu


def _hard_sigmoid(x):
    shifted = np.minimum(np.maximum(x + 3, 0), 6)
    return shifted / 6, (shifted > 0) & (shifted < 6)


@primitive
def hard_tanh(x: Float):
    """min(max(x, -1), 1). Slope 1 from -1 to 1, else 0."""
    return np.minimum(np.maximum(x, -1), 1), (
        lambda dy: np.where((x >= -1) & (x <= 1), dy, 0),
    )


@primitive
def sparse_sigmoid(x: Float):
    """(x + 1) / 2 between -1 and 1; 0 below and 1 above. Slope at ±1: 0."""
    below, above = x <= -1, x >= 1
    y = np.where(below, 0, np.where(above, 1, 0.5 * (x + 1)))
    return y, (lambda dy: np.where(below | above, 0, 0.5 * dy),)


@primitive
def sparse_plus(x: Float):
    """(x + 1)² / 4 between -1 and 1; 0 below and x above.

    Slope (x + 1) / 2 between and 1 from 1 on. As a product with a mask, as in
    TensorFlow: nan for ±inf and nan.
    """
    between, above = (x > -1) & (x < 1), x >= 1
    y = np.where(x <= -1, 0, np.where(x < 1, 0.25 * np.square(x + 1), x))
    return y, (lambda dy: dy * above + 0.5 * dy * between * (x + 1),)


@primitive
def soft_shrink(x: Float, threshold=0.5):
    """x - threshold above it, x + threshold below -threshold, else 0.

    Slope 1 outside [-threshold, threshold], 0 inside and for nan.
    """
    threshold = float(threshold)
    above, below = x > threshold, x < -threshold
    y = np.where(above, x - threshold, np.where(below, x + threshold, 0))
    return y, (lambda dy: np.where(above | below, dy, 0),)


@primitive
def hard_shrink(x: Float, threshold=0.5):
    """x where |x| > threshold, else 0. Slope 1 there, else 0."""
    outside = np.abs(x) > float(threshold)
    return np.where(outside, x, 0), (lambda dy: np.where(outside, dy, 0),)


@primitive
def threshold(x: Float, threshold, default_value):
    """x where x > threshold, else default_value. Slope 1 there, else 0."""
    above = x > float(threshold)
    return np.where(above, x, float(default_value)), (
        lambda dy: np.where(above, dy, 0),
    )
