"""States that go on, dropout, users' cells, stacks, both directions, and mistakes."""

import numpy as np
import pytest

from minikeras import layers, ops, tree
from minikeras.autodiff import Tensor
from minikeras.graph import KerasTensor
from minikeras.program.trace import Trace
from minikeras.random import samplers
from tests.layers.test_recurrent import gru, loop, lstm, simple

X = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
KINDS = (layers.SimpleRNN, layers.LSTM, layers.GRU)
every_kind = pytest.mark.parametrize("kind", KINDS)
# Per layer: one time step of a sample in plain NumPy, and how many gates it has.
TWINS = [
    (layers.SimpleRNN, simple, 1),
    (layers.LSTM, lstm, 4),
    (layers.GRU, gru, 3),
]
# float32: some ten roundings of numbers below 1
NEAR = {"rtol": 1e-5, "atol": 1e-6}


def near(y, expected):
    np.testing.assert_allclose(np.asarray(y), np.asarray(expected), **NEAR)


def variables_of(layer):
    return [v.value.copy() for v in layer.variables]


# One op, or step by step -------------------------------------------------------


def ops_of(layer, *args, **kwargs):
    layer(*args, **kwargs)
    with Trace([]) as trace:
        layer(*args, **kwargs)
    return len(trace.ops)


@every_kind
def test_the_common_case_is_one_op(kind):
    assert ops_of(kind(3), X) == 1
    assert ops_of(kind(3, return_sequences=True, go_backwards=True), X) == 1
    assert ops_of(layers.RNN(kind(3).cell), X) == 1
    assert ops_of(kind(3, return_state=True), X) == 1
    assert ops_of(kind(3, dropout=0.5, recurrent_dropout=0.5), X) < 20
    assert ops_of(kind(3, activation="relu"), X) > 12


@every_kind
def test_a_subclass_of_a_cell_is_called(kind):
    class Doubled(type(kind(1).cell)):
        def call(self, inputs, states, training=False):
            output, states = super().call(inputs, states, training)
            return 2.0 * output, states

    layer = layers.RNN(Doubled(3), return_sequences=True)
    plain = kind(3, return_sequences=True)
    plain.build(X.shape)
    layer.build(X.shape)
    layer.set_weights(plain.get_weights())
    near(layer(X), 2 * plain(X).value)


def test_the_forget_gate_starts_with_a_bias_of_one():
    layer = layers.LSTM(2, bias_initializer=lambda shape, dtype: np.full(shape, 3.0))
    layer.build(X.shape)
    np.testing.assert_array_equal(layer.cell.bias.value, [3, 3, 1, 1, 3, 3, 3, 3])
    plain = layers.LSTM(2, unit_forget_bias=False)
    plain.build(X.shape)
    assert not plain.cell.bias.value.any()


# States that go on -------------------------------------------------------------


@every_kind
def test_stateful_calls_continue_one_sequence(kind):
    layer = kind(3, stateful=True, return_sequences=True)
    parts = [layer(X[:, :1]), layer(X[:, 1:])]
    plain = kind(3, return_sequences=True)
    plain.build(X.shape)
    plain.set_weights(layer.get_weights())
    near(np.concatenate([np.asarray(p) for p in parts], 1), plain(X))
    assert any(v.value.any() for v in layer.states)
    layer.reset_state()
    assert not any(v.value.any() for v in layer.states)
    near(layer(X), plain(X))
    for v in layer.states:
        assert (v.trainable, v.path) == (False, f"{layer.name}/rnn_state")
    assert len(layer.weights) == 3


@pytest.mark.parametrize(("kind", "cell", "gates"), TWINS)
def test_a_stateful_layer_starts_from_what_its_twin_has_left(kind, cell, gates):
    layer, states = kind(3, stateful=True), None
    for x in (X, 2 * X, X[::-1]):
        count = 2 if kind is layers.LSTM else 1
        outputs, states = loop(cell, 3, count)(layer_weights(layer, x), x, states)
        near(layer(x), outputs[:, -1])
        for kept, state in zip(layer.states, states, strict=True):
            near(kept, state)


def layer_weights(layer, x):
    if not layer.built:
        layer.build(x.shape)
    return layer.get_weights()


def test_a_symbolic_call_and_an_error_leave_the_states_alone():
    # With a bias of 1 even the zeros of a symbolic call would change the states.
    layer = layers.LSTM(3, stateful=True, bias_initializer="ones")
    layer(KerasTensor((3, 4, 5)))
    assert not any(v.value.any() for v in layer.states)
    layer(X)
    before = [v.value for v in layer.states]
    layer(KerasTensor((3, 4, 5)))
    for bad in (X[:2], X[:, :0], X[..., :2], X[0]):
        with pytest.raises(ValueError, match=r"lstm"):
            layer(bad)
    for v, value in zip(layer.states, before, strict=True):
        np.testing.assert_array_equal(v.value, value)


def test_states_of_a_stack_and_of_both_directions_go_on():
    stack = layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)], stateful=True)
    first, second = np.asarray(stack(X)), np.asarray(stack(X))
    assert (first != second).any()
    stack.reset_state()
    np.testing.assert_array_equal(stack(X).value, first)
    both = layers.Bidirectional(layers.GRU(2, stateful=True))
    assert both.states is None
    first = np.asarray(both(X))
    assert len(both.states) == 2 and (np.asarray(both(X)) != first).any()
    both.reset_state()
    np.testing.assert_array_equal(both(X).value, first)
    with pytest.raises(AttributeError, match="stateful"):
        layers.Bidirectional(layers.GRU(2)).reset_state()


# Dropout -----------------------------------------------------------------------


@every_kind
def test_every_call_draws_and_masks_do_not_outlive_it(kind):
    layer = kind(3, dropout=0.5, recurrent_dropout=0.5, seed=1)
    layer(X)
    per_call = int(layer.cell.seed_generator.state.value[1])
    assert per_call == {"SimpleRNN": 2, "LSTM": 8, "GRU": 6}[kind.__name__]
    before = layer.cell.seed_generator.state.value.copy()
    first, second = layer(X, training=True), layer(X, training=True)
    assert (first.value != second.value).any()
    layer.cell.seed_generator.state.assign(before)
    np.testing.assert_array_equal(layer(X, training=True).value, first.value)
    assert layer.cell._dropout_mask is layer.cell._recurrent_dropout_mask is None
    layer(X[:2], training=True)  # another batch size needs another mask


@every_kind
def test_dropout_scales_the_inputs_by_one_mask_for_all_steps(kind):
    layer = kind(3, dropout=0.5, seed=1, return_sequences=True)
    layer(X)
    mask = np.asarray(layer.cell.get_dropout_mask(Tensor(X[:, 0])))
    assert set(np.unique(mask)) == {0.0, 2.0}
    layer.cell.reset_dropout_mask()
    layer.cell.seed_generator.state.assign([1, 1])
    expected = np.asarray(layer(X * mask[:, None]))
    layer.cell.seed_generator.state.assign([1, 1])
    near(layer(X, training=True), expected)


@pytest.mark.parametrize(("kind", "cell", "gates"), TWINS)
def test_recurrent_dropout_scales_the_state_of_each_gate_by_a_mask(kind, cell, gates):
    """Each gate's columns of the recurrent kernel see a masked state, the same mask in
    all steps: for a sample that is as if rows of its kernel were scaled."""
    units, rate = 8, 0.25
    layer = kind(units, recurrent_dropout=rate, seed=1)
    kernel, recurrent, bias = layer_weights(layer, X)
    masks = [
        np.where(drawn >= rate, 1 / (1 - rate), 0)
        for drawn in (
            samplers.uniform((len(X), units), "float32", (1, gate))
            for gate in range(gates)
        )
    ]
    assert all(0 < mask.mean() < 1 / (1 - rate) for mask in masks)
    twin = loop(cell, units, 2 if kind is layers.LSTM else 1)
    expected = []
    for i, x in enumerate(X):
        parts = zip(np.split(recurrent, gates, axis=1), masks, strict=True)
        scaled = np.concatenate([mask[i][:, None] * k for k, mask in parts], axis=1)
        expected.append(twin([kernel, scaled, bias], x[None])[0][0, -1])
    near(layer(X, training=True), expected)


def test_a_kept_mask_of_a_cell_is_dropped_on_demand():
    cell = layers.LSTMCell(3, dropout=0.5, implementation=1)
    step, states = X[:, 0], cell.get_initial_state(3)
    first = cell(step, states, training=True)[0].value
    np.testing.assert_array_equal(cell(step, states, training=True)[0].value, first)
    cell.reset_dropout_mask()
    assert (cell(step, states, training=True)[0].value != first).any()
    assert cell.seed_generator.state.value[1] == 8


# Users' cells and stacks -------------------------------------------------------


class Least:
    """No layer: a sum that halves, of the features' sum."""

    state_size = 1

    def call(self, inputs, states):
        total = 0.5 * states[0] + ops.sum(inputs, axis=1, keepdims=True)
        return 3.0 * total, [total]


def test_a_cell_that_is_no_layer():
    y, state = layers.RNN(Least(), return_state=True)(X)
    weights = 0.5 ** np.arange(4)[::-1]
    expected = (X.sum(-1) * weights).sum(1, keepdims=True)
    near(state, expected)
    near(y, 3 * expected)
    assert layers.RNN(Least()).compute_output_shape((None, 4, 5)) == (None, 1)


def test_a_stack_is_one_cell_after_the_other():
    kinds = [lambda: layers.LSTMCell(2), lambda: layers.GRUCell(3), Least]
    cells = [make() for make in kinds]
    stack = layers.RNN(cells, return_sequences=True, return_state=True)
    y, *states = stack(X)
    step = X
    for cell, state in zip(cells, states, strict=True):
        alone = layers.RNN(cell, return_sequences=True, return_state=True)
        step, *expected = alone(step)
        state = state if isinstance(state, list) else [state]
        for s, e in zip(state, expected, strict=True):
            near(s, e)
    near(y, step)
    assert stack.compute_output_shape((3, 4, 5)) == (
        (3, 4, 1),
        [(3, 2), (3, 2)],
        (3, 3),
        (3, 1),
    )
    with pytest.raises(ValueError, match=r"shapes .*\(3, 3\)"):
        stack(X, initial_state=[np.zeros((3, 2))])


def test_a_stack_is_restored_with_its_cells():
    cells = layers.StackedRNNCells([layers.LSTMCell(2), layers.SimpleRNNCell(3)])
    again = layers.StackedRNNCells.from_config(cells.get_config())
    assert again.get_config() == cells.get_config()
    assert [type(c) for c in again.cells] == [type(c) for c in cells.cells]
    layer = layers.RNN(cells, go_backwards=True)
    restored = layers.deserialize(layers.serialize(layer))
    assert layers.serialize(restored) == layers.serialize(layer)


class StepByStep(layers.StackedRNNCells):
    """A class of its own is called once a step."""


@pytest.mark.parametrize("mask", [None, np.tri(3, 4, 1, bool)[:, ::-1]])
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("zero_output_for_mask", [False, True])
def test_a_stack_goes_over_all_steps_cell_by_cell(
    mask, go_backwards, return_sequences, zero_output_for_mask
):
    cells = [layers.LSTMCell(2), layers.GRUCell(3), layers.SimpleRNNCell(2)]
    first = [[np.ones((3, 2), "float32")] * 2, np.ones((3, 3), "float32")]
    first.append(np.zeros((3, 2), "float32"))
    options = {
        "return_state": True,
        "go_backwards": go_backwards,
        "return_sequences": return_sequences,
        "zero_output_for_mask": zero_output_for_mask,
    }
    by_cell = layers.RNN(cells, **options)
    by_step = layers.RNN(StepByStep(cells), **options)
    for states in (None, first):
        y, *last = by_cell(X, initial_state=states, mask=mask)
        expected, *last_expected = by_step(X, initial_state=states, mask=mask)
        near(y, expected)
        for s, e in zip(tree.flatten(last), tree.flatten(last_expected), strict=True):
            near(s, e)
    assert ops_of(layers.RNN(cells), X) == len(cells)
    assert ops_of(layers.RNN(StepByStep(cells)), X) > 3 * len(cells)
