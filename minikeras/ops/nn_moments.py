"""Counterpart: keras/src/ops/nn.py. Mean with variance, and unit length."""

import numpy as np

from minikeras.config import epsilon as default_epsilon
from minikeras.ops.arithmetic import clip, divide, maximum, minimum, multiply
from minikeras.ops.core import cast, convert_to_tensor
from minikeras.ops.dtypes import as_float
from minikeras.ops.elementwise import rsqrt, square
from minikeras.ops.linalg import norm
from minikeras.ops.reduce import mean, sum, var
from minikeras.ops.shape import expand_dims


def moments(x, axes, keepdims=False, synchronized=False):
    """(mean, variance) of x over `axes`.

    float16 is computed in float32, and what does not fit is cut off at its largest
    number. There is one process, so `synchronized` changes nothing.
    """
    x = convert_to_tensor(x)
    half = x.value.dtype == np.float16
    wide = cast(x, "float32") if half else x
    both = (op(wide, axis=axes, keepdims=keepdims) for op in (mean, var))
    if not half:
        return tuple(both)
    limit = float(np.finfo("float16").max)
    return tuple(cast(clip(y, -limit, limit), "float16") for y in both)


def normalize(x, axis=-1, order=2, epsilon=None):
    """x / max(norm, ε) along `axis`: of length 1, unless it is tiny.

    The norm is (Σ|x|^order)^(1/order), ε `config.epsilon()` by default. A number
    counts as a vector of one.
    """
    if not isinstance(order, (int, np.integer)) or order < 1:
        raise ValueError(f"`order` must be a whole number ≥ 1. Received: order={order}")
    epsilon = default_epsilon() if epsilon is None else epsilon
    x = convert_to_tensor(x)
    x = cast(x, as_float(x.value).dtype)
    if not x.ndim:
        x = expand_dims(x, 0)
    if order == 2:  # a product, with its own rounding, as in keras/src/ops/nn.py
        inverse = rsqrt(sum(square(x), axis=axis, keepdims=True))
        return multiply(x, minimum(inverse, 1.0 / epsilon))
    return divide(x, maximum(norm(x, int(order), axis, keepdims=True), epsilon))
