"""clone_model: new layers and weights, and compiled as the model is."""

import numpy as np
import pytest

from minikeras import Model, Sequential, losses, metrics, optimizers
from minikeras.layers import Dense, Input, Layer
from minikeras.models import clone_model

X, Y = np.ones((4, 3), "float32"), np.zeros((4, 1), "float32")


class Twice(Layer):
    def __init__(self, by):
        super().__init__()
        self.by = by

    def call(self, x):
        return self.by * x

    def get_config(self):
        return {"by": self.by}


def compiled(**options):
    model = Sequential([Input((3,)), Twice(2.0), Dense(1)], name="mine")
    model.compile(**{"optimizer": "sgd", "loss": "mse"} | options)
    return model


def test_what_is_not_compiled_gives_what_is_not():
    shared = Dense(3)
    clone = clone_model(Sequential([shared, Twice(3.0), shared], trainable=False))
    assert not clone.compiled and not clone.trainable
    assert clone.layers[0] is clone.layers[2] is not shared
    assert clone.layers[1].by == 3
    with pytest.raises(ValueError, match="Expected a Model"):
        clone_model(shared)


def test_the_optimizer_and_the_metrics_start_from_nothing():
    loss = losses.MeanAbsoluteError()
    accuracy = metrics.MeanSquaredError(name="q")
    optimizer = optimizers.SGD(0.5, momentum=0.9)
    options = {"loss_weights": [0.5], "steps_per_execution": 2, "run_eagerly": True}
    model = compiled(optimizer=optimizer, loss=[loss], metrics=[accuracy], **options)
    model.fit(X, Y, verbose=0)
    model.optimizer.learning_rate = 0.25
    clone = clone_model(model)
    assert clone.name == "mine"
    assert clone.optimizer is not optimizer and clone.optimizer.momentum == 0.9
    assert float(clone.optimizer.learning_rate) == 0.25
    assert int(clone.optimizer.iterations) == 0
    assert clone.optimizer.built
    assert (clone.steps_per_execution, clone.run_eagerly) == (2, True)
    clone.set_weights([np.ones((3, 1)), np.zeros(1)])
    found = clone.evaluate(X, Y, verbose=0, return_dict=True)
    assert found == {"loss": 3.0, "q": 36.0}
    assert float(accuracy.result()) != 36  # the model's own is another
    before = model.get_weights()
    clone.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_functions_are_shared_and_unbuilt_models_stay_so():
    def loss(y_true, y_pred):
        return (y_true - y_pred) ** 2

    model = Sequential([Dense(1)])
    model.compile(loss=loss)
    clone = clone_model(model)
    assert clone.loss is loss and not clone.built
    clone.fit(X, Y, verbose=0)
    assert not model.built


def test_a_compile_of_ones_own_is_left_to_its_owner():
    class Own(Model):
        def __init__(self):
            super().__init__()
            self.dense = Dense(1)

        def call(self, x):
            return self.dense(x)

        def get_config(self):
            return {}

        def compile(self, **options):
            super().compile(**options)

    model = Own()
    model.compile(loss="mse")
    with pytest.warns(UserWarning, match="Own has a `compile"):
        assert not clone_model(model).compiled
