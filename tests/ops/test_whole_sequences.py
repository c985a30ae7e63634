"""lstm, gru and simple_rnn beside their cells, step by step; what makes them fast."""

import numpy as np
import pytest

from minikeras.autodiff import GradientTape, Tensor
from minikeras.ops.gru import gru
from minikeras.ops.gru_reset_before import gru_reset_before
from minikeras.ops.lstm import lstm
from minikeras.ops.sequence import Once, blocks
from minikeras.ops.simple_rnn import simple_rnn
from tests.gradients import check_gradient
from tests.ops.rows import CLOSE, numbers

BATCH, STEPS, FEATURES, UNITS = 3, 5, 4, 6
MASK = np.array([[1, 1, 0, 1, 1], [0, 1, 1, 1, 0], [0, 0, 0, 1, 1]], bool)
X = numbers(BATCH, STEPS, FEATURES, seed=1)
H0, C0 = numbers(2, BATCH, UNITS, seed=2)
LSTM = (
    X,
    numbers(FEATURES, 4 * UNITS, seed=3),
    numbers(UNITS, 4 * UNITS, seed=4),
    numbers(4 * UNITS, seed=5),
    H0,
    C0,
)
GRU = (
    X,
    numbers(FEATURES, 3 * UNITS, seed=3),
    numbers(UNITS, 3 * UNITS, seed=4),
    numbers(2, 3 * UNITS, seed=5),
    H0,
)

SIMPLE = (
    X,
    numbers(FEATURES, UNITS, seed=3),
    numbers(UNITS, UNITS, seed=4) / 4,
    numbers(UNITS, seed=5),
    H0,
)
GRU_BEFORE = (*GRU[:3], numbers(3 * UNITS, seed=5), H0)


def logistic(x):
    return 1 / (1 + np.exp(-x))


def lstm_cell(x, state, kernel, recurrent, bias):
    h, c = state
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
    c = logistic(f) * c + logistic(i) * np.tanh(g)
    return logistic(o) * np.tanh(c), c


def gru_cell(x, state, kernel, recurrent, bias):
    (h,) = state
    of_x, of_h = x @ kernel + bias[0], h @ recurrent + bias[1]
    z, r = np.split(logistic((of_x + of_h)[:, : 2 * UNITS]), 2, axis=1)
    g = np.tanh(of_x[:, 2 * UNITS :] + r * of_h[:, 2 * UNITS :])
    return (z * h + (1 - z) * g,)


def simple_cell(x, state, kernel, recurrent, bias):
    return (np.tanh(x @ kernel + state[0] @ recurrent + bias),)


def gru_cell_reset_before(x, state, kernel, recurrent, bias):
    (h,) = state
    of_x, of_z_r = x @ kernel + bias, h @ recurrent[:, : 2 * UNITS]
    z, r = np.split(logistic(of_x[:, : 2 * UNITS] + of_z_r), 2, axis=1)
    g = np.tanh(of_x[:, 2 * UNITS :] + (r * h) @ recurrent[:, 2 * UNITS :])
    return (z * h + (1 - z) * g,)


def step_by_step(cell, arrays, mask=None, go_backwards=False):
    """(all h, last states) by calling the cell once a step."""
    x, kernel, recurrent, bias, *state = arrays
    outputs = []
    for t in reversed(range(STEPS)) if go_backwards else range(STEPS):
        new = cell(x[:, t], state, kernel, recurrent, bias)
        if mask is not None:
            keep = mask[:, t, None]
            new = [np.where(keep, n, s) for n, s in zip(new, state, strict=True)]
        state = list(new)
        outputs.append(state[0])
    return np.stack(outputs, axis=1), state


OPS = {
    "lstm": (lstm, lstm_cell, LSTM),
    "gru": (gru, gru_cell, GRU),
    "gru_reset_before": (
        gru_reset_before,
        gru_cell_reset_before,
        GRU_BEFORE,
    ),
    "simple_rnn": (simple_rnn, simple_cell, SIMPLE),
}


@pytest.mark.parametrize("name", OPS)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
def test_value_and_derivative(name, masked, go_backwards, return_sequences):
    op, cell, arrays = OPS[name]
    mask = MASK if masked else None
    options = {"go_backwards": go_backwards, "return_sequences": return_sequences}
    outputs, states = step_by_step(cell, arrays, mask, go_backwards)
    expected = outputs if return_sequences else states[0]
    np.testing.assert_allclose(op(*arrays, mask, **options).value, expected, **CLOSE)
    check_gradient(lambda *a: op(*a, mask, **options), *arrays)
    for y, e in zip(
        op(*arrays, mask, return_state=True, **options),
        [expected, *states],
        strict=True,
    ):
        np.testing.assert_allclose(y.value, e, **CLOSE)
    check_gradient(lambda *a: op(*a, mask, return_state=True, **options), *arrays)


@pytest.mark.parametrize("name", OPS)
def test_without_bias_and_first_states(name):
    op, cell, (x, kernel, recurrent, bias, *states) = OPS[name]
    zeros = [np.zeros_like(s) for s in states]
    arrays = (x, kernel, recurrent, np.zeros_like(bias), *zeros)
    _, (expected, *_) = step_by_step(cell, arrays)
    np.testing.assert_allclose(op(x, kernel, recurrent).value, expected, **CLOSE)
    check_gradient(op, x, kernel, recurrent)


@pytest.mark.parametrize("name", OPS)
@pytest.mark.parametrize("rows", [0, 1])
def test_float32_and_few_rows(name, rows):
    op, cell, (x, kernel, recurrent, bias, *states) = OPS[name]
    arrays = [x[:rows], kernel, recurrent, bias, *[s[:rows] for s in states]]
    inputs = [Tensor(a.astype("float32")) for a in arrays]
    with GradientTape() as tape:
        tape.watch(inputs)
        y = op(*inputs)
    assert y.dtype == np.float32
    _, (expected, *_) = step_by_step(cell, arrays)
    # Five steps of sums of ten products: some 50 roundings of 6e-8 each.
    np.testing.assert_allclose(y.value, expected, atol=50 * 6e-8)
    for a, da in zip(inputs, tape.gradient(y, inputs), strict=True):
        assert (da.dtype, da.shape) == (a.dtype, a.shape)


@pytest.mark.parametrize("name", OPS)
def test_large_sums_saturate_without_a_warning(name):
    op, _, (x, kernel, recurrent, bias, *states) = OPS[name]
    arrays = [Tensor(a.astype("float32")) for a in (x * 1e4, kernel, recurrent, bias)]
    with GradientTape() as tape:
        tape.watch(arrays)
        y = op(*arrays)
    assert np.isfinite(y.value).all() and np.abs(y.value).max() <= 1
    assert all(np.isfinite(g.value).all() for g in tape.gradient(y, arrays))


@pytest.mark.parametrize("name", OPS)
def test_steps_in_several_blocks_are_those_in_one(name, monkeypatch):
    op, _, arrays = OPS[name]

    def value_and_gradients():
        inputs = [Tensor(a) for a in arrays]
        with GradientTape() as tape:
            tape.watch(inputs)
            y = op(*inputs, return_sequences=True)
        return [y, *tape.gradient(y, inputs)]

    whole = value_and_gradients()
    monkeypatch.setattr("minikeras.ops.sequence._CACHE_BYTES", 2 * BATCH * UNITS * 8)
    for ours, theirs in zip(value_and_gradients(), whole, strict=True):
        np.testing.assert_allclose(ours.value, theirs.value, **CLOSE)


def test_blocks_cover_all_steps_once():
    for steps in (1, 5, 50):
        for nbytes in (0, 1, 10**5, 10**7, 10**12):
            parts = blocks(steps, nbytes)
            assert [t for p in parts for t in range(p.start, p.stop)] == list(
                range(steps)
            )


def test_the_way_back_is_walked_once_for_each_cotangent():
    walks = []
    once = Once(lambda dy: walks.append(dy) or len(walks))
    first, second = np.ones(2), np.ones(2)
    assert [once(first), once(first), once(second), once(second)] == [1, 1, 2, 2]
    assert len(walks) == 2


@pytest.mark.parametrize("name", OPS)
def test_a_second_gradient_of_one_recording_is_the_first(name):
    """Nothing that was kept for the way back may be written over on it."""
    op, _, arrays = OPS[name]
    inputs = [Tensor(a) for a in arrays]
    with GradientTape(persistent=True) as tape:
        tape.watch(inputs)
        y = op(*inputs)
    once, again = tape.gradient(y, inputs), tape.gradient(y, inputs)
    for a, b in zip(once, again, strict=True):
        np.testing.assert_array_equal(a.value, b.value)
