"""Running sums, state, shapes, custom metrics."""

import warnings

import numpy as np
import pytest

from minikeras import metrics
from minikeras.autodiff import Tensor
from tests.metrics.data import (
    BITS,
    GUESSES,
    LABELS,
    ONE_HOT,
    WEIGHTS,
    A,
    B,
    P,
)
from tests.metrics.test_counts import WHOLES
from tests.metrics.test_means import MEANS


def test_every_metric_has_a_row():
    rows = {row[0] for row in (*MEANS, *WHOLES)}
    assert rows | {"Mean", "Metric", "Sum"} == set(metrics.FAMILY.exports)


def test_running_mean_and_sum():
    mean, total = metrics.Mean(), metrics.Sum()
    for values, weight in (
        ([1, 3, 5, 7], None),
        ([1, 3, 5, 7], [1, 1, 0, 0]),
        (np.float32(2.5), 4),
        (Tensor(np.float32(0.5)), 2),
        (2, 0.5),
        ([[1.0, 2.0], [3.0, 4.0]], [1.0, 3.0]),
    ):
        mean.update_state(values, sample_weight=weight)
        total.update_state(values, sample_weight=weight)
    mean_sum = 16 + 4 + 10 + 1 + 1 + (1.5 + 10.5)
    assert float(mean.result()) == pytest.approx(mean_sum / (4 + 2 + 4 + 2 + 0.5 + 4))
    assert float(total.result()) == 16 + 4 + 10 + 1 + 1 + (3 + 21)
    assert mean.result().numpy().dtype == np.float32


def test_sums_run_in_float32():
    """The logs of a training agree with Keras's only if the sums round as there."""
    mean, total = metrics.Mean(), np.float32(0)
    for i in range(1000):
        mean.update_state(np.float32(0.1 + i), 3)
        total = total + np.float32(0.1 + i) * np.float32(3)
    assert mean.total.value == total
    assert type(mean.total.value) is type(mean.count.value) is np.float32


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype(dtype):
    mean = metrics.Mean(dtype=dtype)
    mean.update_state(np.array([1.0, 2.0]))
    mean.update_state(np.dtype(dtype).type(3), 2)
    assert mean.result().value.dtype == mean.total.value.dtype == dtype
    assert float(mean.result()) == 2.25


def test_before_any_batch():
    for name in ("Mean", "Sum", "RootMeanSquaredError", "AUC", "Precision"):
        assert float(getattr(metrics, name)().result()) == 0
    assert float(metrics.MeanIoU(3).result()) == 0


def test_the_logits_count_where_probabilities_are_saturated():
    z = np.float32([[200, -200], [-200, 200]])
    p = Tensor(np.float32([[1, 0], [0, 1]]))
    p.logits = Tensor(z)
    metric = metrics.SparseCategoricalCrossentropy()
    assert float(metric(np.array([1, 0]), p)) == 400


def test_ignored_class():
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=0)
    p = np.float32([[0.5, 0.5], [0.5, 0.5]])
    assert float(metric([0, 1], p)) == pytest.approx(np.log(2) / 2, rel=1e-6)
    metric.reset_state()  # only with weights does Keras leave the ignored ones out
    weighted = metric([0, 1], p, sample_weight=[1.0, 1.0])
    assert float(weighted) == pytest.approx(np.log(2), rel=1e-6)


def test_mean_of_bad_numbers_makes_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mean = metrics.Mean()
        for value in (np.float32(3e38), np.float32(np.inf), np.float32(-np.inf)):
            mean.update_state(value, 3)
            mean.update_state(np.full((2, 2), value), [0, 1])
        assert np.isnan(float(mean.result()))


@pytest.mark.parametrize(
    "name, options, y_true, y_pred",
    [
        ("Accuracy", {}, LABELS, GUESSES[:5]),
        ("BinaryAccuracy", {}, BITS, P[:, :3]),
        ("SparseCategoricalAccuracy", {}, LABELS[:5], P),
        ("CategoricalAccuracy", {}, ONE_HOT[:5], P),
        ("SparseTopKCategoricalAccuracy", {}, LABELS[:5], P),
        ("MeanSquaredError", {}, A, B[:5]),
        ("RootMeanSquaredError", {}, A, B[:5]),
        ("AUC", {}, BITS, P[:5]),
    ],
)
def test_shapes_that_do_not_fit(name, options, y_true, y_pred):
    with pytest.raises(ValueError, match=r"y_true.*y_pred.*shape"):
        getattr(metrics, name)(**options).update_state(y_true, y_pred)


def test_weights_that_do_not_fit():
    for metric in (metrics.Mean(), metrics.Sum()):
        with pytest.raises(ValueError, match=r"sample_weight.shape=\(2,\).*\(3,\)"):
            metric.update_state([1.0, 2.0, 3.0], sample_weight=[1.0, 2.0])


@pytest.mark.parametrize("shape", [(6, 1), (6, 4), (5,), (1, 6)])
def test_weights_that_do_not_fit_f_scores(shape):
    for average in (None, "macro", "weighted"):
        metric = metrics.F1Score(average)
        with pytest.raises(ValueError, match=r"F1Score.*\(samples,\).*sample_weight"):
            metric.update_state(ONE_HOT[:6], P[:6], np.ones(shape))
        assert metric.true_positives.shape == (4,)
        assert not metric.true_positives.value.any()
    with pytest.raises(ValueError, match=r"y_true.shape=\(6, 4\)"):
        metrics.F1Score().update_state(ONE_HOT[:6], P[:6, :1])


def test_labels_beside_a_column_of_outputs():
    """Keras leaves these to broadcasting: (n,) beside (n, 1) is (n, n)."""
    labels, outputs = np.array([0.0, 1.0, 1.0]), np.array([[0.2], [0.5], [0.9]])
    signs = 2 * labels - 1
    for name, terms in (
        ("Hinge", np.maximum(1 - signs * outputs, 0)),
        ("Poisson", outputs - labels * np.log(outputs + 1e-7)),
    ):
        metric = getattr(metrics, name)()
        metric.update_state(labels, outputs)
        assert float(metric.result()) == pytest.approx(terms.mean(), rel=1e-6)
    metric = metrics.MeanSquaredError()  # this one aligns them
    metric.update_state(labels, outputs)
    expected = ((labels - outputs[:, 0]) ** 2).mean()
    assert float(metric.result()) == pytest.approx(expected, rel=1e-6)


def test_nan_lies_above_no_threshold():
    labels = np.array([1.0, 1.0, 0.0, 0.0])
    outputs = np.array([0.9, np.nan, np.nan, 0.1], "float32")
    for thresholds in ([0.0, 0.5, 1.0], [0.0, 0.2, 1.0]):  # evenly spaced, and not
        metric = metrics.TruePositives(thresholds)
        metric.update_state(labels, outputs)
        assert metric.result().value.tolist() == [1, 1, 0]
    metric = metrics.AUC()
    metric.update_state(labels, outputs)
    # All that is a number lies above the lowest threshold: 1 of 2, and 1 of 2.
    assert metric.true_positives.value[0] == metric.false_positives.value[0] == 1
    for cls in (metrics.PrecisionAtRecall, metrics.SensitivityAtSpecificity):
        metric = cls(0.5)
        metric.update_state(labels, outputs * np.nan)
        assert float(metric.result()) == 0


def test_float_weights_of_integer_counts_warn():
    metric = metrics.MeanIoU(4)
    with pytest.warns(UserWarning, match="dtype is `int`"):
        metric.update_state(LABELS, GUESSES, sample_weight=WEIGHTS)


def test_adjusted_r2_needs_samples():
    metric = metrics.R2Score(num_regressors=40)
    metric.update_state(A[:10, :2], B[:10, :2])
    with pytest.warns(UserWarning, match="More independent predictors"):
        metric.result()


def test_custom_metric():
    class Largest(metrics.Metric):
        def __init__(self, name="largest", **kwargs):
            super().__init__(name=name, **kwargs)
            self.value = self.add_weight(name="value", initializer="zeros")
            self.parts = [metrics.Mean(), metrics.Sum()]

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.value.assign(max(float(self.value), float(y_pred.max())))
            self.parts[0].update_state(y_pred)

        def result(self):
            return self.value

    metric = Largest()
    assert float(metric(None, np.array([1.0, 3.0]))) == 3
    assert [v.path for v in metric.variables] == [
        "largest/value",
        "mean/total",
        "mean/count",
        "sum/total",
    ]
    metric.reset_state()
    assert not any(float(v) for v in metric.variables)
    assert repr(metric) == "<Largest name=largest>"
    with pytest.raises(NotImplementedError, match="update_state"):
        metrics.Metric().update_state()
    with pytest.raises(NotImplementedError, match="result"):
        metrics.Metric().result()


def test_custom_metric_without_super():
    class Forgetful(metrics.Metric):
        def __init__(self):
            self.part = metrics.Mean()

    with pytest.raises(RuntimeError, match="forgot to call `super"):
        Forgetful()
