"""Mistakes that tf.keras trains through in silence, or meets with an inner error."""

import warnings

import numpy as np
import pytest

import minikeras as keras
from tests.trainers.small_model import X, Y, make_model, refuses

LABELS = Y[:, None] > 0


def binary(loss="binary_crossentropy"):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", loss)
    return model


def warned(action) -> list[str]:
    """The messages of the warnings, all of which point to this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    assert {warning.filename for warning in caught} <= {__file__}
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize(
    "loss", ["binary_crossentropy", keras.losses.BinaryFocalCrossentropy()]
)
@pytest.mark.parametrize("odd", [-1, 2])
def test_labels_that_are_no_probabilities(loss, odd):
    """One warning for the whole fit, and tf.keras's numbers."""
    y = LABELS.astype(int)
    y[7] = odd
    (message,) = warned(lambda: binary(loss).fit(X, y, epochs=3, verbose=0))
    assert f"{odd} in row 7" in message and "'hinge'" in message
    assert not warned(lambda: binary(loss).fit(X, LABELS * 0.9 + 0.05, verbose=0))


def test_labels_of_several_outputs_are_looked_at():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            return {"a": self.dense(x), "b": self.dense(x)}

    model = Net()
    model.compile("sgd", {"a": "mse", "b": "binary_crossentropy"})
    fine, odd = {"a": Y[:, None], "b": LABELS}, {"a": LABELS, "b": Y[:, None] - 1}
    assert not warned(lambda: model.fit(X, fine, verbose=0))
    (message,) = warned(lambda: model.fit(X, odd, verbose=0))
    assert "binary_crossentropy" in message


@pytest.mark.parametrize(
    ("weights", "word"),
    [
        ({"0": 1.0, "1": 2.0}, "'0'"),
        ({"cat": 1.0}, "'cat'"),
        ({0.5: 1.0}, "0.5"),
        ({0: "a", 1: 1.0}, "'a'"),
        ({0: None}, "None"),
    ],
)
def test_class_weights_are_numbers_for_numbers(weights, word):
    for action in ("fit", "train_on_batch"):
        model = make_model()
        refuses(
            lambda m=model, a=action: getattr(m, a)(X, Y, class_weight=weights),
            ValueError,
            "class numbers",
            word,
        )
        assert model.optimizer.iterations == 0


def test_class_weights_by_other_numbers_and_for_other_classes():
    plain, other = make_model(), make_model()
    plain.fit(X, Y, class_weight={0: 2.0, 1: 0.5}, verbose=0)
    weights = {np.int64(0): np.float32(2), 1.0: 0.5, 7: 3.0}
    other.fit(X, Y, class_weight=weights, verbose=0)
    np.testing.assert_array_equal(plain.get_weights()[0], other.get_weights()[0])


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        return X, Y


@pytest.mark.parametrize("make", [lambda: iter_of_batches(), Batches])
def test_a_batch_size_beside_batches_has_no_effect(make):
    model, options = make_model(), {"batch_size": 4, "verbose": 0}
    for action in (
        lambda: model.fit(make(), steps_per_epoch=1, shuffle=False, **options),
        lambda: model.evaluate(make(), steps=1, **options),
        lambda: model.predict(make(), steps=1, **options),
    ):
        (message,) = warned(action)
        assert message.startswith("`batch_size=4` has no effect")
    options |= {"validation_data": make(), "validation_steps": 1}
    assert not warned(lambda: model.fit(X, Y, **options))  # it is the arrays'


def iter_of_batches():
    yield X, Y
    yield X, Y


def test_a_dataset_without_batches():
    class Empty(keras.utils.PyDataset):
        def __len__(self):
            return 2

    refuses(
        lambda: make_model().fit(Empty()),
        NotImplementedError,
        "Empty must define `__getitem__(self, index)`",
    )


class Two(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, x):
        return {"left": self.dense(x), "right": 2 * self.dense(x)}


@pytest.mark.parametrize("loss", ["mse", {"left": "mse", "right": "mae"}])
@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["left"], ["no target for the output 'right'", "['left']"]),
        (["left", "rigth"], ["'rigth'", "Did you mean 'right'?"]),
        (["left", "right", "top"], ["'top'", "no output of the model"]),
    ],
)
def test_targets_by_name_must_fit_the_outputs(loss, names, words):
    model = Two()
    model.compile("sgd", loss)
    y = {name: X[:, :1] for name in names}
    refuses(lambda: model.fit(X, y, verbose=0), ValueError, *words)
    assert model.optimizer.iterations == 0


def test_an_output_without_a_loss_needs_no_target():
    model = Two()
    model.compile("sgd", {"left": "mse"})
    model.fit(X, {"left": X[:, :1]}, verbose=0)
    model.fit(X, {"left": X[:, :1], "right": None}, verbose=0)
    assert model.optimizer.iterations == 2


def test_losses_without_a_target_are_told_of():
    model = binary(["mse", "mae"])
    (message,) = warned(lambda: model.fit(X, LABELS, epochs=2, verbose=0))
    assert message.startswith("`loss` lists 2 losses, but there is one target")
    assert not warned(lambda: binary(["mse"]).fit(X, LABELS, verbose=0))


def test_a_loss_that_is_nan_is_told_once_a_fit():
    model = make_model("mse")
    model.set_weights([np.full((4, 3), np.nan), np.zeros(3)])
    for epochs in (1, 3):
        messages = warned(lambda n=epochs: model.fit(X, np.eye(3)[Y], epochs=n))
        assert [m[:26] for m in messages] == ["The loss of epoch 1 is NaN"]


def test_a_users_step_may_return_any_loss():
    class Net(keras.Model):
        def call(self, x):
            return x

        def train_step(self, data):
            return {"loss": "low", "nan": float("nan")}

    model = Net()
    model.compile("sgd", "mse")
    assert not warned(lambda: model.fit(X, X, verbose=0))


def test_layers_go_in_a_list():
    dense = keras.layers.Dense(3)
    refuses(
        lambda: keras.Sequential(dense), TypeError, "list of layers", "Sequential([…])"
    )
    refuses(lambda: keras.Sequential([keras.layers.Dense]), ValueError, "call it")
    assert keras.Sequential((dense,)).layers == [dense]
    assert keras.Sequential(iter([dense])).layers == [dense]


class Silent(keras.layers.Layer):
    def call(self, x):
        x * 2


@pytest.mark.parametrize("first", [[], [keras.Input((4,))]])
def test_a_layer_that_returns_nothing_is_named(first):
    def made():
        layers = [*first, Silent(name="quiet"), keras.layers.Dense(1)]
        model = keras.Sequential(layers)
        model.compile("sgd", "mse")
        model.fit(X, Y, verbose=0)

    refuses(made, ValueError, "call() of Silent 'quiet' returned None")


def test_nothing_is_no_input():
    refuses(lambda: keras.layers.Dense(1)(None), ValueError, "`return` its output")
