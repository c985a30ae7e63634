"""Counterpart: keras/src/metrics/accuracy_metrics.py. How often a model is right.

The functions give 1.0 or 0.0 per sample, in `floatx()`.
"""

import numpy as np

from minikeras.autodiff import Tensor, as_array
from minikeras.autodiff.recording import stays
from minikeras.config import floatx
from minikeras.limits import positive_integer
from minikeras.losses.reduction import common_shape, squeeze_or_expand_to_same_rank
from minikeras.metrics.reduction_metrics import FunctionMetric


def accuracy(y_true, y_pred) -> Tensor:
    """Where y_true equals y_pred, element by element."""
    y_pred = as_array(y_pred)
    y_true = as_array(y_true).astype(y_pred.dtype)
    return _equal(*squeeze_or_expand_to_same_rank(y_true, y_pred))


def binary_accuracy(y_true, y_pred, threshold=0.5) -> Tensor:
    """Where y_true equals [y_pred > threshold], element by element."""
    y_true, y_pred = squeeze_or_expand_to_same_rank(as_array(y_true), as_array(y_pred))
    return _equal(y_true, (y_pred > threshold).astype(y_true.dtype))


def categorical_accuracy(y_true, y_pred) -> Tensor:
    """Where y_true and y_pred are largest at one place of the last axis."""
    return _equal(as_array(y_true).argmax(-1), as_array(y_pred).argmax(-1))


def sparse_categorical_accuracy(y_true, y_pred) -> Tensor:
    """Where the label y_true, (…) or (…, 1), is the place of the largest y_pred."""
    y_true, y_pred = as_array(y_true), as_array(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true.reshape(y_true.shape[:-1])
    matches = _equal(y_true, y_pred.argmax(-1))
    if matches.ndim > 1 and matches.shape[-1] == 1:
        return Tensor(matches.value.reshape(matches.shape[:-1]))
    return matches


def top_k_categorical_accuracy(y_true, y_pred, k=5) -> Tensor:
    """Where fewer than k values of y_pred exceed that of the largest y_true."""
    return sparse_top_k_categorical_accuracy(as_array(y_true).argmax(-1), y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true, y_pred, k=5, from_sorted_ids=False
) -> Tensor:
    """Where fewer than k values of y_pred exceed that of the label y_true.

    A label that is no class and a row with inf or nan never match (tf.math.in_top_k).
    `from_sorted_ids`: y_pred holds class numbers, the likeliest first.
    """
    y_true, y_pred = as_array(y_true), as_array(y_pred)
    labels, rows = y_true.reshape(-1), y_pred.reshape(-1, y_pred.shape[-1])
    if len(labels) != len(rows):
        common_shape(labels, rows[:, 0], "y_true", "y_pred")
    if from_sorted_ids:
        matches = (labels.astype(rows.dtype)[:, None] == rows[:, :k]).any(1)
    else:
        labels = labels.astype("int32")
        known = (labels >= 0) & (labels < rows.shape[1])
        scores = np.take_along_axis(rows, np.where(known, labels, 0)[:, None], 1)
        better = (rows > scores).sum(1)
        matches = (better < k) & known & np.isfinite(rows).all(1)
    return Tensor(matches.astype(floatx()).reshape(y_true.shape))


@stays
def _count(matches) -> int:
    """A Python int: NumPy's would make the float32 sum a float64."""
    return int(np.count_nonzero(matches))


def _equal(y_true, y_pred) -> Tensor:
    if y_true.shape != y_pred.shape:
        common_shape(y_true, y_pred, "y_true", "y_pred")
    return Tensor((y_true == y_pred).astype(floatx()))


class Accuracy(FunctionMetric):
    """The mean of `accuracy`."""

    _direction = "up"

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(FunctionMetric):
    """The mean of `binary_accuracy`."""

    _direction = "up"
    saved = ("threshold",)

    def __init__(self, name="binary_accuracy", dtype=None, threshold=0.5):
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(FunctionMetric):
    """The mean of `categorical_accuracy`."""

    _direction = "up"

    def __init__(self, name="categorical_accuracy", dtype=None):
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(FunctionMetric):
    """The mean of `sparse_categorical_accuracy`."""

    _direction = "up"

    def __init__(self, name="sparse_categorical_accuracy", dtype=None):
        super().__init__(sparse_categorical_accuracy, name, dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        labels, scores = getattr(y_true, "value", None), getattr(y_pred, "value", None)
        if (
            sample_weight is None
            and isinstance(labels, np.ndarray)
            and isinstance(scores, np.ndarray)
            and labels.ndim == 1
            and scores.shape[:-1] == labels.shape
            and y_pred._keras_mask is None
        ):
            # The usual case by counting: the same sums in a third of the time.
            hits = _count(scores.argmax(1) == labels)
            self.total.value = self.total.value + hits
            self.count.value = self.count.value + len(labels)
        else:
            super().update_state(y_true, y_pred, sample_weight)


class TopKCategoricalAccuracy(FunctionMetric):
    """The mean of `top_k_categorical_accuracy`."""

    _direction = "up"
    saved = ("k",)

    def __init__(self, k=5, name="top_k_categorical_accuracy", dtype=None):
        k = positive_integer("k", k)
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(FunctionMetric):
    """The mean of `sparse_top_k_categorical_accuracy`."""

    _direction = "up"
    saved = ("k", "from_sorted_ids")
    from_sorted_ids: bool

    def __init__(
        self,
        k=5,
        name="sparse_top_k_categorical_accuracy",
        dtype=None,
        from_sorted_ids=False,
    ):
        super().__init__(
            sparse_top_k_categorical_accuracy,
            name,
            dtype,
            k=positive_integer("k", k),
            from_sorted_ids=from_sorted_ids,
        )

    def get_config(self) -> dict:
        config = super().get_config()
        if not self.from_sorted_ids:
            del config["from_sorted_ids"]
        return config
