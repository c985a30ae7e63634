"""Bidirectional beside its two layers run apart; mistakes with recurrent layers."""

import numpy as np
import pytest

from minikeras import layers
from minikeras.graph import KerasTensor

X = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
MASK = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 1, 1]], bool)
MERGES = {
    "concat": lambda a, b: np.concatenate([a, b], -1),
    "sum": np.add,
    "mul": np.multiply,
    "ave": lambda a, b: (a + b) / 2,
}


def halves(both):
    """The two layers of a built Bidirectional, as layers of their own."""
    for part in (both.forward_layer, both.backward_layer):
        alone = layers.deserialize(layers.serialize(part))
        alone.build(X.shape)
        alone.set_weights(part.get_weights())
        yield alone


@pytest.mark.parametrize("mode", [*MERGES, None])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["", "masked"])
def test_the_outputs_of_both_are_merged(mode, sequences, mask):
    both = layers.Bidirectional(layers.GRU(2, return_sequences=sequences), mode)
    y = both(X, mask=mask)
    forward, backward = (np.asarray(part(X, mask=mask)) for part in halves(both))
    backward = backward[:, ::-1] if sequences else backward
    if mode is None:
        for got, expected in zip(y, (forward, backward), strict=True):
            np.testing.assert_array_equal(got.value, expected)
        shape = tuple(t.shape for t in y)
    else:
        np.testing.assert_array_equal(y.value, MERGES[mode](forward, backward))
        shape = y.shape
    assert both.compute_output_shape(X.shape) == shape
    symbolic = layers.Bidirectional(both.forward_layer, mode)(KerasTensor(X.shape))
    found = symbolic.shape if mode else tuple(t.shape for t in symbolic)
    assert found == shape
    if mask is not None and sequences and mode == "sum":
        assert not y.value[~mask].any()  # what is masked is 0, not repeated


def test_states_go_in_and_come_out_forward_first():
    both = layers.Bidirectional(layers.LSTM(2, return_state=True))
    given = list(np.random.default_rng(1).normal(size=(4, 3, 2)).astype("float32"))
    y, *states = both(X, initial_state=given)
    expected = []
    for part, own in zip(halves(both), (given[:2], given[2:]), strict=True):
        expected += part(X, initial_state=own)[1:]
    for state, e in zip(states, expected, strict=True):
        np.testing.assert_array_equal(state.value, e.value)
    assert both.compute_output_shape((3, 4, 5)) == ((3, 4), *[(3, 2)] * 4)
    for bad in (given[:2], given[:3], [*given, *given]):
        with pytest.raises(ValueError, match="bidirectional|forward_lstm"):
            both(X, initial_state=bad)


def test_the_layers_are_copies_named_after_their_direction():
    original = layers.LSTM(2, name="mine", seed=4)
    both = layers.Bidirectional(original)
    assert both.forward_layer is not original
    names = [both.forward_layer.name, both.backward_layer.name]
    assert names == ["forward_mine", "backward_mine"]
    assert (both.forward_layer.go_backwards, both.backward_layer.go_backwards) == (
        False,
        True,
    )
    own = layers.GRU(3, go_backwards=True)
    mixed = layers.Bidirectional(original, backward_layer=own)
    assert mixed.backward_layer is own
    for layer in (both, mixed):
        restored = layers.deserialize(layers.serialize(layer))
        assert layers.serialize(restored) == layers.serialize(layer)


# Mistakes ----------------------------------------------------------------------

KINDS = ("SimpleRNN", "LSTM", "GRU")


@pytest.mark.parametrize("kind", [*KINDS, *(f"{kind}Cell" for kind in KINDS)])
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"units": 0}, "units=0"),
        ({"units": -2}, "units=-2"),
        ({"units": 2.5}, "units=2.5"),
        ({"units": 2, "dropout": 1.5}, "dropout=1.5"),
        ({"units": 2, "recurrent_dropout": -0.1}, "recurrent_dropout=-0.1"),
        ({"units": 2, "dropout": "much"}, "dropout='much'"),
        ({"units": 2, "activation": "tahn"}, "tanh"),
        ({"units": 2, "unknown": 1}, "unknown"),
    ],
)
def test_bad_arguments(kind, options, match):
    with pytest.raises(ValueError, match=match):
        getattr(layers, kind)(**options)


@pytest.mark.parametrize("kind", KINDS)
def test_bad_inputs(kind):
    layer = getattr(layers, kind)(2, name="mine")
    layer(X)
    good = np.zeros((3, 2), "float32")
    count = len(layer.cell.get_initial_state(1))
    for bad in (X[0], X[..., :4], X[None], X[:, :0], [X, good]):
        with pytest.raises(ValueError, match="mine"):
            layer(bad)
    for states in ([good] * (count + 1), [good[:2]] * count, [good[:, :1]] * count, []):
        with pytest.raises(ValueError, match=r"'mine' expects `initial_state`"):
            layer(X, initial_state=states)
    with pytest.raises(ValueError, match="axis -1"):
        layer.cell(X[:, 0, :4], [good] * count)


@pytest.mark.parametrize("kind", KINDS)
def test_bad_batches_of_a_stateful_layer(kind):
    layer = getattr(layers, kind)(2, stateful=True, name="mine")
    with pytest.raises(ValueError, match=r"'mine' is stateful.*\(None, 4, 5\)"):
        layer(KerasTensor((None, 4, 5)))
    assert not layer.built and not layer.weights
    layer(X)
    with pytest.raises(ValueError, match=r"'mine' is stateful.*3 .*Received: 2"):
        layer(X[:2])


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_use_cudnn_is_accepted(kind):
    for value in ("auto", True, False):
        assert getattr(layers, kind)(2, use_cudnn=value).use_cudnn is value
    with pytest.raises(ValueError, match="use_cudnn='no'"):
        getattr(layers, kind)(2, use_cudnn="no")


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.RNN(3), "`call`"),
        (lambda: layers.RNN(layers.Dense(3)), "`state_size`"),
        (lambda: layers.RNN([layers.Dense(3)]), "`state_size`"),
        (lambda: layers.StackedRNNCells([3]), "`call`"),
        (lambda: layers.StackedRNNCells([]), "at least one"),
        (lambda: layers.Bidirectional("LSTM"), "layer='LSTM'"),
        (lambda: layers.Bidirectional(layers.LSTM(2), "max"), "merge_mode='max'"),
        (
            lambda: layers.Bidirectional(layers.LSTM(2), backward_layer=3),
            "backward_layer=3",
        ),
        (
            lambda: layers.Bidirectional(layers.GRU(2), backward_layer=layers.GRU(2)),
            "different directions",
        ),
        (
            lambda: layers.Bidirectional(
                layers.GRU(2),
                backward_layer=layers.GRU(2, go_backwards=True, return_state=True),
            ),
            "same `return_state`",
        ),
    ],
)
def test_bad_parts(make, match):
    with pytest.raises(ValueError, match=match):
        make()
