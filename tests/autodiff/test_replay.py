"""A recorded computation as a function: its text, its numbers, what is refused."""

import gc
import weakref

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import Array, GradientTape, Tensor, Variable, primitive
from minikeras.autodiff.replay import Forward, Program
from minikeras.autodiff.trace import drawn, trace


@primitive
def _scaled(x: Array, factor: Array, shift=0.0, kind=None):
    return x * factor + shift, (lambda dy: dy * factor, lambda dy: dy * x)


@primitive
def both(x1: Array, x2: Array):
    return x1 + x2, lambda dy: (dy, dy)


@primitive
def total(x: Array):
    return x.sum(), (lambda dy: np.full_like(x, dy),)


def array(*numbers):
    return np.array(numbers, "float32")


def program(compute, x, variables, groups=()):
    """The program of compute(x), the loss and the gradients of the recording."""
    x = Tensor(x)
    with trace() as calls, GradientTape() as tape:
        y, loss = compute(x)
    gradients = tape.array_gradients(loss, variables)
    return Program.of(calls, [x], loss, variables, [y], groups), gradients


def test_the_text_is_the_step():
    a, b = Variable(array(2, 3), name="a"), Variable(array(1, 1), name="b")

    def compute(x):
        y = both(_scaled(x, a, shift=0.5, kind=("k", None, 2)), b)
        y = _scaled(y, a)
        return y, total(y)

    step, gradients = program(compute, array(4, 5), [a, b])
    assert step.text == (
        "def step(inputs, weight=1):\n"
        "    [v0] = inputs\n"
        "    v1 = variable1.value\n"
        "    v3 = variable3.value\n"
        "    v2, pull0 = scaled(v0, v1, shift=0.5, kind=('k', None, 2))\n"
        "    v4, pull1 = both(v2, v3)\n"
        "    v5, pull2 = scaled(v4, v1)\n"
        "    v6, pull3 = total(v5)\n"
        "    d6 = v6.dtype.type(weight)\n"
        "    d5 = pull3[0](d6)\n"
        "    del d6, pull3\n"
        "    d4 = pull2[0](d5)\n"
        "    d1 = pull2[1](d5)\n"
        "    del d5, pull2\n"
        "    parts1 = pull1(d4)\n"
        "    d2 = parts1[0]\n"
        "    d3 = parts1[1]\n"
        "    del d4, pull1, parts1\n"
        "    d1 = d1 + pull0[1](d2)\n"
        "    del d2, pull0\n"
        "    return v6, [v5], [d1, d3]\n"
    )
    loss, (y,), found = step.run([array(4, 5)])
    np.testing.assert_array_equal(y, (np.array([4, 5]) * [2, 3] + 1.5) * [2, 3])
    assert loss == y.sum()
    for ours, theirs in zip(found, gradients, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    a.assign(array(0, 1))  # variables are read anew
    assert step.run([array(4, 5)])[0] == 6.5
    for ours, theirs in zip(step.run([array(4, 5)], 2)[2], found, strict=True):
        assert ours.dtype == theirs.dtype == np.float32


def test_calls_of_a_group_run_together():
    a, b = Variable(array(2), name="a"), Variable(array(3), name="b")

    def compute(x):
        y = both(_scaled(x, a), _scaled(x, b))
        return y, total(y)

    alone, _ = program(compute, array(4), [a, b])
    step, _ = program(compute, array(4), [a, b], groups=[[0, 1]])
    assert "(v2, pull0), (v4, pull1) = together(lambda: scaled(v0, v1)" in step.text
    assert "parts1, parts0 = together(lambda: (pull1[1](d4),)" in step.text
    for ours, theirs in zip(step.run([array(5)]), alone.run([array(5)]), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_group_of_pulls_adds_up_in_order():
    """Both calls give to x; one of them has one vjp for all its inputs."""
    x0, a = Variable(array(1.5), name="x"), Variable(array(2), name="a")

    def compute(x):
        left, right = both(x0, a), _scaled(x0, x)
        y = both(left, right)
        return y, total(y)

    alone, gradients = program(compute, array(4), [x0, a])
    step, _ = program(compute, array(4), [x0, a], groups=[[0, 1]])
    for found in (alone.run([array(4)])[2], step.run([array(4)])[2]):
        assert [g.tolist() for g in found] == [[5.0], [1.0]]
    assert [g.tolist() for g in gradients] == [[5.0], [1.0]]


@pytest.mark.parametrize(
    "shift",
    [1, -2.5, 1e-45, True, np.float32(1.1), float("inf"), float("nan")],
)
def test_options_and_numbers_come_back_as_they_are(shift):
    x = Tensor(array(1, 2))
    with trace() as calls:
        y = _scaled(x, shift, shift=shift)
    call = Forward.of(calls, [x], [y])
    (found,) = call.run([array(3, 4)])
    expected = _scaled.raw(array(3, 4), shift, shift=shift)[0]
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_functions_of_one_name_are_told_apart():
    @primitive
    def scaled(x: Array):
        return -x, (lambda dy: -dy,)

    x = Tensor(array(1))
    with trace() as calls:
        y = scaled(_scaled(x, 3))
    call = Forward.of(calls, [x], [y])
    assert "scaled(v0, 3)" in call.text and "scaled_2(v2)" in call.text
    assert call.run([array(2)])[0].tolist() == [-6]


def test_draws_are_inputs():
    def numbers(shape, start):
        return np.full(shape, start + len(made), "float32")

    made: list = []
    a = Variable(array(1), name="a")

    def compute(x):
        y = _scaled(both(x, drawn(numbers, (1,), 10)), a)
        return y, total(y)

    step, _ = program(compute, array(4), [a])
    assert [(draw.shape, draw()) for draw in step.draws] == [((1,), 10.0)]
    made.append(1)
    assert step.run([array(4), *(draw() for draw in step.draws)])[0] == 15
    x = Tensor(array(4))
    with trace() as calls:
        y = compute(x)[0]
    assert Forward.of(calls, [x], [y]) is None


def test_a_program_goes_with_its_last_user():
    a = Variable(array(1), name="a")
    x = Tensor(array(1))
    with trace() as calls:
        y = both(x, a)
    call = Forward.of(calls, [x], [y])
    gone = weakref.ref(a)
    del a, x, y, calls
    assert gone() is not None
    gc.disable()  # no collection is needed: nothing holds itself
    try:
        del call
        assert gone() is None
    finally:
        gc.enable()


@primitive
def _halves(x: Array):
    return (x[:1], x[1:]), lambda dy: (np.concatenate(dy),)


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: both(x, np.ones(2, "float32")),
        lambda x: both(x, Tensor(np.ones(2, "float32"))),
        lambda x: _scaled(x, 1, kind=[1]),
        lambda x: _scaled(x, 1, kind=np.ones(1)),
        lambda x: _halves(x)[0],
        lambda x: Tensor(x.value + 1),
    ],
    ids=["array", "tensor", "list", "array option", "several outputs", "by hand"],
)
def test_what_may_change_is_refused(compute):
    x = Tensor(array(1, 2))
    with trace() as calls:
        y = compute(x)
    assert Forward.of(calls, [x], [y]) is None


def test_the_package_s_ops_give_a_text_that_runs():
    x = Tensor(np.linspace(-1, 1, 24, dtype="float32").reshape(2, 3, 4))
    with trace() as calls:
        y = ops.sum(ops.relu(ops.transpose(x, (0, 2, 1))) ** 2.0, axis=-1)
    call = Forward.of(calls, [x], [y])
    np.testing.assert_array_equal(call.run([x.value])[0], y.value)
