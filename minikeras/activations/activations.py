"""Counterpart: keras/src/activations/activations.py. The activations that ops lack.

relu with its three options, gelu exact by default, mish, exponential and linear; all
others are the ops of the same name.
"""

import numpy as np

from minikeras import ops
from minikeras.autodiff import primitive
from minikeras.graph import KerasTensor, call_op
from minikeras.ops.kinds import Float
from minikeras.ops.nn_smooth import log_one_plus_exp, logistic


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """max(x, 0), or with options, piece by piece:

    min(x, max_value)                    where x > threshold
    -negative_slope · (threshold - x)    elsewhere

    max_value=None means no limit; with one, y ≥ 0 above a negative threshold too.
    """
    if isinstance(x, KerasTensor):
        options = {"max_value": max_value, "threshold": threshold}
        return call_op(relu, (x,), {"negative_slope": negative_slope} | options)
    if max_value is None and threshold == 0:
        if negative_slope == 0:
            return ops.relu(x)
        return ops.leaky_relu(x, negative_slope)
    limit = None if max_value is None else float(max_value)
    return _bounded_relu(x, float(negative_slope), limit, float(threshold))


@primitive
def _bounded_relu(x: Float, negative_slope, max_value, threshold):
    """Slope 1 where threshold < x ≤ max_value, negative_slope where x < threshold.

    The slope at max_value = 6 is 0 if threshold = 0: then Keras takes relu6.
    """
    active = x > threshold
    # a threshold makes nan 0, as in Keras
    y = np.where(active, x, 0) if threshold else np.maximum(x, 0)
    if max_value is not None:
        strict = max_value == 6 and threshold == 0
        active &= (y >= 0) & ((y < max_value) if strict else (y <= max_value))
        y = np.minimum(np.maximum(y, 0), max_value)
    below = x < threshold
    if negative_slope:
        y = y - negative_slope * np.maximum(threshold - x, 0)

    def pull(dy):
        return np.where(active, dy, 0) + np.where(below, negative_slope * dy, 0)

    return y, (pull,)


def gelu(x, approximate=False):
    """x Φ(x), where Φ is the cumulative normal distribution; see ops.gelu."""
    return ops.gelu(x, approximate)


@primitive
def mish(x: Float):
    """x tanh(softplus(x)). With t the tanh, dx = (t + x (1 - t²) sigmoid(x)) dy."""
    t = np.tanh(log_one_plus_exp(x))
    return x * t, (lambda dy: dy * t + dy * x * (1 - t * t) * logistic(x),)


def exponential(x):
    """exp(x)."""
    return ops.exp(x)


def linear(x):
    """x itself."""
    return x
