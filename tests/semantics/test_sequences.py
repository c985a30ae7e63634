"""docs/semantics.md, masks and states: which steps count, and what stands in others."""

import numpy as np
import pytest

from minikeras import Sequential, layers
from minikeras.autodiff import Tensor
from tests.semantics.ledger import hold

STEPS = np.array([[[0, 0], [1, 2], [0, 0], [3, -1]]], "float32")


def test_merging_layers_or_their_masks():
    """A step is masked only where it is in both."""
    pair = [STEPS, np.roll(STEPS, 1, axis=1)]
    first, second = (np.any(x != 0, -1) for x in pair)
    for layer in (layers.Add(), layers.Multiply(), layers.Concatenate()):
        got = layer([layers.Masking()(x) for x in pair])._keras_mask
        hold(np.asarray(got), first | second, first & second)


def test_masking_writes_zeros():
    """Not only the mask: steps that were 5 throughout are 0 behind the layer."""
    x = np.array([[[5, 5], [5, 1]]], "float32")
    hold(layers.Masking(mask_value=5.0)(x), [[[0, 0], [5, 1]]], x)


def test_a_masked_step_repeats_the_last_output():
    """0 before the first; `zero_output_for_mask=True` has 0 in all of them."""
    lstm = layers.LSTM(2, return_sequences=True)
    got = np.asarray(lstm(layers.Masking()(Tensor(STEPS))))[0]
    kept = np.asarray(lstm(Tensor(STEPS[:, [1, 3]])))[0]
    keras = np.stack([0 * kept[0], kept[0], kept[0], kept[1]])
    hold(got, keras, np.stack([0 * kept[0], kept[0], 0 * kept[0], kept[1]]))


def test_a_stateful_layer_makes_rows_of_one():
    """For four rows, given one: in a model of tf.keras the states' shape wins, and
    the row goes on from each of the four states. Here that has to be written down."""
    rnn = layers.SimpleRNN(1, stateful=True)
    model = Sequential([layers.Input(batch_shape=(4, 1, 1)), rnn])
    rnn.set_weights([np.full(shape, 0.5) for shape in ((1, 1), (1, 1), (1,))])
    x = np.array([-1, 0, 1, 2], "float32").reshape(4, 1, 1)
    states = np.asarray(model.predict(x, verbose=0)).astype("float64")
    with pytest.raises(ValueError, match="expected 4 sequences. Received: 1"):
        model.predict(x[:1], verbose=0)
    got = model.predict(np.repeat(x[:1], 4, axis=0), verbose=0)
    rows = np.tanh(0.5 * x[:1, 0] + 0.5 * states + 0.5)
    hold(got, rows, rows[:1])
