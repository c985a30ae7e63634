"""Creation and conversion: one row per op, then the dtypes and the errors."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor, Variable
from tests.ops.rows import CHECKS, CUBE, labelled, numbers, row

X, Y = numbers(4, 3), numbers(4, 3, seed=1)
ROW = numbers(5, seed=3)


def constant(op, call, naive):
    return row(op, call, naive, X, differentiable=False)


ROWS = [
    constant(
        "zeros", lambda x: ops.zeros(x.shape, "float32"), lambda x: np.float32(x * 0)
    ),
    constant("ones", lambda x: ops.ones(x.shape), lambda x: np.float32(x * 0 + 1)),
    constant("empty", lambda x: ops.empty(x.shape), lambda x: np.float32(x * 0)),
    constant("empty_like", ops.empty_like, lambda x: x * 0),
    row("array", ops.array, lambda x: x),
    constant(
        "tri",
        lambda x: ops.tri(3, 2, k=-1),
        lambda x: np.float32([[0, 0], [1, 0], [1, 1]]),
    ),
    constant("zeros_like", ops.zeros_like, lambda x: x * 0),
    constant("ones_like", ops.ones_like, lambda x: x * 0 + 1),
    row(
        "full",
        lambda v: ops.full((2, 3), v, v.dtype),
        lambda v: v * np.ones((2, 3)),
        ROW[:3],
        batch=False,
    ),
    constant("full_like", lambda x: ops.full_like(x, 3), lambda x: x * 0 + 3),
    constant("arange", lambda x: ops.arange(3), lambda x: np.array([0, 1, 2])),
    row(
        "linspace",
        lambda a, b: ops.linspace(a, b, 5),
        lambda a, b: np.stack([a + (b - a) * i / 4 for i in range(5)]),
        X,
        Y,
    ),
    row(
        "linspace",
        lambda a, b: ops.linspace(a, b, 2, endpoint=False, axis=-1),
        lambda a, b: np.stack(np.broadcast_arrays(a, (a + b) / 2), -1),
        np.array(1.0),
        ROW,
        batch=False,
        label="open",
    ),
    constant(
        "eye",
        lambda x: ops.eye(2, 3, k=1),
        lambda x: np.float32([[0, 1, 0], [0, 0, 1]]),
    ),
    constant(
        "identity", lambda x: ops.identity(2), lambda x: np.float32([[1, 0], [0, 1]])
    ),
    row(
        "meshgrid",
        lambda a, b: ops.meshgrid(a, b),
        lambda a, b: [np.stack([a] * len(b)), np.stack([b] * len(a), 1)],
        ROW,
        ROW[:2],
        batch=False,
    ),
    row(
        "meshgrid",
        lambda a, b: ops.meshgrid(a, b, indexing="ij"),
        lambda a, b: [np.stack([a] * len(b), 1), np.stack([b] * len(a))],
        ROW,
        ROW[:2],
        batch=False,
        label="ij",
    ),
    row("cast", lambda x: ops.cast(x, x.dtype), lambda x: x),
    constant("cast", lambda x: ops.cast(x, "int32"), lambda x: np.trunc(x).astype(int)),
    row("convert_to_tensor", ops.convert_to_tensor, lambda x: x),
    row(
        "convert_to_tensor",
        lambda *xs: ops.convert_to_tensor(xs),
        lambda *xs: np.stack(xs),
        X,
        Y,
    ),
    constant("stop_gradient", lambda x: ops.stop_gradient(x * 2), lambda x: 2 * x),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", labelled(ROWS), ids=repr)
def test_row(row, check):
    check(row)


def test_values_shapes_and_sizes():
    x = Tensor(CUBE)
    assert ops.shape(x) == ops.shape(CUBE) == (4, 2, 3)
    assert ops.shape(3) == ()
    assert (ops.ndim(x), ops.ndim([1, 2])) == (3, 1)
    assert (int(ops.size(x)), ops.size(x).dtype) == (24, np.int32)
    assert ops.is_tensor(x) and ops.is_tensor(Variable(1.0)) and not ops.is_tensor(CUBE)
    copy = ops.convert_to_numpy(x)
    copy[:] = 0
    assert x.value.all()


def test_conversion_keeps_tensors_and_copies_the_dtype_rules():
    x = Tensor(X)
    assert ops.convert_to_tensor(x) is x
    assert ops.cast(x, "float64") is x
    assert ops.convert_to_tensor([1, 2]).dtype == np.int32
    assert ops.convert_to_tensor([1.5]).dtype == np.float32
    assert ops.convert_to_tensor(X).dtype == np.float64
    assert ops.convert_to_tensor([1.7, -1.7], "int32").value.tolist() == [1, -1]
    variable = Variable(np.ones(2, "float32"))
    value = ops.convert_to_tensor(variable)
    variable.assign([3.0, 3.0])
    assert value.value.tolist() == [1, 1]
    for wrong in (None, "text", [[1], [2, 3]]):
        with pytest.raises(ValueError):
            ops.convert_to_tensor(wrong)


def test_cast_gives_the_gradient_the_dtype_of_its_input():
    x = Tensor(np.ones(2, "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.cast(x, "float64") * 2
    assert tape.gradient(y, x).dtype == np.float32
    assert ops.cast(np.array([np.nan, 1e20], "float32"), "int32").dtype == np.int32


def test_ranges_and_dtypes():
    assert ops.arange(3).dtype == np.int32
    assert ops.arange(3.0).dtype == np.float32
    assert ops.arange(0, 1, 0.25).value.tolist() == [0, 0.25, 0.5, 0.75]
    assert ops.arange(5, 0, -2).value.tolist() == [5, 3, 1]
    assert ops.arange(2, dtype="float64").dtype == np.float64
    assert ops.linspace(0, 10, 4, dtype="int32").value.tolist() == [0, 3, 6, 10]
    values, step = ops.linspace(0, 1, 5, endpoint=False, retstep=True)
    assert values.dtype == step.dtype == np.float32
    np.testing.assert_allclose(
        [*values.value, step.value], [0, 0.2, 0.4, 0.6, 0.8, 0.2]
    )
    assert ops.linspace(0.0, 1.0, 0).shape == (0,)
    assert ops.linspace(3.0, 1.0, 1).value.tolist() == [3]
    assert ops.empty((2,), "int32").dtype == ops.array([1, 2]).dtype == np.int32
    assert ops.array([1.7], "int32").value.tolist() == [1]
    assert (
        ops.tri(2, k=5, dtype="bool").value.all() and not ops.tri(2, k=-2).value.any()
    )
    assert ops.full((2,), 1).dtype == np.float32
    assert ops.full_like(np.ones(2, "int32"), 2.5).value.tolist() == [2, 2]


ERRORS = [
    (lambda: ops.zeros((-1,)), "negative"),
    (lambda: ops.zeros((2,), "foo"), "foo"),
    (lambda: ops.cast(X, "foo"), "foo"),
    (lambda: ops.linspace(0, 1, -1), "num=-1"),
    (lambda: ops.meshgrid(ROW, indexing="yx"), "'yx'"),
    (lambda: ops.convert_to_tensor(X, sparse=True), "sparse=True"),
]


@pytest.mark.parametrize("index", range(len(ERRORS)))
def test_errors_name_the_offending_value(index):
    call, message = ERRORS[index]
    with pytest.raises(ValueError, match=message):
        call()
