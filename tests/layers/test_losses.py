"""add_loss, penalties and activity regularizers: what a call adds to the loss."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from minikeras.layers import Dense, Identity, Layer
from minikeras.models import Model, Sequential

X = np.ones((2, 4), "float32")


class AddsLoss(Layer):
    def call(self, x):
        self.add_loss(ops.sum(x))
        return x


def test_losses_are_those_of_the_last_outermost_call():
    layer = AddsLoss()
    model = Sequential([layer, AddsLoss()])
    for _ in range(3):
        model(X)
        assert [float(loss) for loss in model.losses] == [8.0, 8.0]
    layer(X * 2)
    assert [float(loss) for loss in layer.losses] == [16.0]
    assert [float(loss) for loss in model.losses] == [16.0, 8.0]


def test_a_layer_used_twice_in_a_call_adds_twice():
    class Twice(Layer):
        def __init__(self):
            super().__init__()
            self.inner = AddsLoss()

        def call(self, x):
            return self.inner(self.inner(x) * 2)

    layer = Twice()
    for _ in range(2):
        layer(X)
        assert [float(loss) for loss in layer.losses] == [8.0, 16.0]


def test_add_loss_takes_numbers_arrays_and_nests():
    layer = Identity()
    layer.add_loss(1.0)
    layer.add_loss([np.float32(2), {"more": Tensor(np.float32(3))}])
    assert [float(loss) for loss in layer.losses] == [1.0, 2.0, 3.0]


def test_penalties_come_after_added_losses_and_need_no_call():
    layer = Dense(2, kernel_regularizer="l2", kernel_initializer="ones")
    layer.build((None, 3))
    # 6 · 0.01: the default strength
    assert [float(v) for v in layer.losses] == pytest.approx([0.06])
    layer.add_loss(5.0)
    assert float(layer.losses[0]) == 5.0


def test_the_activity_regularizer_is_per_sample():
    layer = Dense(2, activity_regularizer="l2", kernel_initializer="ones")
    for rows in (1, 2, 8):
        layer(np.ones((rows, 4), "float32"))
        # a row of two 4s: 0.01 · (16 + 16)
        assert [float(v) for v in layer.losses] == pytest.approx([0.32])
    layer(np.ones((0, 4), "float32"))
    assert [float(v) for v in layer.losses] == [0.0]


def test_the_activity_regularizer_sees_every_output():
    class Two(Layer):
        def call(self, x):
            return x, [2 * x]

    layer = Two(activity_regularizer="l2")
    layer(X)
    assert [float(v) for v in layer.losses] == pytest.approx([0.04, 0.16])


def test_a_layer_that_two_models_share_has_one_penalty():
    shared = Dense(4, kernel_regularizer="l2", kernel_initializer="ones")

    class Both(Model):
        def __init__(self):
            super().__init__()
            self.first = Sequential([shared])
            self.second = Sequential([shared, Dense(1)])

        def call(self, x):
            return self.second(self.first(x))

    model = Both()
    with GradientTape() as tape:
        model(X)
        (penalty,) = model.losses
    assert float(penalty) == pytest.approx(16 * 0.01)
    gradient = tape.gradient(penalty, shared.kernel).value
    np.testing.assert_allclose(gradient, np.full((4, 4), 2 * 0.01), rtol=1e-6)
    own = [*shared.weights, *model.second.layers[-1].weights]
    assert list(map(id, model.weights)) == list(map(id, own))


def test_losses_have_gradients():
    layer = Dense(1, activity_regularizer="l1", kernel_regularizer="l2")
    layer.build((None, 4))
    layer.kernel.assign(np.full((4, 1), 2.0))
    with GradientTape() as tape:
        layer(X)
        loss = sum(layer.losses)
    # l1: 0.01 · mean over rows of |x·k|; l2: 0.01 · k²
    expected = 0.01 * 1 + 2 * 0.01 * 2
    gradient = tape.gradient(loss, layer.kernel).value
    np.testing.assert_allclose(gradient, np.full((4, 1), expected), rtol=1e-6)
