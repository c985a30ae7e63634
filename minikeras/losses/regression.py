"""Counterpart: the losses of distance in keras/src/losses/losses.py.

y_true and y_pred have one shape (or broadcast); losses are means over the last
axis. Each formula is a function and a class that reduces it.
"""

import math

import numpy as np

from minikeras import ops
from minikeras.autodiff import Array, Tensor, primitive
from minikeras.config import epsilon, floatx
from minikeras.limits import number
from minikeras.losses.loss import FunctionLoss
from minikeras.losses.reduction import (
    as_tensor,
    common_shape,
    squeeze_or_expand_to_same_rank,
    with_mean,
)


def aligned(y_true, y_pred) -> tuple[Tensor, Tensor]:
    """Both as float Tensors of y_pred's dtype and of one shape: (n,) meets (n, 1)."""
    y_true, y_pred = same_dtype(y_true, y_pred)
    if y_true.shape == y_pred.shape:
        return y_true, y_pred
    y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    shape = common_shape(y_true, y_pred, "y_true", "y_pred")
    return _broadcast(y_true, shape), _broadcast(y_pred, shape)


def unaligned(y_true, y_pred) -> tuple[Tensor, Tensor]:
    """Both as float Tensors of y_pred's dtype, in shapes that broadcast.

    For the losses that Keras leaves to broadcasting: labels (n,) beside outputs
    (n, 1) give (n, n). A Loss aligns its inputs itself, a metric does not.
    """
    y_true, y_pred = same_dtype(y_true, y_pred)
    common_shape(y_true, y_pred, "y_true", "y_pred")
    return y_true, y_pred


def same_dtype(y_true, y_pred) -> tuple[Tensor, Tensor]:
    """Both as float Tensors, y_true in the dtype of y_pred."""
    if type(y_pred) is not Tensor:
        y_pred = ops.convert_to_tensor(y_pred)
    if y_pred.value.dtype.kind != "f":
        y_pred = ops.cast(y_pred, floatx())
    return as_tensor(y_true, y_pred.value.dtype), y_pred


def _broadcast(x, shape):
    return x if x.shape == shape else ops.broadcast_to(x, shape)


@primitive
def _squared(y_true: Array, y_pred: Array):
    """mean (y_true - y_pred)². d y_true = 2 (y_true - y_pred) / k · dy = -d y_pred."""
    error = y_true - y_pred
    values = _last_mean(error * error)

    def to_true(dy):
        return error * _each(dy, error, 2)

    return values, (to_true, lambda dy: error * _each(dy, error, -2))


@primitive
def _absolute(y_true: Array, y_pred: Array):
    """mean |y_true - y_pred|. d y_true = sign(y_true - y_pred) / k · dy = -d y_pred."""
    error = y_true - y_pred
    values = _last_mean(np.abs(error))
    return values, (
        lambda dy: np.sign(error) * _each(dy, error, 1),
        lambda dy: np.sign(error) * _each(dy, error, -1),
    )


def _last_mean(x):
    if not x.ndim:
        return x
    return np.add.reduce(x, -1) / x.dtype.type(x.shape[-1])


def _each(dy, x, factor):
    """factor · dy / k, ready to meet the k values that each loss is a mean of."""
    if not x.ndim:
        return dy * factor
    if type(dy) is float:
        return dy * factor / x.shape[-1]
    return (dy * (factor / x.shape[-1]))[..., None]


def mean_squared_error(y_true, y_pred):
    """mean (y_true - y_pred)² over the last axis."""
    return _squared(*aligned(y_true, y_pred))


def mean_absolute_error(y_true, y_pred):
    """mean |y_true - y_pred| over the last axis."""
    return _absolute(*aligned(y_true, y_pred))


def mean_absolute_percentage_error(y_true, y_pred):
    """100 · mean |(y_true - y_pred) / max(|y_true|, epsilon)| over the last axis."""
    y_true, y_pred = aligned(y_true, y_pred)
    scale = ops.maximum(ops.abs(y_true), epsilon())
    return 100.0 * ops.mean(ops.abs((y_true - y_pred) / scale), axis=-1)


def mean_squared_logarithmic_error(y_true, y_pred):
    """mean (log(y_pred + 1) - log(y_true + 1))², both raised to epsilon first."""
    y_true, y_pred = aligned(y_true, y_pred)
    log_pred = ops.log(ops.maximum(y_pred, epsilon()) + 1.0)
    log_true = ops.log(ops.maximum(y_true, epsilon()) + 1.0)
    return ops.mean(ops.square(log_pred - log_true), axis=-1)


def huber(y_true, y_pred, delta=1.0):
    """mean of e²/2 where |e| <= delta, else delta·|e| - delta²/2.

    e = y_pred - y_true.
    """
    y_true, y_pred = aligned(y_true, y_pred)
    delta = float(y_pred.value.dtype.type(delta))  # δ² of the rounded δ, as in Keras
    error = y_pred - y_true
    size = ops.abs(error)
    line = delta * size - 0.5 * delta**2
    return ops.mean(ops.where(size <= delta, 0.5 * ops.square(error), line), axis=-1)


def log_cosh(y_true, y_pred):
    """mean log cosh e, as e + softplus(-2e) - log 2; e = y_pred - y_true."""
    y_true, y_pred = aligned(y_true, y_pred)
    error = y_pred - y_true
    return ops.mean(error + ops.softplus(error * -2.0) - math.log(2), axis=-1)


def cosine_similarity(y_true, y_pred, axis=-1):
    """-cos of the angle between y_true and y_pred along `axis`: -1 where they agree."""
    pair = squeeze_or_expand_to_same_rank(*same_dtype(y_true, y_pred))
    y_true, y_pred = unaligned(*pair)
    return -ops.sum(unit(y_true, axis) * unit(y_pred, axis), axis=axis)


def unit(x, axis):
    """x / |x|, with 1/|x| at most 1/epsilon (keras/src/ops/nn.py, normalize)."""
    inverse = ops.rsqrt(ops.sum(ops.square(x), axis=axis, keepdims=True))
    return x * ops.minimum(inverse, 1.0 / epsilon())


class _Fused(FunctionLoss):
    """A loss whose mean is one op, taken where nothing has to be cast or aligned."""

    # Of the class: an instance must not hold it, since it could not be pickled.
    _mean_op = staticmethod(with_mean(_squared))

    def _mean(self, y_true, y_pred):
        dtype = self._array_dtype
        predicted = getattr(y_pred, "value", None)
        expected = getattr(y_true, "value", y_true)
        if (
            isinstance(predicted, np.ndarray)
            and isinstance(expected, np.ndarray)
            and predicted.dtype == dtype
            and expected.dtype == dtype
            and predicted.shape == expected.shape
            and predicted.size
        ):
            return self._mean_op(y_true, y_pred)
        return None


class MeanSquaredError(_Fused):
    """`mean_squared_error`, reduced."""

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_squared_error", dtype=None
    ):
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(_Fused):
    """`mean_absolute_error`, reduced."""

    _mean_op = staticmethod(with_mean(_absolute))

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_absolute_error", dtype=None
    ):
        super().__init__(mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(FunctionLoss):
    """`mean_absolute_percentage_error`, reduced."""

    def __init__(
        self,
        reduction="sum_over_batch_size",
        name="mean_absolute_percentage_error",
        dtype=None,
    ):
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(FunctionLoss):
    """`mean_squared_logarithmic_error`, reduced."""

    def __init__(
        self,
        reduction="sum_over_batch_size",
        name="mean_squared_logarithmic_error",
        dtype=None,
    ):
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class Huber(FunctionLoss):
    """`huber`, reduced. As in Keras, `delta` is not in the config."""

    def __init__(
        self,
        delta=1.0,
        reduction="sum_over_batch_size",
        name="huber_loss",
        dtype=None,
    ):
        delta = number("delta", delta, "(0, inf]")
        super().__init__(huber, reduction, name, dtype, delta=delta)


class LogCosh(FunctionLoss):
    """`log_cosh`, reduced."""

    def __init__(self, reduction="sum_over_batch_size", name="log_cosh", dtype=None):
        super().__init__(log_cosh, reduction, name, dtype)


class CosineSimilarity(FunctionLoss):
    """`cosine_similarity`, reduced. As in Keras, `axis` is not in the config."""

    def __init__(
        self,
        axis=-1,
        reduction="sum_over_batch_size",
        name="cosine_similarity",
        dtype=None,
    ):
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)
