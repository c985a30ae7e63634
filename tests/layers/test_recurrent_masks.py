"""Recurrent layers with masks: odd cases, repeated steps, and mistakes."""

import numpy as np
import pytest

from minikeras import Sequential, layers, ops
from minikeras.layers.rnn.gru import GRUCell

X = np.random.default_rng(0).normal(size=(4, 3, 3)).astype("float32")
MASK = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 0, 0]], bool)
# float32: three steps of sums of some ten products
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


@pytest.mark.parametrize("activation", ["tanh", "softsign"])
def test_unrolled_and_backwards_the_mask_is_not_reversed(activation):
    options = {"return_sequences": True, "go_backwards": True, "seed": 1}
    plain = layers.LSTM(2, activation, **options)
    odd = layers.LSTM(2, activation, unroll=True, zero_output_for_mask=True, **options)
    carried = plain(X, mask=MASK).value
    odd(X)
    odd.set_weights(plain.get_weights())
    expected = np.where(MASK[..., None], carried, 0)
    np.testing.assert_allclose(odd(X, mask=MASK).value, expected, **CLOSE)
    assert not np.array_equal(expected, np.where(MASK[:, ::-1, None], carried, 0))


def test_first_states_keep_a_carried_mask_from_the_call():
    layer = layers.GRU(2)
    masked = layers.Masking()(X * MASK[..., None])
    for first in (np.ones((4, 2), "float32"), [np.ones((4, 2), "float32")]):
        with_states = layer(masked, initial_state=first).value
        bare = layer(X * MASK[..., None], initial_state=first).value
        np.testing.assert_array_equal(with_states, bare)
    assert not np.array_equal(layer(masked).value, layer(masked.value).value)


@pytest.mark.parametrize("use_bias", [False, True])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_the_op_of_reset_before_is_the_loop(use_bias, go_backwards):
    kinds = {"return_sequences": True, "return_state": True}
    kinds["go_backwards"] = go_backwards
    cell = {"reset_after": False, "use_bias": use_bias}

    class Own(GRUCell):  # not the class that has an op
        pass

    fast, slow = layers.GRU(2, **cell, **kinds), layers.RNN(Own(2, **cell), **kinds)
    assert fast.cell.has_op(True)
    assert not slow.cell.has_op(True)
    slow(X)
    fast(X)
    slow.set_weights(fast.get_weights())
    first = np.full((4, 2), 0.5, "float32")
    for options in ({}, {"mask": MASK}, {"mask": MASK, "initial_state": first}):
        for ours, theirs in zip(fast(X, **options), slow(X, **options), strict=True):
            np.testing.assert_allclose(ours.value, theirs.value, **CLOSE)


@pytest.mark.parametrize("cls", [layers.LSTM, layers.GRU, layers.SimpleRNN])
@pytest.mark.parametrize("shape", [(4,), (4, 2), (3, 3)])
def test_a_mask_of_another_shape(cls, shape):
    with pytest.raises(ValueError, match=r"'my' expects a mask of shape \(4, 3\)"):
        cls(2, name="my")(X, mask=np.ones(shape, bool))


class Own(layers.Layer):
    """Of a user's, so that the step is never repeated from a list."""

    def __init__(self):
        super().__init__()
        self.supports_masking = True

    def call(self, inputs):
        return ops.add(inputs, 0.0)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("kind", ["embedding", "masking"])
def test_a_repeated_step_is_the_step_itself(kind, masked):
    """The mask reaches loss and metrics in every batch, not only in the first."""
    logs = []
    for repeats in (True, False):
        if kind == "embedding":
            x = np.array([[1, 2, 0], [3, 0, 0], [4, 1, 2], [2, 2, 0]])
            first = layers.Embedding(5, 4, "ones", mask_zero=masked)
        else:
            x = X * MASK[..., None]
            first = layers.Masking() if masked else layers.Identity()
        ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
        middle = layers.LSTM(3, return_sequences=True, **ones)
        last = [layers.Dense(2, kernel_initializer="ones")]
        model = Sequential([first, middle, *last, *([] if repeats else [Own()])])
        model.compile("sgd", "mse", metrics=["mae"], run_eagerly=not repeats)
        y = np.random.default_rng(1).normal(size=(4, 3, 2)).astype("float32")
        options = {"batch_size": 1, "epochs": 3, "verbose": 0, "shuffle": False}
        logs.append(model.fit(x, y, **options).history)
        assert bool(model._programs.programs) == repeats
    assert logs[0] == logs[1]


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU, layers.SimpleRNN])
def test_masks_with_an_axis_more(kind):
    layer = kind(2, return_sequences=True, seed=1)
    expected = layer(X, mask=ops.convert_to_tensor(MASK)).value
    for mask in (MASK[..., None], MASK[..., None].astype("float32")):
        found = layer(X, mask=ops.convert_to_tensor(mask)).value
        np.testing.assert_array_equal(found, expected)
    one = layer(X, mask=ops.convert_to_tensor(MASK[:1])).value
    all_alike = layer(X, mask=ops.convert_to_tensor(MASK[[0, 0, 0, 0]])).value
    np.testing.assert_array_equal(one, all_alike)


@pytest.mark.parametrize("shape", [(4, 3, 3), (4, 3, 1, 1), (4, 1), (3, 4), (2, 3)])
def test_masks_of_other_shapes(shape):
    with pytest.raises(ValueError, match=r"mask of shape \(4, 3\).*mask.shape="):
        layers.LSTM(2)(X, mask=ops.ones(shape, dtype="bool"))


@pytest.mark.parametrize("shape", [(4, 3), (4, 2), (4, 3, 3, 1), (3, 1)])
def test_masks_that_do_not_broadcast_to_a_softmax(shape):
    with pytest.raises(ValueError, match=r"softmax.*broadcast.*mask.shape="):
        layers.Softmax()(np.ones((4, 2, 3)), mask=ops.ones(shape, dtype="bool"))


def test_numbers_as_the_mask_of_a_softmax():
    mask = np.array([0.3, 0.5, 0.7, 2.0], "float32")
    y = layers.Softmax()(np.zeros((1, 4)), mask=ops.convert_to_tensor(mask))
    assert y.value.tolist() == [[0, 0, 0.5, 0.5]]
