"""Counterpart: keras/src/metrics/correlation_metrics.py. How y_true and y_pred vary
together along an axis."""

from minikeras import ops
from minikeras.config import epsilon
from minikeras.losses.regression import aligned
from minikeras.metrics.reduction_metrics import FunctionMetric


def pearson_correlation(y_true, y_pred, axis=-1):
    """mean of the product of both, each less its mean and over its deviation."""
    y_true, y_pred = aligned(y_true, y_pred)
    y_true = y_true - ops.mean(y_true, axis=axis, keepdims=True)
    y_pred = y_pred - ops.mean(y_pred, axis=axis, keepdims=True)
    y_true = y_true / ops.std(y_true, axis=axis, keepdims=True)
    y_pred = y_pred / ops.std(y_pred, axis=axis, keepdims=True)
    return ops.mean(y_true * y_pred, axis=axis)


def concordance_correlation(y_true, y_pred, axis=-1):
    """2·covariance / (both variances + (difference of means)² + epsilon).

    Keras's covariance takes the mean of y_pred from y_true, not y_true's own; as
    y_pred less its mean sums to zero, that changes nothing but the rounding.
    """
    y_true, y_pred = aligned(y_true, y_pred)
    mean_true = ops.mean(y_true, axis=axis, keepdims=True)
    mean_pred = ops.mean(y_pred, axis=axis, keepdims=True)
    var_true = ops.var(y_true - mean_true, axis=axis, keepdims=True)
    var_pred = ops.var(y_pred - mean_pred, axis=axis, keepdims=True)
    products = (y_true - mean_pred) * (y_pred - mean_pred)
    scale = var_true + var_pred + ops.square(mean_true - mean_pred)
    return ops.mean(2 * products / (scale + epsilon()), axis=axis)


class PearsonCorrelation(FunctionMetric):
    """The mean of `pearson_correlation`."""

    _direction = "up"
    saved = ("axis",)

    def __init__(self, name="pearson_correlation", dtype=None, axis=-1):
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(FunctionMetric):
    """The mean of `concordance_correlation`."""

    _direction = "up"
    saved = ("axis",)

    def __init__(self, name="concordance_correlation", dtype=None, axis=-1):
        super().__init__(concordance_correlation, name, dtype, axis=axis)
