"""Symbolic calls and output shapes by example, which change no state."""

import numpy as np
import pytest

from minikeras import metrics, ops
from minikeras.autodiff import GradientTape
from minikeras.graph import KerasTensor
from minikeras.layers import (
    AveragePooling1D,
    Concatenate,
    Cropping1D,
    Dense,
    Dropout,
    Layer,
    MaxPooling2D,
)

X = np.ones((2, 4), "float32")


class AddsLoss(Layer):
    def call(self, x):
        self.add_loss(ops.sum(x))
        return x


class Stateful(Layer):
    """Without a compute_output_shape, and with every kind of state."""

    def __init__(self):
        super().__init__()
        self.dense = Dense(7)
        self.drop = Dropout(0.5, seed=1)
        self.mean = metrics.Mean()

    def build(self, input_shape):
        self.calls = self.add_weight(shape=(), initializer="ones", trainable=False)

    def call(self, x, training=True):
        self.calls.assign_add(1.0)
        self.mean.update_state(x)
        y = self.drop(self.dense(x), training=training)
        self.add_loss(ops.sum(y))
        return y


def state_of(layer):
    variables = [*layer.variables, *layer.metrics_variables]
    return [v.numpy() for v in variables] + [float(loss) for loss in layer.losses]


def test_a_shape_by_example_leaves_the_state_alone():
    layer = Stateful()
    layer(X)
    before = state_of(layer)
    assert layer.compute_output_shape((None, 4)) == (None, 7)
    assert layer(KerasTensor((None, 4))).shape == (None, 7)
    for old, new in zip(before, state_of(layer), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_layer_built_by_example_has_the_state_of_a_new_one():
    layer = Stateful()
    assert layer.compute_output_shape((None, 4)) == (None, 7)
    assert layer.calls.value == 1
    assert layer.mean.result() == 0
    assert layer.losses == []
    masks = [layer.drop(np.ones((5, 5)), training=True).value, None]
    masks[1] = Dropout(0.5, seed=1)(np.ones((5, 5)), training=True).value
    np.testing.assert_array_equal(*masks)


def test_within_a_call_the_losses_so_far_are_kept():
    class Outer(Layer):
        def __init__(self):
            super().__init__()
            self.inner = AddsLoss()

        def call(self, x):
            y = self.inner(x)
            self.shape = self.inner.compute_output_shape(x.shape)
            return y

    layer = Outer()
    layer(X)
    assert layer.shape == (2, 4)
    assert [float(loss) for loss in layer.losses] == [8.0]


def test_open_axes_are_those_that_depend_on_the_batch():
    class Mixed(Layer):
        def call(self, x):
            return {"rows": x, "all": ops.sum(x), "pairs": x @ ops.transpose(x)}

    shapes = Mixed().compute_output_shape((None, 4))
    assert shapes == {"rows": (None, 4), "all": (), "pairs": (None, None)}
    assert Mixed().compute_output_shape((3, 4))["pairs"] == (3, 3)


def test_nothing_is_recorded_or_warned_of():
    class Odd(Layer):
        def call(self, x):
            return ops.log(x) / x

    with GradientTape() as tape:
        Odd()(KerasTensor((None, 4)))
        Dense(3)(KerasTensor((None, 4)))
    assert tape._entries == []


def test_a_rank_that_depends_on_the_batch():
    class Strange(Layer):
        def call(self, x):
            return x if x.shape[0] == 2 else ops.sum(x)

    with pytest.raises(ValueError, match=r"rank.*\(2, 4\) and \(\)"):
        Strange().compute_output_shape((None, 4))


@pytest.mark.parametrize(
    ("layer", "shapes", "expected"),
    [
        # Lengths 2 and 3 both give 1; a window of 5 fits into neither.
        (MaxPooling2D(), [(None, None, None, 3)], (None, None, None, 3)),
        (MaxPooling2D(5), [(None, None, 9, 3)], (None, None, 1, 3)),
        (AveragePooling1D(4, 1), [(2, None, 3)], (2, None, 3)),
        (Cropping1D(2), [(None, None, 3)], (None, None, 3)),
        (Concatenate(1), [(None, None, 3), (None, 2, 3)], (None, None, 3)),
        (Dense(7), [(None, None, 3)], (None, None, 7)),
    ],
)
def test_open_axes_besides_the_batch(layer, shapes, expected):
    specs = [KerasTensor(shape) for shape in shapes]
    assert layer(specs if len(specs) > 1 else specs[0]).shape == expected


def test_what_fits_no_length_is_still_refused():
    with pytest.raises(ValueError, match="fit"):
        MaxPooling2D(5)(KerasTensor((None, None, 4, 3)))
