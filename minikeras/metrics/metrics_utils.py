"""Counterpart: keras/src/metrics/metrics_utils.py. Counting hits and misses."""

import numpy as np

from minikeras.autodiff import as_array
from minikeras.autodiff.quiet import quiet
from minikeras.config import epsilon
from minikeras.losses.reduction import common_shape, squeeze_or_expand_to_same_rank

# What a score that is not among the top k becomes: no threshold lies below.
NEG_INF = -1e10


def parse_init_thresholds(thresholds, default_threshold=0.5) -> list:
    """The thresholds as a list; ValueError for one outside [0, 1]."""
    if thresholds is None:
        return [default_threshold]
    several = isinstance(thresholds, (list, tuple, np.ndarray))
    thresholds = list(thresholds) if several else [thresholds]
    invalid = [t for t in thresholds if t is None or not 0 <= t <= 1]
    if invalid:
        raise ValueError(f"Threshold values must be in [0, 1]. Received: {invalid}")
    return thresholds


def is_evenly_distributed_thresholds(thresholds) -> bool:
    """Whether the thresholds are i / (count - 1), and at least three."""
    count = len(thresholds)
    if count < 3:
        return False
    even = np.arange(count, dtype=np.float32) / (count - 1)
    return bool(np.allclose(thresholds, even, atol=epsilon()))


def divide_no_nan(x, y) -> np.ndarray:
    """x / y, and 0 where y is 0."""
    return quiet.run(lambda: np.where(y == 0, x.dtype.type(0), x / y))


def confusion_counts(
    y_true,
    y_pred,
    thresholds,
    *,
    even=False,
    top_k=None,
    class_id=None,
    sample_weight=None,
    multi_label=False,
    label_weights=None,
) -> dict[str, np.ndarray]:
    """Weighted counts "tp", "fp", "tn", "fn" per threshold, float32.

    y_true (n, …) and y_pred alike; a prediction is positive above a threshold.
    With `multi_label`, (n, labels) give counts of shape (thresholds, labels).
    `even`: the thresholds are evenly spaced, and predictions are put in buckets
    between them, with Keras's rounding.
    """
    y_true, y_pred = as_array(y_true, "float32"), as_array(y_pred, "float32")
    y_pred, y_true = squeeze_or_expand_to_same_rank(y_pred, y_true)
    weight = None
    if sample_weight is not None:
        weight = as_array(sample_weight, "float32")[..., None]
        _, weight = squeeze_or_expand_to_same_rank(y_true, weight, expand_rank_1=False)
    if top_k is not None:
        y_pred = _filter_top_k(y_pred, top_k)
    if class_id is not None:
        if y_pred.ndim == 1:
            raise ValueError(
                "When class_id is provided, y_pred must be a 2D array with shape "
                f"(num_samples, num_classes), found shape: {y_pred.shape}"
            )
        y_true, y_pred = y_true[..., class_id, None], y_pred[..., class_id, None]
    common_shape(y_true, y_pred, "y_true", "y_pred")
    weights = np.ones_like(y_pred)
    if weight is not None:
        common_shape(weight, y_pred, "sample_weight", "y_pred")
        weights = weights * weight
    if label_weights is not None:
        weights = weights * as_array(label_weights, "float32")
    if not multi_label:
        y_true, y_pred, weights = (x.reshape(-1, 1) for x in (y_true, y_pred, weights))
    positive = (y_true != 0) * weights
    negative = (y_true == 0) * weights
    thresholds = np.asarray(thresholds, "float32")
    count = _above_even if even else _above
    true_positives, false_positives = count([positive, negative], y_pred, thresholds)
    counts = {
        "tp": true_positives,
        "fp": false_positives,
        "tn": np.add.reduce(negative, 0) - false_positives,
        "fn": np.add.reduce(positive, 0) - true_positives,
    }
    return counts if multi_label else {k: v[:, 0] for k, v in counts.items()}


def _above(masses, scores, thresholds):
    """Σ of each mass over the rows whose score lies above each threshold."""
    above = scores > thresholds[:, None, None]
    return [np.add.reduce(np.where(above, mass, np.float32(0)), 1) for mass in masses]


def _above_even(masses, scores, thresholds):
    """`_above` for thresholds i / (count - 1): the mass of the buckets from i up."""
    last = len(thresholds) - 1
    missing = np.isnan(scores)
    known = np.where(missing, np.float32(0), scores)
    bucket = np.ceil(known.clip(0, 1) * np.float32(last)).astype(np.int64) - 1
    if thresholds[0] < 0 or thresholds[-1] > 1:
        bucket = bucket.clip(0)  # the lowest threshold lies below 0: all are above it
    bucket[missing] = -1  # no number lies above no threshold
    results = []
    for mass in masses:
        held = np.zeros((last + 1, scores.shape[1]), "float32")
        rows, columns = np.nonzero(bucket >= 0)
        np.add.at(held, (bucket[rows, columns], columns), mass[rows, columns])
        results.append(held[::-1].cumsum(0, dtype="float32")[::-1])
    return results


def _filter_top_k(x, k):
    """x where it is among the k largest of its row, the first of equals; else -1e10."""
    best = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    kept = np.zeros(x.shape, bool)
    np.put_along_axis(kept, best, True, -1)
    return np.where(kept, x, np.float32(NEG_INF))
