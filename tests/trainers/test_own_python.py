"""Steps, layers, losses and data of the user's own: it runs in every step."""

import warnings

import numpy as np
import pytest

from minikeras import Model, Sequential, metrics, ops, optimizers
from minikeras.autodiff import GradientTape
from minikeras.callbacks import Callback
from minikeras.layers import Dense, Dropout, Layer
from tests.trainers.by_hand import CLOSE, KERNEL, X, Y, by_hand, made, slices


class Custom(Model):
    def __init__(self):
        super().__init__()
        self.dense = Dense(2, use_bias=False)
        self.tracker = metrics.Mean(name="mine")
        self.steps = []

    def call(self, x):
        return self.dense(x)

    def train_step(self, data):
        x, y = data
        self.steps.append(x.shape)
        with GradientTape() as tape:
            loss = ops.mean(ops.abs(self(x, training=True) - y))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        self.tracker.update_state(loss)
        return {"mine": self.tracker.result(), "extra": 3}

    def test_step(self, data):
        return {"tested": 7.0}

    @property
    def metrics(self):
        return [self.tracker]


def test_custom_steps():
    model = Custom()
    model.compile("sgd")
    history = model.fit(X, Y, batch_size=5, epochs=2, validation_data=(X, Y), verbose=0)
    assert history.history["extra"] == [3, 3]
    assert history.history["val_tested"] == [7.0, 7.0]
    first, second = history.history["mine"]
    assert second < first
    assert model.steps == [(5, 4)] * 4
    assert model.evaluate(X, Y, verbose=0) == 7.0
    assert model.train_on_batch(X, Y, return_dict=True)["extra"] == 3


def test_what_a_custom_step_is_given():
    given = []

    class Given(Custom):
        def train_step(self, data):
            given.append(data)
            return {"loss": 0.0}

    model = Given()
    model.compile("sgd")
    weights = np.ones(10)
    model.fit(X, verbose=0)
    model.fit(X, Y, verbose=0)
    model.fit(X, Y, sample_weight=weights, verbose=0)
    assert given[0].shape == (10, 4)
    assert [len(data) for data in given[1:]] == [2, 3]


def test_a_compute_loss_of_ones_own():
    class Own(Custom):
        train_step, test_step = Model.train_step, Model.test_step

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return ops.sum(y_pred) * 0 + 7.0

    model = Own()
    model.compile("sgd")
    assert model.fit(X, Y, verbose=0).history["mine"] == [0.0]
    assert model.test_on_batch(X, Y) == 0.0


def test_python_runs_in_every_step():
    """Whatever is done to make steps quick, `call` is the user's."""

    class Alternating(Layer):
        def __init__(self):
            super().__init__()
            self.calls = 0

        def call(self, x):
            self.calls += 1
            return x * float(self.calls % 2)  # every other step sees nothing

    layer = Alternating()
    model = Sequential([layer, Dense(2, use_bias=False)])
    model.compile(optimizers.SGD(0.1), "mse")
    model(X)
    model.set_weights([KERNEL])
    layer.calls = 0
    for _ in range(4):
        model.train_on_batch(X, Y)
    assert layer.calls == 4
    kernel, _ = by_hand([slice(0, 10)] * 2)
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)


def test_changes_between_steps_are_seen():
    model = made()
    model.train_on_batch(X, Y)
    model.optimizer.learning_rate = 0.0
    before = model.get_weights()[0]
    model.train_on_batch(X, Y)
    np.testing.assert_array_equal(model.get_weights()[0], before)
    model.optimizer.learning_rate = 0.1
    model.set_weights([KERNEL])
    model.train_on_batch(X, Y)
    kernel, _ = by_hand([slice(0, 10)])
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="does not have any trainable weights"):
        model.train_on_batch(X, Y)
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_layer_frozen_by_a_callback(eagerly):
    """Without `compile` in between it trains on, unless the model runs eagerly."""

    class Freezing(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.layers[0].trainable = epoch % 2 == 0
            kernels.append(self.model.get_weights()[0])

    kernels = []
    model = made(Dense(4))
    model.run_eagerly = eagerly
    model.fit(X, Y, epochs=4, verbose=0, callbacks=[Freezing()])
    kernels.append(model.get_weights()[0])
    changed = [not np.array_equal(a, b) for a, b in zip(kernels, kernels[1:])]  # noqa: B905
    assert changed == ([True, False] * 2 if eagerly else [True] * 4)
    assert not model.layers[0].trainable


def test_dropout_drops_anew_in_each_step():
    class Seen(Layer):
        def call(self, x):
            seen.append(x.value)
            return x

    seen = []
    model = Sequential([Dropout(0.5, seed=1), Seen(), Dense(2)])
    model.compile("sgd", "mse")
    model.fit(X, Y, epochs=3, shuffle=False, verbose=0)
    masks = [(x != 0).tobytes() for x in seen[-3:]]
    assert len(set(masks)) == 3


def test_metrics_in_layers_count_and_start_anew_each_epoch():
    class Counting(Layer):
        def __init__(self):
            super().__init__()
            self.rows = metrics.Sum(name="rows")

        def call(self, x):
            self.rows.update_state(float(x.shape[0]))
            return x

    model = Sequential([Counting(), Dense(2)])
    model.compile("sgd", "mse")
    history = model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
    assert history.history["rows"] == [10.0, 10.0]


def test_losses_that_layers_add():
    class Penalised(Layer):
        def call(self, x):
            self.add_loss(ops.sum(x) * 0 + 2.0)
            self.add_loss(1.0)
            return x

    model = Sequential([Penalised(), Dense(2, use_bias=False)])
    model.compile("sgd", "mse")
    model.build((None, 4))
    model.set_weights([KERNEL])
    error = X @ KERNEL - Y
    found = model.evaluate(X, Y, verbose=0)
    np.testing.assert_allclose(found, (error**2).mean() + 3, **CLOSE)


def test_a_generator_across_epochs():
    taken = []

    def pairs():
        for i in range(10):
            taken.append(i)
            yield X[i : i + 1], Y[i : i + 1]

    model = made()
    history = model.fit(pairs(), steps_per_epoch=3, epochs=2, shuffle=False, verbose=0)
    assert len(history.history["loss"]) == 2
    assert model.optimizer.iterations == 6
    kernel, _ = by_hand(slices(1, rows=6))
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)
    assert taken == list(range(6))


def test_a_fit_that_runs_out_warns_and_says_where():
    def pairs(count):
        for i in range(count):
            yield X[i : i + 1], Y[i : i + 1]

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made().fit(pairs(4), steps_per_epoch=3, epochs=2, shuffle=False, verbose=0)
    assert [str(w.message)[:30] for w in caught] == ["Your input ran out of data; in"]
    assert caught[0].filename == __file__
