"""The metrics by name, and their configs."""

import pytest

from minikeras import losses, metrics

NEEDED = {
    "IoU": {"num_classes": 3, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 3},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0]},
    "OneHotMeanIoU": {"num_classes": 3},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "MeanMetricWrapper": {"fn": losses.huber, "delta": 2.0},
}
CLASSES = metrics.FAMILY.exports


def test_nothing_of_keras_is_missing():
    keras = pytest.importorskip("keras")
    theirs = {n for n in dir(keras.metrics) if not n.startswith("_")}
    assert theirs <= set(metrics.__all__)
    for name in metrics.__all__:
        assert hasattr(metrics, name)


@pytest.mark.parametrize("name", CLASSES)
def test_round_trip(name):
    metric = CLASSES[name](**NEEDED.get(name, {}), name="n")
    config = metrics.serialize(metric)
    assert config["module"] == "keras.metrics"
    assert config["class_name"] == name
    again = metrics.deserialize(config)
    assert type(again) is CLASSES[name]
    assert again.get_config() == metric.get_config()
    assert metrics.get(config).get_config() == metric.get_config()
    assert metrics.get(metric) is metric


@pytest.mark.parametrize("name", sorted(set(CLASSES) - set(NEEDED)))
def test_by_name(name):
    assert type(metrics.get(name)) is CLASSES[name]
    assert metrics.get(CLASSES[name]) is not metrics.get(CLASSES[name])


@pytest.mark.parametrize(
    "name, cls",
    [
        ("mse", "MeanSquaredError"),
        ("MAE", "MeanAbsoluteError"),
        ("mape", "MeanAbsolutePercentageError"),
        ("MSLE", "MeanSquaredLogarithmicError"),
        ("bce", "BinaryCrossentropy"),
        ("accuracy", "Accuracy"),
        ("root_mean_squared_error", "RootMeanSquaredError"),
        ("auc", "AUC"),
        ("r2_score", "R2Score"),
        ("f1_score", "F1Score"),
    ],
)
def test_short_names(name, cls):
    assert type(metrics.get(name)) is CLASSES[cls]


@pytest.mark.parametrize(
    "name, near", [("acuracy", "accuracy"), ("mean_square_error", "mean_squared_error")]
)
def test_misspelt_name(name, near):
    with pytest.raises(ValueError, match=f"Unknown metric: '{name}'.*'{near}'"):
        metrics.get(name)


def test_which_way_is_better():
    assert metrics.BinaryAccuracy()._direction == "up"
    assert metrics.MeanSquaredError()._direction == "down"
    assert metrics.MeanMetricWrapper(losses.Huber())._direction == "down"
    assert metrics.Mean()._direction is None


@pytest.mark.parametrize(
    "make, named",
    [
        (lambda: metrics.Precision(thresholds=[0.5, 1.5]), r"Received: \[1.5\]"),
        (lambda: metrics.AUC(curve="ROCK"), "ROCK"),
        (lambda: metrics.AUC(summation_method="sum"), "sum"),
        (lambda: metrics.AUC(num_thresholds=1), "num_thresholds=1"),
        (lambda: metrics.AUC(num_labels=3), "num_labels"),
        (lambda: metrics.SensitivityAtSpecificity(1.5), "specificity=1.5"),
        (lambda: metrics.PrecisionAtRecall(0.5, num_thresholds=0), "num_thresholds=0"),
        (lambda: metrics.F1Score(average="mean"), "average=mean"),
        (lambda: metrics.FBetaScore(beta=0.0), "beta=0.0"),
        (lambda: metrics.F1Score(threshold=1.5), "threshold=1.5"),
        (lambda: metrics.IoU(2, [2]), r"class id 2.*\[0, 2\)"),
        (lambda: metrics.R2Score(class_aggregation="sum"), "class_aggregation=sum"),
        (lambda: metrics.R2Score(num_regressors=-1), "num_regressors=-1"),
        (lambda: metrics.R2Score()([1.0], [1.0]), r"y_true.shape=\(1,\)"),
        (lambda: metrics.F1Score()([1.0], [1.0]), r"y_true.shape=\(1,\)"),
        (lambda: metrics.get(3), "Could not interpret"),
    ],
)
def test_bad_arguments(make, named):
    with pytest.raises(ValueError, match=named):
        make()
