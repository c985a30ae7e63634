"""What is noted, what is left of it, and how it is written."""

import gc
import weakref

import numpy as np
import pytest

import minikeras.ops  # noqa: F401  # gives Tensors their operators
from minikeras.autodiff import Array, GradientTape, Tensor, Variable, primitive
from minikeras.autodiff.recording import stays
from minikeras.program.learn import learned
from minikeras.program.stand_in import ReadsValues
from minikeras.random.draws import drawn

X = np.array([1, 2, 3], "float32")
OTHER = np.array([4, -5, 6], "float32")


def program(function, *arrays, variables=()):
    """That of a function of arrays, which is not given Tensors."""

    def step(*tensors):
        return Tensor(function(*[x.value for x in tensors]))

    given = tuple(map(Tensor, arrays or (X,)))
    return learned("step", step, given, list(variables))[1]


def body(function, *arrays) -> str:
    text = program(function, *arrays).text
    return "\n".join(line.strip() for line in text.split("\n")[1:]).strip()


def written_into_a_view(x):
    y = x * 2
    part = y[:2]
    part += 10
    return y


def read_before_and_after(x):
    y = x + 1
    before = y.sum()
    y *= 3
    return before + y.sum()


def two_copies(x):
    first, second = x.copy(), x.copy()
    first += 1
    return first * second


def put_in_place(x):
    y = np.zeros_like(x)
    y[1:] = x[:2]
    np.exp(y, out=y)
    y.sort()
    np.add.at(y, [0, 0], x[:2])
    return y


def product_in_a_place(x):
    y = np.zeros_like(x)
    np.dot(x[:, None] * x, x, out=y)
    return y + x


def by_parts(x):
    total = x.dtype.type(0)
    for part in x:
        total += part * 2
    left, right = np.split(np.flip(x), [1])
    return np.concatenate([left, right, total[None]])[::-1]


def of_numbers(x):
    number = x.sum() ** 2
    return np.float32(0.5) ** number + (3 - -number) / np.where(x > 2, x, -1.0)


FUNCTIONS = [
    written_into_a_view,
    read_before_and_after,
    two_copies,
    put_in_place,
    product_in_a_place,
    by_parts,
    of_numbers,
    lambda x: (x.T, x.reshape(3, 1))[1][:, None, ...].astype("float64", copy=False),
    lambda x: np.count_nonzero(x > 0) + x,
    lambda x: 2 - x if x.ndim == 1 and len(x) == 3 else x,
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_program_does_what_the_function_does(function):
    run = program(function).run
    for x in (X, OTHER):
        (found,), expected = run(x), function(x.copy())
        assert type(found) is type(expected) and found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def test_what_is_the_same_is_done_once():
    assert body(lambda x: np.exp(x) * (np.exp(x) + x.sum())) == (
        "t = np.exp(x)\nt_2 = t * (t + x.sum())\nreturn [t_2]"
    )
    assert body(read_before_and_after).count("y.sum()") == 2


def test_what_nobody_needs_goes_and_shapes_are_known_before():
    def function(x):
        np.log(x)
        return x + np.ones_like(x)

    text = program(function).text
    assert text.startswith("ones = np.ones(3, np.float32)\n\n\ndef step(x):")
    assert "np.log" not in text and "t = x + ones" in text


def test_large_arrays_are_let_go():
    x = np.ones(100_000, "float32")

    def function(x):
        y = x * 2
        z = y.sum()
        return z - 1

    assert (
        body(function, x)
        == "y = x * 2\ndel x\nz = y.sum()\ndel y\nt = z - 1\nreturn [t]"
    )


READS = {
    "bool": lambda x: x if x[0] > 0 else -x,
    "float": lambda x: x * float(x[0]),
    "an index": lambda x: x[: x.argmax()],
    "item": lambda x: x * x.item(0),
    "a mask": lambda x: x[x > 0],
    "nonzero": lambda x: x * len(np.nonzero(x)[0]),
    "unique": lambda x: np.unique(x),
    "an array": lambda x: np.asarray(x) * 2,
    "repetitions": lambda x: np.repeat(x, x.astype(int)),
    "into an array": lambda x: np.multiply(x, 2, out=np.zeros(3, "float32")),
    "in": lambda x: x if 1.0 in x else -x,
    "text": lambda x: x if f"{x}" else -x,
}


@pytest.mark.parametrize("name", READS)
def test_what_reads_values_has_no_program(name):
    with pytest.raises(ReadsValues):
        program(READS[name])


def test_a_stand_in_outside_its_trace_is_its_array():
    kept = []
    program(lambda x: kept.append(x) or x + 1)
    (x,) = kept
    assert float(x[0]) == 1.0 and bool((x > 0).all()) and type(x + x) is np.ndarray
    np.testing.assert_array_equal(np.asarray(x), X)


@stays
def checked(x):
    if (x < 0).any():
        raise ValueError("negative")
    return x * 2


def test_a_marked_function_stays_a_call_and_still_raises():
    run = program(lambda x: checked(x) + checked(x))
    assert run.text.count("checked(x)") == 2
    np.testing.assert_array_equal(run.run(X)[0], 4 * X)
    with pytest.raises(ValueError, match="negative"):
        run.run(OTHER)


@primitive
def _looking(x: Array):
    """x², or x where all are positive; dx alike."""
    if (x > 0).all():
        return x, (lambda dy: dy,)
    return x * x, (lambda dy: 2 * x * dy,)


def gradient(x):
    with GradientTape() as tape:
        tape.watch(x)
        y = _looking(x * 3.0)
    return y, tape.gradient(y, x)


def test_an_op_that_looks_at_values_stays_a_call():
    _, found = learned("step", gradient, (Tensor(X),), [])
    assert "back_looking] = looking(" in found.text
    assert "back_looking[0](" in found.text
    for x in (X, OTHER):
        for ours, theirs in zip(found.run_on([x]), gradient(Tensor(x)), strict=True):
            np.testing.assert_array_equal(ours.value, theirs.value)


def test_draws_are_inputs():
    made = []

    def numbers(shape, start):
        made.append(start)
        return np.full(shape, start + len(made), "float32")

    _, found = learned("step", lambda x: x + drawn(numbers, (3,), 5), (Tensor(X),), [])
    assert "def step(x, numbers):" in found.text
    assert [draw.shape for draw in found.draws] == [(3,)]
    assert found.run_on([X]).value.tolist() == [8, 9, 10]  # the second draw
    assert made == [5, 5]


def test_variables_are_read_and_given_back():
    kernel, count = Variable(X, name="kernel"), Variable(0, name="count")

    def step(x):
        kernel.assign(kernel + x)
        count.value = count.value + 1
        return kernel * 1.0

    given = [("layer/kernel", kernel), ("count", count)]
    result, found = learned("step", step, (Tensor(X),), given)
    assert result.numpy().tolist() == [2, 4, 6] and int(count) == 1
    assert "layer_kernel = layer_kernel_variable.value" in found.text
    kernel.assign(np.zeros(3))
    assert found.run_on([OTHER]).value.tolist() == OTHER.tolist()
    assert int(count) == 2 and kernel.numpy().tolist() == OTHER.tolist()


def test_a_step_that_fails_leaves_all_as_it_was():
    kernel = Variable(X, name="kernel")

    def step(x):
        kernel.assign(kernel + x)
        raise RuntimeError("late")

    with pytest.raises(ReadsValues, match="late"):
        learned("step", step, (Tensor(X),), [("kernel", kernel)])
    assert kernel.value.tolist() == X.tolist()


def test_an_unknown_variable_is_not_assigned_to():
    other = Variable(X, name="other")
    with pytest.raises(ReadsValues, match="not the model's"):
        learned("step", lambda x: other.assign(x), (Tensor(X),), [])
    assert other.value.tolist() == X.tolist()


def test_arrays_go_with_the_step():
    x = np.ones(1000, "float32")
    gone = []

    def function(x):
        y = x * 2
        gone.append(weakref.ref(y.example))
        z = y.sum()
        del y
        z = z + 1  # the trace has looked for names in this frame
        assert gone[0]() is None
        return z

    gc.disable()  # nothing holds itself
    try:
        program(function, x)
    finally:
        gc.enable()
