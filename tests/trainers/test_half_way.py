"""Calls that fail half-way leave a consistent model behind."""

import signal

import numpy as np
import pytest

import minikeras as keras
from tests.trainers.small_model import X, Y, make_model


def test_set_weights_is_all_or_nothing():
    model = make_model()
    before = model.get_weights()
    kernel, bias = np.ones((4, 3)), np.ones(3)
    for bad in ([kernel], [kernel, np.ones(4)], [kernel, "bias"], [np.ones(3), bias]):
        with pytest.raises(ValueError):
            model.set_weights(bad)
        for old, new in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
    model.set_weights([kernel, bias])
    kernel[:] = 5  # a copy was taken
    assert (model.get_weights()[0] == 1).all()
    model.get_weights()[0][:] = 7  # and is given
    assert (model.get_weights()[0] == 1).all()


class Raises(keras.callbacks.Callback):
    def __init__(self, exception, step):
        super().__init__()
        self.exception, self.step = exception, step

    def on_train_batch_end(self, batch, logs=None):
        if batch == self.step:
            raise self.exception


@pytest.mark.parametrize("exception", [KeyboardInterrupt(), RuntimeError("mine")])
def test_an_interrupted_fit_leaves_a_consistent_model(exception):
    """What was trained before the interruption is what the plain steps give."""
    model = make_model()
    with pytest.raises(type(exception)):
        model.fit(
            X,
            Y,
            batch_size=5,
            shuffle=False,
            verbose=0,
            callbacks=[Raises(exception, 2)],
        )
    twin = make_model()
    for start in (0, 5, 10):
        twin.train_on_batch(X[start : start + 5], Y[start : start + 5])
    for ours, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert model.optimizer.iterations == 3
    model.fit(X, Y, verbose=0)  # and it goes on
    assert model.optimizer.iterations == 4


def test_ctrl_c_takes_effect_between_two_steps(usual_ctrl_c):
    class Interrupting(keras.layers.Layer):
        """Presses Ctrl-C in the middle of the forward pass of the second step."""

        def call(self, x, training=False):
            if training:
                model.steps.append(1)
                if len(model.steps) == 2:
                    signal.raise_signal(signal.SIGINT)
            return x

    keras.utils.set_random_seed(0)
    model = keras.Sequential([Interrupting(), keras.layers.Dense(3)])
    model.steps = []
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=5, epochs=3, verbose=0)
    assert model.optimizer.iterations == 2  # the step was finished
    assert len(model.steps) == 2  # and no other begun


def test_an_error_in_the_middle_of_a_fit_keeps_earlier_steps_only():
    class Fails(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.steps = 0

        def call(self, x, training=False):
            self.steps += bool(training)
            if self.steps == 3:
                raise RuntimeError("in call")
            return x

    model = keras.Sequential([Fails(), keras.layers.Dense(3)])
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(RuntimeError, match="in call"):
        model.fit(X, Y, batch_size=5, verbose=0)
    assert model.optimizer.iterations == 2
    assert all(np.isfinite(w).all() for w in model.get_weights())
    # The failed call left no trace: an outermost call is outermost again.
    model.layers[0].steps = 100
    model.fit(X, Y, batch_size=5, verbose=0)
