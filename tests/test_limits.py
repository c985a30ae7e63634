"""Arguments that make no sense are refused, by name, where they are given."""

import numpy as np
import pytest

from minikeras import layers, losses, metrics

IMPOSSIBLE = [
    (losses.Huber, {"delta": -1.0}),
    (losses.Huber, {"delta": 0}),
    (losses.Huber, {"delta": None}),
    (losses.BinaryCrossentropy, {"label_smoothing": 2}),
    (losses.BinaryCrossentropy, {"label_smoothing": -0.5}),
    (losses.CategoricalCrossentropy, {"label_smoothing": 2.0}),
    (losses.CategoricalCrossentropy, {"label_smoothing": "0.1"}),
    (losses.BinaryFocalCrossentropy, {"label_smoothing": 1.5}),
    (losses.CategoricalFocalCrossentropy, {"label_smoothing": None}),
    (losses.BinaryFocalCrossentropy, {"gamma": -1.0}),
    (losses.CategoricalFocalCrossentropy, {"gamma": -1.0}),
    (losses.Tversky, {"alpha": -1.0}),
    (losses.Tversky, {"beta": -1.0}),
    (losses.Circle, {"gamma": -1.0}),
    (metrics.TopKCategoricalAccuracy, {"k": 0}),
    (metrics.SparseTopKCategoricalAccuracy, {"k": -1}),
    (metrics.SparseTopKCategoricalAccuracy, {"k": 1.5}),
    (metrics.Precision, {"top_k": 0}),
    (metrics.Recall, {"top_k": 2.5}),
    (metrics.MeanIoU, {"num_classes": 0}),
    (metrics.MeanIoU, {"num_classes": "3"}),
    (metrics.OneHotMeanIoU, {"num_classes": -1}),
    (layers.Dropout, {"rate": "0.5"}),
    (layers.Dropout, {"rate": None}),
    (layers.SpatialDropout1D, {"rate": "0.5"}),
    (layers.LeakyReLU, {"negative_slope": "0.5"}),
    (layers.ReLU, {"threshold": "0.5"}),
    (layers.ELU, {"alpha": "0.5"}),
]


@pytest.mark.parametrize(("cls", "options"), IMPOSSIBLE)
def test_impossible_values(cls, options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=f"`{name}`.*Received: {name}={value!r}"):
        cls(**options)


def test_the_functions_refuse_a_smoothing_too():
    y = np.eye(3, dtype="float32")
    for name in (
        "binary_crossentropy",
        "categorical_crossentropy",
        "binary_focal_crossentropy",
        "categorical_focal_crossentropy",
    ):
        with pytest.raises(ValueError, match="Received: label_smoothing=2"):
            getattr(losses, name)(y, y, label_smoothing=2)


POSSIBLE = [
    (losses.BinaryCrossentropy, {"label_smoothing": 1}),
    (losses.CategoricalFocalCrossentropy, {"alpha": [0.2, 0.3, 0.5], "gamma": 0}),
    (metrics.TopKCategoricalAccuracy, {"k": np.int64(3)}),
    (metrics.Precision, {"top_k": None}),
    (layers.Dropout, {"rate": np.float32(0.5)}),
    (layers.ELU, {"alpha": 1}),
]


@pytest.mark.parametrize(("cls", "options"), POSSIBLE)
def test_values_at_the_limits(cls, options):
    config = cls(**options).get_config()
    assert {name: config[name] for name in options} == options


@pytest.mark.parametrize(
    ("metric", "shapes"),
    [
        (metrics.MeanIoU(2), "one for each of the 3 labels.*(5,)"),
        (metrics.R2Score(), "(5, 1).*values.shape=(3, 1)"),
        (metrics.MeanSquaredError(), "(5,).*values.shape=(3,)"),
        (metrics.BinaryAccuracy(), "(5, 1).*values.shape=(3, 1)"),
        (metrics.Precision(), "(5, 1).*(3, 1)"),
        (metrics.AUC(), "(5, 1).*(3, 1)"),
    ],
)
def test_weights_of_a_wrong_shape_are_told_with_both_shapes(metric, shapes):
    y = np.array([[0.0], [1.0], [1.0]])
    pattern = "`sample_weight`.*" + shapes.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(ValueError, match=pattern):
        metric.update_state(y, y, sample_weight=np.ones(5, int))
