"""The losses by name, and their configs."""

import numpy as np
import pytest

from minikeras import losses
from minikeras.registry import get_custom_objects, register_keras_serializable

CLASSES = {
    name: cls
    for name, cls in losses.FAMILY.exports.items()
    if isinstance(cls, type) and name != "LossFunctionWrapper"
}
LEFT_OUT = {"CTC", "ctc"}  # more than a formula: dynamic programming over paths


def test_nothing_of_keras_is_missing():
    keras = pytest.importorskip("keras")
    theirs = {n for n in dir(keras.losses) if not n.startswith("_")}
    assert theirs - set(losses.__all__) == LEFT_OUT
    for name in losses.__all__:
        assert hasattr(losses, name)


@pytest.mark.parametrize("name", CLASSES)
def test_round_trip(name):
    loss = CLASSES[name](name="n", reduction="sum")
    config = losses.serialize(loss)
    assert config["module"] == "keras.losses"
    assert config["class_name"] == name
    again = losses.deserialize(config)
    assert type(again) is CLASSES[name]
    assert again.get_config() == loss.get_config()
    assert losses.get(config).get_config() == loss.get_config()
    assert type(losses.get(name)) is CLASSES[name]
    assert losses.get(loss) is loss
    assert losses.get(CLASSES[name]).reduction == "sum_over_batch_size"


@pytest.mark.parametrize("name", [n for n in losses.FAMILY.exports if n[0].islower()])
def test_functions_by_name(name):
    function = getattr(losses, name)
    assert losses.get(name) is function
    assert losses.get(losses.serialize(function)) is function


def test_short_names():
    for short in ("mse", "mae", "mape", "msle", "bce", "kld"):
        assert losses.get(short) is losses.get(short.upper())
    assert losses.get("mse") is losses.mean_squared_error
    assert losses.get(None) is None


def test_options_survive():
    loss = losses.BinaryFocalCrossentropy(gamma=3.0, alpha=0.1, label_smoothing=0.2)
    again = losses.get(losses.serialize(loss))
    assert (again.gamma, again.alpha, again.label_smoothing) == (3.0, 0.1, 0.2)
    assert again._fn_kwargs == loss._fn_kwargs


def test_wrapper_round_trip():
    loss = losses.LossFunctionWrapper(losses.huber, delta=2.0, name="h")
    again = losses.get(losses.serialize(loss))
    assert again.fn is losses.huber
    assert float(again([[0.0]], [[3.0]])) == float(loss([[0.0]], [[3.0]])) == 4.0


def test_wrapped_custom_function_round_trip():
    @register_keras_serializable("tests")
    def twice(y_true, y_pred):
        return 2 * (y_pred - y_true)

    try:
        config = losses.serialize(losses.LossFunctionWrapper(twice))
        assert float(losses.get(config)([1.0], [2.0])) == 2.0
    finally:
        del get_custom_objects()["tests>twice"]
    with pytest.raises(ValueError, match="Unknown loss: .*twice"):
        losses.get(config)


@pytest.mark.parametrize(
    "name, near",
    [
        ("mean_square_error", "mean_squared_error"),
        ("hubert", "huber"),
    ],
)
def test_misspelt_name(name, near):
    with pytest.raises(ValueError, match=f"Unknown loss: '{name}'.*'{near}'"):
        losses.get(name)


def test_bad_arguments():
    with pytest.raises(ValueError, match="Received: reduction=average"):
        losses.MeanSquaredError(reduction="average")
    with pytest.raises(ValueError, match="Received: q=1.5"):
        losses.CategoricalGeneralizedCrossEntropy(q=1.5)
    with pytest.raises(ValueError, match="Could not interpret"):
        losses.get(3)


def test_names():
    assert losses.Huber().name == "huber_loss"
    assert losses.MeanSquaredError(name="m").name == "m"
    assert losses.Loss().name.startswith("loss")
    assert "mean_squared_error" in repr(losses.MeanSquaredError())
    assert np.isclose(losses.SparseCategoricalCrossentropy(np.True_).from_logits, True)
