"""Means of a value per sample beside naive twins, weighted and not."""

import numpy as np
import pytest

from minikeras import metrics
from minikeras.autodiff import GradientTape, Tensor
from tests.metrics.data import (
    BATCHES,
    BITS,
    CLOSE,
    EPS,
    GUESSES,
    LABELS,
    ONE_HOT,
    ROW,
    SOFT,
    WEIGHTS,
    A,
    B,
    P,
)


def softmax(z):
    return np.exp(z) / np.exp(z).sum(-1, keepdims=True)


def cosine(t, p):
    return (t * p).sum(-1) / np.linalg.norm(t, axis=-1) / np.linalg.norm(p, axis=-1)


def binary(t, p):
    return (-t * np.log(p) - (1 - t) * np.log(1 - p)).mean(-1)


def center(x):
    return x - x.mean(-1, keepdims=True)


def concordance(t, p):
    scale = t.var(-1) + p.var(-1) + (t.mean(-1) - p.mean(-1)) ** 2
    return 2 * (center(t) * center(p)).mean(-1) / scale


# means of a value per sample: metric -> (y_true, y_pred, arguments, naive twin)
MEANS = [
    ("Accuracy", LABELS, GUESSES, {}, lambda t, p: t == p),
    (
        "BinaryAccuracy",
        BITS,
        P,
        {"threshold": 0.3},
        lambda t, p: (t == (p > 0.3)).mean(-1),
    ),
    (
        "CategoricalAccuracy",
        SOFT,
        P,
        {},
        lambda t, p: t.argmax(-1) == p.argmax(-1),
    ),
    ("SparseCategoricalAccuracy", LABELS, P, {}, lambda t, p: t == p.argmax(-1)),
    (
        "SparseCategoricalAccuracy",
        LABELS[:, None],
        P,
        {},
        lambda t, p: t[:, 0] == p.argmax(-1),
    ),
    (
        "TopKCategoricalAccuracy",
        ONE_HOT,
        P,
        {"k": 2},
        lambda t, p: [t[i].argmax() in np.argsort(-p[i])[:2] for i in ROW],
    ),
    (
        "SparseTopKCategoricalAccuracy",
        LABELS,
        P,
        {"k": 3},
        lambda t, p: [t[i] in np.argsort(-p[i])[:3] for i in ROW],
    ),
    (
        "SparseTopKCategoricalAccuracy",
        LABELS,
        np.argsort(-P, axis=1),
        {"k": 2, "from_sorted_ids": True},
        lambda t, p: [t[i] in p[i][:2] for i in ROW],
    ),
    ("MeanSquaredError", A, B, {}, lambda t, p: ((t - p) ** 2).mean(-1)),
    ("MeanAbsoluteError", A, B, {}, lambda t, p: np.abs(t - p).mean(-1)),
    (
        "MeanAbsolutePercentageError",
        A,
        B,
        {},
        lambda t, p: 100 * np.abs(1 - p / t).mean(-1),
    ),
    (
        "MeanSquaredLogarithmicError",
        np.abs(A),
        np.abs(B),
        {},
        lambda t, p: ((np.log1p(t) - np.log1p(p)) ** 2).mean(-1),
    ),
    ("CosineSimilarity", A, B, {}, cosine),
    ("LogCoshError", A, B, {}, lambda t, p: np.log(np.cosh(p - t)).mean(-1)),
    (
        "PearsonCorrelation",
        A,
        B,
        {},
        lambda t, p: (center(t) * center(p)).mean(-1) / t.std(-1) / p.std(-1),
    ),
    ("ConcordanceCorrelation", A, B, {}, concordance),
    (
        "Hinge",
        BITS,
        B,
        {},
        lambda t, p: np.maximum(1 - (2 * t - 1) * p, 0).mean(-1),
    ),
    (
        "SquaredHinge",
        2 * BITS - 1,
        B,
        {},
        lambda t, p: (np.maximum(1 - t * p, 0) ** 2).mean(-1),
    ),
    (
        "CategoricalHinge",
        ONE_HOT,
        B,
        {},
        lambda t, p: np.maximum(1 + ((1 - t) * p).max(-1) - (t * p).sum(-1), 0),
    ),
    ("KLDivergence", SOFT, P, {}, lambda t, p: (t * np.log(t / p)).sum(-1)),
    ("Poisson", SOFT, P, {}, lambda t, p: (p - t * np.log(p + EPS)).mean(-1)),
    ("BinaryCrossentropy", BITS, P, {}, binary),
    (
        "CategoricalCrossentropy",
        SOFT,
        B,
        {"from_logits": True},
        lambda t, z: -(t * np.log(softmax(z))).sum(-1),
    ),
    (
        "SparseCategoricalCrossentropy",
        LABELS,
        P,
        {},
        lambda t, p: -np.log(p[ROW, t]),
    ),
    (
        "MeanMetricWrapper",
        A,
        B,
        {"fn": lambda t, p, by: by * abs(t - p).value.max(-1), "by": 2.0},
        lambda t, p: 2 * abs(t - p).max(-1),
    ),
]


@pytest.mark.parametrize("name, y_true, y_pred, options, naive", MEANS)
def test_mean(name, y_true, y_pred, options, naive):
    metric = getattr(metrics, name)(**options)
    values = np.asarray(naive(y_true, y_pred), "float64")
    for rows in BATCHES:
        metric.update_state(y_true[rows], y_pred[rows])
    np.testing.assert_allclose(metric.result().value, values.mean(), **CLOSE)
    metric.reset_state()
    assert [float(v.value) for v in metric.variables] == [0, 0]
    for rows in BATCHES:
        metric.update_state(y_true[rows], Tensor(y_pred[rows]), WEIGHTS[rows])
    expected = (values * WEIGHTS).sum() / WEIGHTS.sum(dtype="float64")
    np.testing.assert_allclose(metric.result().value, expected, **CLOSE)
    assert metric.result().value.dtype == np.float32
    assert {v.value.dtype for v in metric.variables} == {np.dtype("float32")}


def test_no_rows_change_nothing():
    for name, y_true, y_pred, options, _ in MEANS:
        metric = getattr(metrics, name)(**options)
        if "Wrapper" in name:
            continue
        metric.update_state(y_true[:0], y_pred[:0])
        assert float(metric.count.value) == float(metric.result()) == 0


def test_nothing_is_recorded_or_written_into():
    x = Tensor(P.copy())
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        for name, y_true, y_pred, options, *_ in MEANS:
            if y_pred is P:
                getattr(metrics, name)(**options)(y_true, x)
    assert tape._entries == []
    np.testing.assert_array_equal(x.value, P)
