"""Counterpart: keras/src/metrics/regression_metrics.py. How far predictions are off."""

import numpy as np

from minikeras import ops
from minikeras.autodiff import Tensor, as_array
from minikeras.autodiff.quiet import quiet
from minikeras.caller import warn
from minikeras.losses import (
    cosine_similarity,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from minikeras.losses.reduction import squeeze_or_expand_to_same_rank
from minikeras.losses.regression import aligned
from minikeras.metrics.metric import Metric
from minikeras.metrics.reduction_metrics import FunctionMetric, Mean, spread


class MeanSquaredError(FunctionMetric):
    """The mean of `mean_squared_error`."""

    def __init__(self, name="mean_squared_error", dtype=None):
        super().__init__(mean_squared_error, name, dtype)


class RootMeanSquaredError(Mean):
    """√ of the mean of (y_true - y_pred)² over all elements and batches."""

    _direction = "down"

    def __init__(self, name="root_mean_squared_error", dtype=None):
        super().__init__(name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = as_array(y_true, self.dtype), as_array(y_pred, self.dtype)
        error = ops.subtract(*aligned(Tensor(y_true), Tensor(y_pred))).value
        super().update_state(quiet.run(np.square, error), sample_weight=sample_weight)

    def result(self) -> Tensor:
        return ops.sqrt(super().result())


class MeanAbsoluteError(FunctionMetric):
    """The mean of `mean_absolute_error`."""

    def __init__(self, name="mean_absolute_error", dtype=None):
        super().__init__(mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(FunctionMetric):
    """The mean of `mean_absolute_percentage_error`."""

    def __init__(self, name="mean_absolute_percentage_error", dtype=None):
        super().__init__(mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(FunctionMetric):
    """The mean of `mean_squared_logarithmic_error`."""

    def __init__(self, name="mean_squared_logarithmic_error", dtype=None):
        super().__init__(mean_squared_logarithmic_error, name, dtype)


class LogCoshError(FunctionMetric):
    """The mean of `log_cosh`."""

    def __init__(self, name="logcosh", dtype=None):
        super().__init__(log_cosh, name, dtype)


def _cosine(y_true, y_pred, axis=-1):
    return -cosine_similarity(y_true, y_pred, axis=axis)  # the loss has the sign


class CosineSimilarity(FunctionMetric):
    """The mean of the cosine along `axis`: 1 where y_true and y_pred agree.

    As in Keras, `axis` is not in the config.
    """

    _direction = "up"

    def __init__(self, name="cosine_similarity", dtype=None, axis=-1):
        super().__init__(_cosine, name, dtype, axis=axis)


class R2Score(Metric):
    """1 - Σ (y_true - y_pred)² / Σ (y_true - mean y_true)² per output column.

    `class_aggregation`: "uniform_average", "variance_weighted_average" or None;
    `num_regressors` > 0 gives the adjusted score. Inputs: (n, outputs).
    """

    _direction = "up"
    _AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")

    def __init__(
        self,
        class_aggregation="uniform_average",
        num_regressors=0,
        name="r2_score",
        dtype=None,
    ):
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in self._AGGREGATIONS:
            raise ValueError(
                "Invalid value for argument `class_aggregation`. Expected one of "
                f"{self._AGGREGATIONS}. Received: class_aggregation={class_aggregation}"
            )
        if num_regressors < 0:
            raise ValueError(
                "Invalid value for argument `num_regressors`. Expected a value >= 0. "
                f"Received: num_regressors={num_regressors}"
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self._built = False

    def _build(self, y_true, y_pred):
        if y_true.ndim != 2 or y_pred.ndim != 2:
            raise ValueError(
                "R2Score expects 2D inputs with shape (batch_size, output_dim). "
                f"Received: y_pred.shape={y_pred.shape}, y_true.shape={y_true.shape}"
            )
        shape = y_pred.shape[-1:]
        self.squared_sum = self.add_variable(shape, "zeros", name="squared_sum")
        self.sum = self.add_variable(shape, "zeros", name="sum")
        self.total_mse = self.add_variable(shape, "zeros", name="residual")
        self.count = self.add_variable(shape, "zeros", name="count")
        self._built = True

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = as_array(y_true, self.dtype), as_array(y_pred, self.dtype)
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        if not self._built:
            self._build(y_true, y_pred)
        weight = as_array(1 if sample_weight is None else sample_weight, self.dtype)
        if weight.ndim == 1:
            weight = weight[:, None]
        quiet.run(self._accumulate, y_true, y_pred, weight)

    def _accumulate(self, y_true, y_pred, weight):
        weight = spread(weight, y_true.shape)
        weighted = y_true * weight
        residual = (y_true - y_pred) ** 2 * weight
        for variable, terms in (
            (self.sum, weighted),
            (self.squared_sum, y_true * weighted),
            (self.total_mse, residual),
            (self.count, weight),
        ):
            variable.value = variable.value + np.add.reduce(terms, 0)
        self.num_samples.value = self.num_samples.value + np.float32(y_true.size)

    def result(self) -> Tensor:
        return Tensor(quiet.run(self._score))

    def _score(self):
        total = self.squared_sum.value - self.sum.value * (
            self.sum.value / self.count.value
        )
        scores = 1 - self.total_mse.value / total
        score = np.where(np.isinf(scores), scores.dtype.type(0), scores)
        if self.class_aggregation == "uniform_average":
            score = score.mean()
        elif self.class_aggregation == "variance_weighted_average":
            score = np.sum(total * score) / np.sum(total)
        return self._adjusted(score) if self.num_regressors else score

    def _adjusted(self, score):
        spare = float(self.num_samples.value) - self.num_regressors - 1
        if spare < 0:
            warn(
                "More independent predictors than datapoints in adjusted R2 score. "
                "Falling back to standard R2 score."
            )
        elif spare == 0:
            warn(
                "Division by zero in Adjusted R2 score. "
                "Falling back to standard R2 score."
            )
        else:
            return 1 - (1 - score) * (self.num_samples.value - 1) / spare
        return score

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
