"""@primitive: how one function on arrays becomes an op on Tensors."""

import numpy as np
import pytest

from minikeras.autodiff import (
    Array,
    GradientTape,
    Tensor,
    Variable,
    primitive,
    stack,
)

SEEN = []


@primitive
def scaled(x: Array, y: Array, factor=1.0, names=()):
    """x·y·factor"""
    SEEN.append((x, y, factor))
    return x * y * factor, (lambda dy: dy * y * factor, lambda dy: dy * x * factor)


@primitive
def halves(x: Array):
    n = len(x) // 2
    return (x[:n], x[n:]), lambda dy: (np.concatenate(dy),)


@primitive
def total(*parts: Array, start=0.0):
    return sum(parts) + start, lambda dy: (dy,) * len(parts)


@primitive
def chosen(x: Array, y: Array = None):
    pull = None if y is None else (lambda dy: 3 * dy)
    return x if y is None else x * 2 + y * 3, (lambda dy: 2 * dy, pull)


def value(x):
    return None if x is None else np.asarray(x.value).tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda x, y: scaled(x, y, 5.0),
        lambda x, y: scaled(x, y, factor=5.0),
        lambda x, y: scaled(x, y=y, factor=5.0),
        lambda x, y: scaled(x=x, y=y, factor=5.0),
        lambda x, y: scaled(y=y, x=x, factor=5.0),
        lambda x, y: scaled(x, y, 5.0, ()),
    ],
)
def test_arrays_and_options_by_place_or_by_name(call):
    x, y = Variable(2.0), Variable(3.0)
    with GradientTape() as tape:
        z = call(x, y)
    assert value(z) == 30.0
    assert [value(g) for g in tape.gradient(z, [x, y])] == [15.0, 10.0]


def test_arrays_may_be_left_out():
    with pytest.raises(TypeError):
        scaled(y=Tensor(np.float32(3.0)))
    x = Variable(2.0)
    with GradientTape(persistent=True) as tape:
        a, b = chosen(x), chosen(x, y=x)
    assert [value(a), value(b)] == [2.0, 10.0]
    assert [value(tape.gradient(z, x)) for z in (a, b)] == [2.0, 5.0]


def test_an_array_given_twice():
    with pytest.raises(TypeError, match="several values for argument 'y'"):
        scaled(1.0, 2.0, y=3.0)


def test_an_unknown_option():
    with pytest.raises(TypeError, match="scale"):
        scaled(1.0, 2.0, scale=3.0)


INPUTS = [
    (2.0, float),
    (2, int),
    (True, bool),
    (np.float32(2), np.float32),
    (np.ones(2), np.ndarray),
    ([1.0, 2.0], np.ndarray),
    (np.int16(2), np.ndarray),
    (Tensor(np.ones(2)), np.ndarray),
]


@pytest.mark.parametrize(("given", "kind"), INPUTS, ids=repr)
def test_what_the_plain_function_sees(given, kind):
    SEEN.clear()
    scaled(given, np.float32(1))
    assert type(SEEN[0][0]) is kind


def test_python_lists_have_the_default_dtype():
    assert scaled([1.0, 2.0], [3.0, 4.0]).dtype == np.float32
    assert scaled([1, 2], [3, 4], 1).dtype == np.int32


def test_the_plain_function_stays_reachable():
    result, vjp = scaled.raw(2.0, 3.0, 4.0)
    assert result == 24.0
    assert [pull(1.0) for pull in vjp] == [12.0, 8.0]
    assert scaled.__name__ == "scaled"
    assert scaled.__doc__ == "x·y·factor"


def test_several_outputs():
    x = Variable(np.float32([1, 2, 3, 4]))
    with GradientTape(persistent=True) as tape:
        low, high = halves(x)
        y = low * high
        z = high * high
    assert value(tape.gradient(y, x)) == [3.0, 4.0, 1.0, 2.0]
    assert value(tape.gradient(z, x)) == [0.0, 0.0, 6.0, 8.0]  # low is not used
    assert value(tape.gradient([y, z], high)) == [7.0, 10.0]
    assert value(tape.gradient(y, low)) == [3.0, 4.0]
    assert value(tape.gradient([low, high], x)) == [1.0, 1.0, 1.0, 1.0]
    assert type(halves(x)) is tuple


def test_any_number_of_arrays():
    variables = [Variable(float(i)) for i in range(4)]
    with GradientTape() as tape:
        y = total(*variables, 10.0, start=100.0)
    assert value(y) == 116.0
    assert [value(g) for g in tape.gradient(y, variables)] == [1.0] * 4


def test_a_list_of_tensors_is_one_tensor():
    a, b = Variable(2.0), Variable(3.0)
    with GradientTape() as tape:
        y = scaled([[a, b], (1.0, a)], [[b, 1.0], [a, a]])
    assert value(y) == [[2 * 3.0, 3.0], [2.0, 2 * 2.0]]
    # y = [[a·b, b], [a, a·a]]
    expected = [3.0 + 1.0 + 2 * 2.0, 2.0 + 1.0]
    assert [value(g) for g in tape.gradient(y, [a, b])] == expected


def test_stack_leaves_plain_lists_alone():
    plain = [[1.0, 2.0], [3.0]]
    assert stack(plain) is plain
    tensor = Tensor(np.ones(2))
    assert stack(tensor) is tensor
    assert value(stack([tensor, [3.0, 4.0]])) == [[1.0, 1.0], [3.0, 4.0]]


def test_inputs_without_a_derivative():
    calls = []

    @primitive
    def half(x: Array, y: Array):
        return x + y, (None, lambda dy: calls.append(1) or dy)

    x, y = Variable(1.0), Variable(2.0)
    with GradientTape() as tape:
        z = half(x, y)
    assert [value(g) for g in tape.gradient(z, [x, y])] == [None, 1.0]
    with GradientTape() as tape:
        z = half(x, 2.0)
    assert value(tape.gradient(z, x)) is None
    assert len(calls) == 1  # the derivative of a constant is not computed
