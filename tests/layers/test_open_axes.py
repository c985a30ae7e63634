"""Axes whose size is open, besides the batch's: weights must not depend on them."""

import numpy as np
import pytest

import minikeras as keras
from minikeras import layers

NEEDS = [
    (layers.Dense(3), (None,)),
    (layers.Dense(3), (4, None)),
    (layers.Conv1D(3, 2), (4, None)),
    (layers.Conv2D(3, 2), (4, 4, None)),
    (layers.DepthwiseConv2D(2), (4, 4, None)),
    (layers.SeparableConv2D(2, 2), (4, 4, None)),
    (layers.Conv2DTranspose(2, 2), (4, 4, None)),
    (layers.LSTM(2), (4, None)),
    (layers.Bidirectional(layers.GRU(2)), (4, None)),
    (layers.TimeDistributed(layers.Dense(2)), (4, None)),
    (layers.BatchNormalization(), (4, None)),
    (layers.LayerNormalization(), (4, None)),
    (layers.GroupNormalization(1), (4, None)),
    (layers.PReLU(), (4, None)),
]


@pytest.mark.parametrize(
    ("layer", "shape"), NEEDS, ids=[f"{layer.name}-{shape}" for layer, shape in NEEDS]
)
def test_the_axis_that_weights_come_from_must_be_defined(layer, shape):
    with pytest.raises(ValueError, match=f"{layer.name}.*(defined|known).*None"):
        layer(keras.Input(shape))


def test_a_model_says_it_too():
    with pytest.raises(ValueError, match="dense_last.*fully-defined"):
        keras.Sequential(
            [
                keras.Input((None, 3)),
                layers.Flatten(),
                layers.Dense(3, name="dense_last"),
            ]
        )


class Noting(layers.Layer):
    def build(self, input_shape):
        self.noted = input_shape
        self.scale = self.add_weight(shape=input_shape[-1:], initializer="ones")

    def call(self, x):
        return x * self.scale


def test_build_is_told_which_axes_are_open():
    layer = Noting()
    assert layer(keras.Input((None, 5))).shape == (None, None, 5)
    assert layer.noted == (None, None, 5)  # as in Keras
    assert layer(np.ones((2, 7, 5), "float32")).shape == (2, 7, 5)


def test_weights_of_layers_with_open_axes_are_those_of_closed_ones():
    kernels = []
    for length in (None, 6):
        keras.utils.set_random_seed(3)
        model = keras.Sequential(
            [
                keras.Input((length, 4)),
                layers.Conv1D(3, 2),
                layers.LSTM(5, return_sequences=True),
                layers.TimeDistributed(layers.Dense(2)),
            ]
        )
        assert model.output_shape == (None, length and 5, 2)
        kernels.append(model.get_weights())
    for one, other in zip(*kernels, strict=True):
        np.testing.assert_array_equal(one, other)
