"""Tensor and Variable as Python and NumPy see them."""

import copy
import pickle

import numpy as np
import pytest

from minikeras.autodiff import GradientTape, Tensor, Variable, as_array
from minikeras.naming import reset_uids

MATRIX = np.arange(6, dtype="float32").reshape(2, 3)


@pytest.mark.parametrize("kind", [Tensor, Variable])
def test_as_an_array(kind):
    x = kind(MATRIX)
    assert (x.shape, x.ndim, x.size, x.dtype) == ((2, 3), 2, 6, "float32")
    np.testing.assert_array_equal(np.asarray(x), MATRIX)
    np.testing.assert_array_equal(np.add(x.value, 1), MATRIX + 1)
    assert np.asarray(x, dtype="int64").dtype == np.int64
    taken = np.array(x)
    taken[0] = 9
    given = x.numpy()
    given[0] = 9
    np.testing.assert_array_equal(x.value, MATRIX)


def test_the_value_of_a_scalar_is_a_numpy_scalar():
    for scalar in (np.float32(3), np.array(3, "float32")):
        assert type(Tensor(scalar).numpy()) is np.float32
        assert type(Variable(scalar).numpy()) is np.float32


def test_len_and_iteration():
    x = Tensor(MATRIX)
    assert len(x) == 2
    assert [row.value.tolist() for row in x] == MATRIX.tolist()
    first, second = x
    assert isinstance(first, Tensor) and second.shape == (3,)
    assert list(Tensor(MATRIX[:0])) == []
    scalar = Tensor(np.float32(1))
    for action in (len, iter, list):
        with pytest.raises(TypeError, match="without axes"):
            action(scalar)


def test_iteration_passes_gradients():
    x = Variable(MATRIX)
    with GradientTape() as tape:
        a, b = x
        y = a * b
    np.testing.assert_array_equal(tape.gradient(y, x).value, MATRIX[::-1])


def test_as_a_number():
    x = Tensor(np.float32(2.5))
    assert (float(x), int(x), bool(x)) == (2.5, 2, True)
    assert not Tensor(np.float32(0))
    assert [10, 20, 30][Tensor(np.int32(1))] == 20
    assert list(range(Tensor(np.int64(2)))) == [0, 1]
    for action in (bool, int, float):
        with pytest.raises((TypeError, ValueError)):
            action(Tensor(MATRIX))


# What TensorFlow 2.21 prints.
PRINTED = [
    (
        np.float32(3),
        "tf.Tensor(3.0, shape=(), dtype=float32)",
        "<tf.Tensor: shape=(), dtype=float32, numpy=3.0>",
        "3.0",
    ),
    (
        np.array([1, 2], "int32"),
        "tf.Tensor([1 2], shape=(2,), dtype=int32)",
        "<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>",
        "[1 2]",
    ),
    (
        np.eye(2, dtype="float32"),
        "tf.Tensor(\n[[1. 0.]\n [0. 1.]], shape=(2, 2), dtype=float32)",
        "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\n"
        "array([[1., 0.],\n       [0., 1.]], dtype=float32)>",
        "[[1. 0.]\n [0. 1.]]",
    ),
    (
        np.array(True),
        "tf.Tensor(True, shape=(), dtype=bool)",
        "<tf.Tensor: shape=(), dtype=bool, numpy=True>",
        "True",
    ),
]


@pytest.mark.parametrize(("array", "text", "representation", "formatted"), PRINTED)
def test_printing(array, text, representation, formatted):
    x = Tensor(array)
    assert str(x) == text
    assert repr(x) == representation
    assert f"{x}" == formatted


def test_formatting():
    assert f"{Tensor(np.float32(2 / 3)):.3f}" == "0.667"
    assert f"{Tensor(np.array(2 / 3)):8.2f}" == "    0.67"
    assert f"{Tensor(np.int64(7)):03d}" == "007"
    with pytest.raises(TypeError):
        f"{Tensor(MATRIX):.2f}"
    variable = Variable(0.5, name="v")
    assert f"{variable}" == str(variable)
    assert f"{variable:.2f}" == "0.50"


def test_identity_is_the_hash():
    x, y = Tensor(MATRIX), Tensor(MATRIX)
    assert {x: 1, y: 2}[x] == 1
    assert len({x, y}) == 2


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy])
def test_copies_of_a_variable(make):
    variable = Variable(MATRIX, name="kernel", path="dense/kernel", trainable=False)
    twin = make(variable)
    assert (twin.name, twin.path, twin.trainable) == ("kernel", "dense/kernel", False)
    assert twin.tracked is False
    twin.assign(MATRIX + 1)
    np.testing.assert_array_equal(variable.value, MATRIX)


def test_pickles():
    for x in (Tensor(MATRIX), Variable(MATRIX, name="kernel")):
        twin = pickle.loads(pickle.dumps(x))
        assert type(twin) is type(x)
        np.testing.assert_array_equal(twin.value, MATRIX)
    assert (twin.name, twin.tracked) == ("kernel", True)


# Variables ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (0.5, "float32"),
        (3, "int32"),
        (True, "bool"),
        ([1.0, 2.0], "float32"),
        ([1, 2], "int32"),
        (np.float64(0.5), "float64"),
        (np.arange(3), "int64"),
        (Tensor(np.float16(1)), "float16"),
        (2**40, "int64"),
        ([], "float32"),
    ],
)
def test_the_dtype_of_a_variable(given, dtype):
    assert Variable(given).dtype == dtype
    assert Variable(given, dtype="float64").dtype == "float64"


def test_a_variable_owns_its_array():
    array = MATRIX.copy()
    variable = Variable(array)
    array[:] = 7
    np.testing.assert_array_equal(variable.value, MATRIX)
    held = variable.value
    variable.assign_add(np.ones((2, 3)))
    np.testing.assert_array_equal(held, MATRIX)
    np.testing.assert_array_equal(variable.value, MATRIX + 1)


def test_assign():
    variable = Variable(MATRIX)
    given = MATRIX * 2
    assert variable.assign(given) is variable
    given[:] = 0
    np.testing.assert_array_equal(variable.value, MATRIX * 2)
    variable.assign(Tensor(MATRIX.astype("float64")))
    assert variable.value.dtype == np.float32
    variable.assign((MATRIX + 1).tolist())
    variable.assign_sub(Tensor(np.ones((2, 3), "float32")))
    np.testing.assert_array_equal(variable.value, MATRIX)
    variable.assign_add(1.0)
    np.testing.assert_array_equal(variable.value, MATRIX + 1)


@pytest.mark.parametrize(
    "wrong", [1.0, np.ones(3), np.ones((3, 2)), np.ones((1, 2, 3))]
)
def test_assigning_another_shape(wrong):
    variable = Variable(MATRIX, name="kernel")
    with pytest.raises(ValueError, match=r"must match.*shape=\(2, 3\)") as info:
        variable.assign(wrong)
    assert f"value.shape={np.shape(wrong)}" in str(info.value)
    assert "path=kernel" in str(info.value)
    np.testing.assert_array_equal(variable.value, MATRIX)


def test_growing_by_assign_add_is_refused():
    variable = Variable(np.float32([1, 2, 3]))
    for change in (variable.assign_add, variable.assign_sub):
        with pytest.raises(ValueError, match=r"value.shape=\(2, 3\)"):
            change(MATRIX)
    assert variable.value.tolist() == [1, 2, 3]


def test_initializers_of_variables():
    seen = []

    def ones(shape, dtype):
        seen.append((shape, dtype))
        return np.ones(shape)

    variable = Variable(ones, shape=[2, 3], dtype="float16")
    assert seen == [((2, 3), "float16")]
    assert (variable.dtype, variable.shape) == ("float16", (2, 3))
    assert Variable(ones, shape=()).dtype == "float32"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"initializer": lambda shape, dtype: np.ones(shape)}, "shape=None"),
        (
            {"initializer": lambda shape, dtype: np.ones(3), "shape": (2,)},
            r"\(3,\). Expected: \(2,\)",
        ),
        ({"initializer": np.ones(3), "shape": (2,)}, r"\(3,\). Expected: \(2,\)"),
        ({"initializer": "ones", "shape": (2,)}, "initializer='ones'"),
        ({"initializer": None}, "initializer=None"),
        ({"initializer": 1.0, "name": "a/b"}, "name=a/b"),
        ({"initializer": 1.0, "name": 3}, "name=3"),
        ({"initializer": 1.0, "dtype": "flaot32"}, "flaot32"),
    ],
)
def test_impossible_variables(arguments, message):
    with pytest.raises(ValueError, match=message):
        Variable(**arguments)


def test_names():
    reset_uids()
    assert [Variable(1.0).name for _ in range(3)] == [
        "variable",
        "variable_1",
        "variable_2",
    ]
    variable = Variable(1.0, name="kernel")
    assert variable.path == "kernel"
    assert Variable(1.0, name="kernel", path="dense/kernel").path == "dense/kernel"
    assert repr(Variable([1.0, 2.0], name="kernel")) == (
        "<Variable path=kernel, shape=(2,), dtype=float32, value=[1. 2.]>"
    )
    assert str(variable) == repr(variable)


def test_trainable():
    variable = Variable(1.0, trainable=False)
    assert (variable.trainable, variable.tracked) == (False, False)
    variable.trainable = True
    assert (variable.trainable, variable.tracked) == (True, True)


# as_array ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (1.5, "float32"),
        (1, "int32"),
        (-(2**31), "int32"),
        (2**31, "int64"),
        (-(2**63), "int64"),
        (True, "bool"),
        ([1, 2.5], "float32"),
        ([], "float32"),
        ([[1], [2]], "int32"),
        (np.float64(1), "float64"),
        ([np.float64(1)], "float64"),
        ([np.int64(1), 2], "int64"),
        ([Tensor(np.float64(1)), 2.0], "float64"),
        (np.arange(2), "int64"),
        (range(3), "int32"),
    ],
)
def test_as_array(given, dtype):
    array = as_array(given)
    assert isinstance(array, np.ndarray)
    assert array.dtype == dtype
    assert as_array(given, "float64").dtype == np.float64


def test_as_array_copies_only_when_it_must():
    assert as_array(MATRIX) is MATRIX
    assert as_array(Tensor(MATRIX)) is MATRIX
    assert as_array(MATRIX, "float32") is MATRIX
