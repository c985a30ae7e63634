"""Metrics of counts and sums beside naive twins, weighted and not."""

import numpy as np
import pytest

from minikeras import metrics
from minikeras.autodiff import Tensor
from tests.metrics.data import (
    BATCHES,
    BITS,
    CLOSE,
    EPS,
    GUESSES,
    LABELS,
    ONE_HOT,
    WEIGHTS,
    WHOLE,
    A,
    B,
    P,
)


def rates(t, p, threshold, w):
    t, positive, w = t != 0, p > threshold, np.broadcast_to(w[:, None], p.shape)
    cells = (t & positive, ~t & positive, ~t & ~positive, t & ~positive)
    return [w[cell].sum() for cell in cells]


def ratio(x, y):
    return x / (x + y) if x + y else 0.0


def curve(t, p, w, count, x, y):
    """Trapezes under the points (x(counts), y(counts)) of `count` thresholds."""
    thresholds = np.linspace(0, 1, count)
    thresholds[0], thresholds[-1] = -EPS, 1 + EPS
    points = [rates(t, p, threshold, w) for threshold in thresholds]
    xs, ys = np.array([x(*c) for c in points]), np.array([y(*c) for c in points])
    return ((xs[:-1] - xs[1:]) * (ys[:-1] + ys[1:]) / 2).sum()


def best(t, p, w, count, wanted, required, bound):
    points = [rates(t, p, threshold, w) for threshold in np.linspace(0, 1, count)]
    return max(wanted(*c) for c in points if required(*c) >= bound)


def sensitivity(tp, fp, tn, fn):
    return ratio(tp, fn)


def specificity(tp, fp, tn, fn):
    return ratio(tn, fp)


def precision(tp, fp, tn, fn):
    return ratio(tp, fp)


def f_score(t, p, w, beta, positive):
    w = w[:, None]
    tp = (w * (t * positive)).sum(0)
    wrong, missed = (w * ((1 - t) * positive)).sum(0), (w * (t * ~positive)).sum(0)
    return (1 + beta**2) * tp / ((1 + beta**2) * tp + beta**2 * missed + wrong)


def iou(t, p, w, classes):
    found = []
    for c in classes:
        union = w[(t == c) | (p == c)].sum()
        if union:
            found.append(w[(t == c) & (p == c)].sum() / union)
    return np.mean(found)


def largest(p):
    return p == p.max(-1, keepdims=True)


def r2(t, p, w):
    w = w[:, None]
    mean = (w * t).sum(0) / w.sum(0)
    return 1 - (w * (t - p) ** 2).sum(0) / (w * (t - mean) ** 2).sum(0)


# others: metric -> (y_true, y_pred, arguments, naive twin with weights, weights)
WHOLES = [
    (
        "RootMeanSquaredError",
        A,
        B,
        {},
        lambda t, p, w: np.sqrt((w * ((t - p) ** 2).mean(-1)).sum() / w.sum()),
        WEIGHTS,
    ),
    ("R2Score", A, A + B, {}, lambda t, p, w: r2(t, p, w).mean(), WEIGHTS),
    ("R2Score", A, A + B, {"class_aggregation": None}, r2, WEIGHTS),
    ("TruePositives", BITS, P, {}, lambda t, p, w: rates(t, p, 0.5, w)[0], WEIGHTS),
    (
        "FalsePositives",
        BITS,
        P,
        {"thresholds": [0.0, 0.5, 1.0]},
        lambda t, p, w: [rates(t, p, i, w)[1] for i in (0, 0.5, 1)],
        WEIGHTS,
    ),
    (
        "TrueNegatives",
        BITS,
        P,
        {"thresholds": [0.2, 0.3]},
        lambda t, p, w: [rates(t, p, i, w)[2] for i in (0.2, 0.3)],
        WEIGHTS,
    ),
    ("FalseNegatives", BITS, P, {}, lambda t, p, w: rates(t, p, 0.5, w)[3], WEIGHTS),
    (
        "Precision",
        BITS,
        P,
        {},
        lambda t, p, w: precision(*rates(t, p, 0.5, w)),
        WEIGHTS,
    ),
    (
        "Recall",
        BITS,
        P,
        {"class_id": 2, "thresholds": 0.2},
        lambda t, p, w: sensitivity(*rates(t[:, 2:3], p[:, 2:3], 0.2, w)),
        WEIGHTS,
    ),
    (
        "Recall",
        BITS,
        P,
        {"top_k": 1},
        lambda t, p, w: sensitivity(*rates(t, largest(p), 0, w)),
        WEIGHTS,
    ),
    (
        "AUC",
        BITS,
        P,
        {"num_thresholds": 20},
        lambda t, p, w: curve(
            t, p, w, 20, lambda *c: 1 - specificity(*c), lambda *c: sensitivity(*c)
        ),
        WEIGHTS,
    ),
    (
        "AUC",
        BITS,
        P,
        {"num_thresholds": 20, "multi_label": True},
        lambda t, p, w: np.mean(
            [
                curve(
                    t[:, [i]],
                    p[:, [i]],
                    w,
                    20,
                    lambda *c: 1 - specificity(*c),
                    lambda *c: sensitivity(*c),
                )
                for i in range(4)
            ]
        ),
        WEIGHTS,
    ),
    (
        "SensitivityAtSpecificity",
        BITS,
        P,
        {"specificity": 0.6, "num_thresholds": 12},
        lambda t, p, w: best(t, p, w, 12, sensitivity, specificity, 0.6),
        WEIGHTS,
    ),
    (
        "SpecificityAtSensitivity",
        BITS,
        P,
        {"sensitivity": 0.4, "num_thresholds": 12},
        lambda t, p, w: best(t, p, w, 12, specificity, sensitivity, 0.4),
        WEIGHTS,
    ),
    (
        "PrecisionAtRecall",
        BITS,
        P,
        {"recall": 0.4, "num_thresholds": 12},
        lambda t, p, w: best(t, p, w, 12, precision, sensitivity, 0.4),
        WEIGHTS,
    ),
    (
        "RecallAtPrecision",
        BITS,
        P,
        {"precision": 0.4, "num_thresholds": 12},
        lambda t, p, w: best(t, p, w, 12, sensitivity, precision, 0.4),
        WEIGHTS,
    ),
    (
        "FBetaScore",
        ONE_HOT,
        P,
        {"beta": 2.0},
        lambda t, p, w: f_score(t, p, w, 2, largest(p)),
        WEIGHTS,
    ),
    (
        "F1Score",
        BITS,
        P,
        {"threshold": 0.3, "average": "macro"},
        lambda t, p, w: f_score(t, p, w, 1, p > 0.3).mean(),
        WEIGHTS,
    ),
    (
        "IoU",
        LABELS,
        GUESSES,
        {"num_classes": 4, "target_class_ids": [0, 2]},
        lambda t, p, w: iou(t, p, w, (0, 2)),
        WHOLE,
    ),
    (
        "MeanIoU",
        LABELS,
        GUESSES,
        {"num_classes": 5, "ignore_class": 1},
        lambda t, p, w: iou(t[t != 1], p[t != 1], w[t != 1], (0, 1, 2, 3)),
        WHOLE,
    ),
    (
        "BinaryIoU",
        BITS[:, 0],
        P[:, 0],
        {"threshold": 0.2},
        lambda t, p, w: iou(t, p >= 0.2, w, (0, 1)),
        WHOLE,
    ),
    (
        "OneHotIoU",
        ONE_HOT,
        P,
        {"num_classes": 4, "target_class_ids": [3]},
        lambda t, p, w: iou(t.argmax(-1), p.argmax(-1), w, (3,)),
        WHOLE,
    ),
    (
        "OneHotMeanIoU",
        ONE_HOT,
        P,
        {"num_classes": 4},
        lambda t, p, w: iou(t.argmax(-1), p.argmax(-1), w, range(4)),
        WHOLE,
    ),
]


@pytest.mark.parametrize("name, y_true, y_pred, options, naive, weights", WHOLES)
def test_whole(name, y_true, y_pred, options, naive, weights):
    metric = getattr(metrics, name)(**options)
    for rows in BATCHES:
        metric.update_state(y_true[rows], Tensor(y_pred[rows]))
    exact = [np.asarray(x, "float64") for x in (y_true, y_pred)]
    expected = naive(*exact, np.ones(30))
    np.testing.assert_allclose(metric.result().value, expected, **CLOSE)
    metric.reset_state()
    assert not any(np.any(v.value) for v in metric.variables)
    for rows in BATCHES:
        metric.update_state(y_true[rows], y_pred[rows], sample_weight=weights[rows])
    expected = naive(*exact, weights.astype("float64"))
    np.testing.assert_allclose(metric.result().value, expected, **CLOSE)
    assert metric.result().value.dtype == np.float32


@pytest.mark.parametrize("options", [{}, {"thresholds": [0.3, 0.4]}])
def test_a_curve_begins_and_ends_outside_of_0_and_1(options):
    """All are called positive at its one end, a score of 0 too, and none at the other:
    these two lie right, and the curve goes through (1, 1), (0, 1), (0, 0)."""
    auc = metrics.AUC(**options)
    auc.update_state([0, 1], [0.0, 1.0])
    assert float(auc.result()) == 1.0


def test_the_ends_between_two_thresholds():
    """Three thresholds, points (1, 1), (0.5, 0.5) and (0, 0): two steps of half the
    width, as high as their right ends, their middles, or their left ends."""
    for method, area in (
        ("minoring", 0.25),
        ("interpolation", 0.5),
        ("majoring", 0.75),
    ):
        auc = metrics.AUC(num_thresholds=3, summation_method=method)
        auc.update_state([0, 0, 1, 1], [0.2, 0.8, 0.2, 0.8])
        assert float(auc.result()) == area


def test_a_score_at_the_threshold_is_not_above_it():
    accuracy = metrics.BinaryAccuracy(threshold=0.25)
    accuracy.update_state([0, 0, 1, 1], [0.25, 0.25, 0.25, 0.5])
    assert float(accuracy.result()) == 0.75


def test_equal_scores_are_all_among_the_top():
    top = metrics.SparseTopKCategoricalAccuracy(k=1)
    top.update_state([0, 1, 2], [[3.0, 3.0, 1.0]] * 3)
    assert float(top.result()) == pytest.approx(2 / 3)
