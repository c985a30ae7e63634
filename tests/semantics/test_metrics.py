"""docs/semantics.md, the metrics: what they count, and by what they divide."""

import numpy as np

from minikeras import metrics
from tests.semantics.ledger import hold


def measured(metric, y_true, y_pred):
    metric.update_state(np.array(y_true), np.array(y_pred, "float32"))
    return metric.result().value


def test_auc_between_two_thresholds():
    """A perfect ranking below the second of 200 thresholds, 1 / 199."""
    labels, scores = np.array([0, 0, 1, 1]), np.array([1, 2, 3, 4]) / 1000
    positive, negative = scores[labels == 1], scores[labels == 0]
    ranked = np.mean(positive[:, None] > negative)
    # None or all are above a threshold: a straight line from (0, 0) to (1, 1).
    above = np.mean(scores[:, None] > np.arange(200) / 199, axis=0)
    assert list(above) == [1] + 199 * [0]
    hold(measured(metrics.AUC(), labels, scores), 0.5, ranked)


def test_ties_at_the_top():
    """The arg max is the first of equals; among the top k are all of them."""
    row, tied = [[0, 1, 0]], [[0.5, 0.5, 0]]
    got = [
        measured(metrics.CategoricalAccuracy(), row, tied),
        measured(metrics.TopKCategoricalAccuracy(1), row, tied),
    ]
    hold(got, [0, 1], [0, 0])


def test_r2_of_a_constant_target():
    """0 / 0 where the guess is right, and what is infinite counts as 0."""
    constant = np.full((4, 1), 0.5, "float32")
    assert np.isnan(measured(metrics.R2Score(), constant, constant))
    hold(measured(metrics.R2Score(), constant, constant / 2), 0, -np.inf)


def test_adjusted_r2_counts_every_output():
    """n is samples · outputs, 8 · 2 here."""
    y = np.stack([np.arange(8), np.arange(8) ** 2], 1).astype("float32")
    guess = y + np.array([1, -1, 2, 0, 1, -2, 0, 1], "float32")[:, None]
    unexplained = ((y - guess) ** 2).sum(0) / ((y - y.mean(0)) ** 2).sum(0)
    keras, textbook = (
        1 - unexplained.mean() * (n - 1) / (n - 3 - 1) for n in (y.size, len(y))
    )
    hold(measured(metrics.R2Score(num_regressors=3), y, guess), keras, textbook)


def test_mean_iou_casts_probabilities():
    """0.9 becomes class 0: nothing is ever in class 1."""
    labels, p = np.array([0, 1, 1, 0]), [0.2, 0.9, 0.6, 0.4]
    # Class 0: two of four; class 1: none of two.
    hold(measured(metrics.MeanIoU(num_classes=2), labels, p), (2 / 4 + 0) / 2, 1)
