"""Tensor's operators, and that every exported op has a row."""

import operator
import types

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor, Variable
from tests.gradients import check_gradient
from tests.ops import (
    test_control,
    test_creation,
    test_elementwise,
    test_linalg,
    test_reduce,
    test_shape,
    test_statistics,
    test_vectors,
)
from tests.ops.rows import numbers

X, Y = numbers(4, 3, low=0.5), numbers(4, 3, seed=1, low=0.5)
ARITHMETIC = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
]
COMPARISONS = [
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.eq,
    operator.ne,
]
ELSEWHERE = {  # have tests of their own in these files
    *("one_hot", "shape", "ndim", "size", "is_tensor", "convert_to_numpy", "einsum"),
}
MODULES = {
    f"minikeras.ops.{name}"
    for name in "arithmetic comparison control core creation einstein elementwise "
    "indexing joining linalg nn_moments reduce shape slicing sorting statistics".split()
}


def test_every_exported_op_has_a_row():
    exported = {
        name
        for name, op in vars(ops).items()
        if isinstance(op, types.FunctionType)
        and getattr(op, "composed", op).__module__ in MODULES
    }
    tables = (
        test_elementwise,
        test_shape,
        test_creation,
        test_reduce,
        test_linalg,
        test_vectors,
        test_statistics,
        test_control,
    )
    with_row = {row.op for table in tables for row in table.ROWS}
    assert exported - with_row - ELSEWHERE == set()
    assert (with_row | ELSEWHERE) - exported == set()


def test_the_families_of_keras_ops_are_modules_of_the_same_functions():
    for family, names in ((ops.nn, "relu softmax"), (ops.numpy, "mean matmul einsum")):
        for name in names.split():
            assert getattr(family, name) is getattr(ops, name)
        for name, op in vars(family).items():
            if isinstance(op, types.FunctionType):
                assert getattr(ops, name) is op


@pytest.mark.parametrize("op", ARITHMETIC + COMPARISONS)
@pytest.mark.parametrize(
    "other", [Y, 1.5, 2, Y[0], Y.tolist()], ids=lambda o: type(o).__name__
)
def test_a_tensor_beside_anything_and_anything_beside_a_tensor(op, other):
    expected = op(X, np.asarray(other))
    np.testing.assert_allclose(op(Tensor(X), other).value, expected, rtol=1e-6)
    expected = op(np.asarray(other), X)
    result = op(other, Tensor(X))
    assert isinstance(result, Tensor)
    np.testing.assert_allclose(result.value, expected, rtol=1e-6)


@pytest.mark.parametrize("op", [o for o in ARITHMETIC if o is not operator.floordiv])
def test_operators_have_gradients(op):
    check_gradient(op, X, Y)
    check_gradient(lambda x: op(2.0, x) + op(x, 3), X)


def test_unary_and_matrix_operators():
    x = Tensor(X - 1)
    np.testing.assert_array_equal((-x).value, 1 - X)
    np.testing.assert_array_equal(abs(x).value, np.abs(X - 1))
    np.testing.assert_array_equal(round(Tensor(X), 1).value, np.round(X, 1))
    np.testing.assert_array_equal((x @ Y.T).value, (X - 1) @ Y.T)
    np.testing.assert_array_equal((Y.T @ x).value, Y.T @ (X - 1))
    check_gradient(lambda a: -a @ a[0] + abs(a[1])[0], X)
    assert [float(v) for v in Tensor(X)[0]] == X[0].tolist()


def test_logic_on_bools_and_bits():
    a, b = np.array([True, True, False]), np.array([True, False, False])
    for op in (operator.and_, operator.or_, operator.xor):
        assert op(Tensor(a), b).value.tolist() == op(a, b).tolist()
        assert op(True, Tensor(b)).value.tolist() == op(True, b).tolist()
        assert op(Tensor(np.array([5, 6])), 3).value.tolist() == [op(5, 3), op(6, 3)]
    assert (~Tensor(a)).value.tolist() == [False, False, True]
    assert (~Tensor(np.array([1]))).value.tolist() == [-2]


FLOAT32 = [
    2,
    2.0,
    True,
    np.float64(2),
    np.float32(2),
    np.ones(3),
    [1.0, 2.0, 3.0],
    np.int64(2),
]


@pytest.mark.parametrize("other", FLOAT32, ids=lambda o: type(o).__name__)
def test_float32_stays_float32_whatever_it_meets(other):
    x = Tensor(np.ones((2, 3), "float32"))
    for op in ARITHMETIC:
        with GradientTape() as tape:
            tape.watch(x)
            y = op(x, other)
            z = op(other, x)
        assert y.dtype == z.dtype == np.float32
        if op is not operator.floordiv:
            assert tape.gradient(y, x).dtype == np.float32


def test_ints_meet_floats_as_in_keras_ops():
    i = Tensor(np.array([1, 2], "int32"))
    assert (i + 1).dtype == np.int32
    assert (i * 1.5).dtype == np.float32
    assert (i / 2).dtype == np.float32
    assert (i // 2).dtype == np.int32
    assert (i**2).dtype == np.int32
    with pytest.raises(ValueError, match="negative"):
        i**-1


def test_equality_with_what_is_no_number():
    x = Tensor(X)
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert (x == "mean") is False
    assert (x != "mean") is True
    assert bool(x == np.ones(7)) is False
    assert bool(x != np.ones(7)) is True
    assert hash(x) == hash(x)


@pytest.mark.parametrize("other", [None, "text", {}])
def test_arithmetic_with_what_is_no_number_is_refused(other):
    for op in (operator.add, operator.lt, operator.matmul):
        with pytest.raises(ValueError, match="arithmetic"):
            op(Tensor(X), other)


def test_variables_take_part_and_stay():
    variable = Variable(np.ones(3, "float32"))
    with GradientTape() as tape:
        y = 2 * variable + variable**2
    assert tape.gradient(y, variable).value.tolist() == [4, 4, 4]
    same = variable
    variable += 1.0
    assert not isinstance(variable, Variable)
    assert same.value.tolist() == [1, 1, 1]


def test_the_input_is_never_written_to():
    x = X.copy()
    x.setflags(write=False)
    for table in (test_elementwise, test_reduce):
        for row in table.ROWS:
            arrays = [np.array(a) for a in row.arrays]
            inputs = [Tensor(a) for a in arrays]
            for array in arrays:
                array.setflags(write=False)
            with GradientTape() as tape:
                tape.watch(inputs)
                y = row.call(*inputs)
            tape.gradient(y, inputs)
