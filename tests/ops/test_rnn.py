"""The loop over time steps beside a twin that takes every sample by itself."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from minikeras.ops.rnn import rnn
from tests.gradients import check_gradient
from tests.ops.rows import CLOSE, numbers

BATCH, STEPS, FEATURES = 3, 5, 2
X = numbers(BATCH, STEPS, FEATURES, seed=1)
SUM, LAST = numbers(BATCH, FEATURES, seed=2), numbers(BATCH, FEATURES, seed=3)
MASK = np.array([[1, 1, 0, 1, 1], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]], bool)

every_option = pytest.mark.parametrize(
    ("go_backwards", "zero", "everything"),
    [(b, z, e) for b in (False, True) for z in (False, True) for e in (False, True)],
)


def step(x, states):
    """A decaying sum, and the input before: two states, one inside a list."""
    total, (before,) = states
    total = 0.5 * total + x * before
    return total * 2.0, [total, [x]]


def twin(x, total, before, mask, go_backwards, zero):
    """(outputs, total, before) of one sample, step by step."""
    order = range(STEPS)[::-1] if go_backwards else range(STEPS)
    output, outputs = np.zeros(FEATURES), []
    for t in order:
        if mask is None or mask[t]:
            total = 0.5 * total + x[t] * before
            before, output = x[t], 2.0 * total
        elif zero:
            output = np.zeros(FEATURES)
        outputs.append(output)
    return np.stack(outputs), total, before


def run(x, total, before, mask=None, **options):
    last, outputs, (total, (before,)) = rnn(
        step, x, [total, [before]], mask=mask, **options
    )
    return (last, total, before) if outputs is None else (last, total, before, outputs)


@every_option
@pytest.mark.parametrize("mask", [None, MASK, MASK.astype("int32")])
def test_value_and_derivative(go_backwards, zero, everything, mask):
    options = {
        "go_backwards": go_backwards,
        "zero_output_for_mask": zero,
        "return_all_outputs": everything,
    }
    rows = [
        twin(x, s, b, None if mask is None else mask[i], go_backwards, zero)
        for i, (x, s, b) in enumerate(zip(X, SUM, LAST, strict=True))
    ]
    outputs, total, before = (np.stack(part) for part in zip(*rows, strict=True))
    expected = [outputs[:, -1], total, before, outputs][: 3 + everything]
    for y, e in zip(run(X, SUM, LAST, mask, **options), expected, strict=True):
        np.testing.assert_allclose(y.value, e, **CLOSE)
    check_gradient(lambda *a: run(*a, mask, **options), X, SUM, LAST)


@pytest.mark.parametrize("rows", [0, 1])
def test_float32_and_few_rows(rows):
    inputs = [Tensor(a[:rows].astype("float32")) for a in (X, SUM, LAST)]
    with GradientTape() as tape:
        tape.watch(inputs)
        ys = run(*inputs, MASK[:rows])
    assert {y.dtype for y in ys} == {np.dtype("float32")}
    assert ys[3].shape == (rows, STEPS, FEATURES)
    for x, dx in zip(inputs, tape.gradient(list(ys), inputs), strict=True):
        assert (dx.dtype, dx.shape) == (np.float32, x.shape)


def test_states_of_any_rank_and_steps_of_any_rank():
    """A mask reaches over all axes of a state; steps may be images."""
    images = numbers(2, 3, 4, 5, seed=4)
    mask = np.array([[True, False, True], [False, False, True]])
    last, outputs, (state,) = rnn(
        lambda x, states: (ops.sum(states[0] + x, axis=1), [states[0] + x]),
        Tensor(images),
        [Tensor(np.zeros((2, 4, 5)))],
        mask=mask,
    )
    expected = np.stack([images[0, 0] + images[0, 2], images[1, 2]])
    np.testing.assert_allclose(state.value, expected, **CLOSE)
    np.testing.assert_allclose(last.value, expected.sum(1), **CLOSE)
    assert outputs.shape == (2, 3, 5)
