"""Counterpart: keras/src/metrics/reduction_metrics.py. Running sums and means."""

import math
from operator import add, mul, truediv

import numpy as np

from minikeras import losses
from minikeras.autodiff import Tensor, as_array
from minikeras.autodiff.quiet import quiet
from minikeras.config import floatx
from minikeras.losses.reduction import apply_mask, squeeze_or_expand_to_same_rank
from minikeras.metrics.metric import Metric, detached
from minikeras.ops.constants import sum_rows
from minikeras.registry import deserialize, serialize


def reduce_to_samplewise_values(values, sample_weight, reduce_fn, dtype=None):
    """(values · weights, weights), each with the batch axis alone, as ndarrays.

    values (n, …) may have more axes than the weights: those are reduced by
    `reduce_fn(x, axis)` before the product, the others after it.
    """
    values = _cast(values, dtype or floatx())
    if sample_weight is not None:
        sample_weight = _cast(sample_weight, values.dtype)
        values, sample_weight = squeeze_or_expand_to_same_rank(values, sample_weight)
        rank = sample_weight.ndim
        if values.ndim > rank:
            values = reduce_fn(values, axis=tuple(range(rank, values.ndim)))
        sample_weight = spread(sample_weight, values.shape)
        values = quiet.run(np.multiply, values, sample_weight)
        if rank > 1:
            sample_weight = reduce_fn(sample_weight, axis=tuple(range(1, rank)))
    if values.ndim > 1:
        values = reduce_fn(values, axis=tuple(range(1, values.ndim)))
    return values, sample_weight


def spread(sample_weight, shape: tuple) -> np.ndarray:
    """The weights broadcast to `shape`; ValueError with both shapes if they do not."""
    try:
        return np.broadcast_to(sample_weight, shape)
    except ValueError:
        raise ValueError(
            "`sample_weight` must broadcast to the values. Received: "
            f"sample_weight.shape={sample_weight.shape}, values.shape={shape}"
        ) from None


def _cast(x, dtype):
    x = as_array(x)
    return x if x.dtype == dtype else quiet.run(x.astype, dtype)


def _sum(x, axis):
    return quiet.run(np.add.reduce, x, axis)


def _mean(x, axis):
    count = x.dtype.type(math.prod([x.shape[i] for i in axis]))
    return quiet.run(lambda: np.add.reduce(x, axis) / count)


def _total(values):
    return quiet.run(sum_rows, values) if values.ndim else values


class Sum(Metric):
    """Σ values, weighted."""

    def __init__(self, name="sum", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._scalar = np.dtype(self.dtype).type
        self.total = self.add_variable((), "zeros", dtype=self.dtype, name="total")

    def update_state(self, values, sample_weight=None):
        values, _ = reduce_to_samplewise_values(values, sample_weight, _sum, self.dtype)
        self.total.value = quiet.run(add, self.total.value, _total(values))

    def reset_state(self) -> None:
        self.total.value = self._scalar(0)

    def result(self) -> Tensor:
        return Tensor(self.total.value)


class Mean(Metric):
    """Σ values·weights / Σ weights, or / the number of samples; 0 before any."""

    def __init__(self, name="mean", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._array_dtype = np.dtype(self.dtype)
        self._scalar = self._array_dtype.type
        self.total = self.add_variable((), "zeros", dtype=self.dtype, name="total")
        self.count = self.add_variable((), "zeros", dtype=self.dtype, name="count")

    def update_state(self, values, sample_weight=None):
        if isinstance(values, Tensor):
            values = values.value
        if isinstance(values, self._scalar) and type(sample_weight) is int:
            # what the trainer does each step: its loss, weighted by the batch size
            values, weight = quiet.run(mul, values, sample_weight), sample_weight
        elif sample_weight is None and self._is_vector(values):
            values, weight = quiet.run(sum_rows, values), len(values)
        else:
            values, weight = reduce_to_samplewise_values(
                values, sample_weight, _mean, self.dtype
            )
            if weight is not None:
                weight = _total(weight)
            else:
                weight = len(values) if values.ndim else 1
            values = _total(values)
        self.total.value = quiet.run(add, self.total.value, values)
        self.count.value = self.count.value + weight

    def _is_vector(self, values) -> bool:
        return (
            isinstance(values, np.ndarray)
            and values.ndim == 1
            and values.dtype is self._array_dtype
        )

    def reset_state(self) -> None:
        self.total.value = self.count.value = self._scalar(0)

    def result(self) -> Tensor:
        total, count = self.total.value, self.count.value
        return Tensor(quiet.run(truediv, total, count) if count else count * 0)


class MeanMetricWrapper(Mean):
    """The mean of `fn(y_true, y_pred, **kwargs)`, which gives a value per sample."""

    def __init__(self, fn, name=None, dtype=None, **kwargs):
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        known = losses.FAMILY.exports.values()
        if fn in known or type(fn) in known:
            self._direction = "down"

    def update_state(self, y_true, y_pred, sample_weight=None):
        mask = getattr(y_pred, "_keras_mask", None)
        y_true, y_pred = detached(y_true), detached(y_pred)
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        weight = apply_mask(sample_weight, mask, self.dtype, reduction="sum")
        find = getattr(self._fn, "valid", None)
        if weight is not None and find is not None:
            # as in Keras: without weights, what is masked counts as 0
            valid = find(y_true, values, **self._fn_kwargs)
            weight = apply_mask(weight, valid, self.dtype, reduction="sum")
        super().update_state(values, sample_weight=weight)

    def get_config(self) -> dict:
        config = {**super().get_config(), "fn": serialize(self._fn)}
        return {**config, **serialize(self._fn_kwargs)}

    @classmethod
    def from_config(cls, config):
        if isinstance(config.get("fn"), dict):
            config = {**config, "fn": deserialize(config["fn"], losses.FAMILY)}
        return cls(**config)


class FunctionMetric(MeanMetricWrapper):
    """A mean metric of this package. `saved` names the arguments of its function
    that are attributes and go into the config, in Keras's order."""

    saved: tuple[str, ...] = ()

    def __init__(self, fn, name, dtype, **kwargs):
        super().__init__(fn, name, dtype, **kwargs)
        for key in self.saved:
            setattr(self, key, kwargs[key])

    def get_config(self) -> dict:
        saved = {key: getattr(self, key) for key in self.saved}
        return {"name": self.name, "dtype": self.dtype, **saved}
