"""The lookup of rows: value, derivative, order of its sums, indices that are wrong."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from tests.gradients import check_gradient

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(7, 3))
INDICES = RNG.integers(0, 7, (4, 5))
SHAPES = [(), (1,), (6,), (4, 5), (2, 3, 2), (0,), (0, 5), (3, 0)]


def looked_up(indices, table):
    y = np.zeros((*indices.shape, table.shape[1]), table.dtype)
    for place in np.ndindex(indices.shape):
        for i in range(table.shape[1]):
            y[(*place, i)] = table[int(indices[place]), i]
    return y


def gathered(indices, dy, shape):
    """The derivative by the table, one term after the other."""
    dtable = np.zeros(shape, dy.dtype)
    for place in np.ndindex(indices.shape):
        dtable[indices[place]] += dy[place]
    return dtable


def gradient(indices, table, dy):
    table = Tensor(table)
    with GradientTape() as tape:
        tape.watch(table)
        y = ops.embedding(Tensor(indices), table)
    return tape.gradient(y, table, output_gradients=dy).value


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_value_and_sums(shape, dtype):
    indices = RNG.integers(0, 7, shape)
    table = TABLE.astype(dtype)
    y = ops.embedding(Tensor(indices), Tensor(table)).value
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, looked_up(indices, table))
    dy = RNG.normal(size=(*shape, 3)).astype(dtype)
    kept = dy.copy()
    dtable = gradient(indices, table, dy)
    assert dtable.dtype == dtype
    # Equal to the last bit: the terms of a row are added in the order of the indices.
    np.testing.assert_array_equal(dtable, gathered(indices, dy, table.shape))
    np.testing.assert_array_equal(dy, kept)


def test_derivative():
    check_gradient(lambda table: ops.embedding(INDICES, table), TABLE)


def test_a_row_that_nobody_looks_up_gets_zero():
    dtable = gradient(np.array([1, 1, 3]), TABLE, np.ones((3, 3)))
    assert dtable.sum(axis=1).tolist() == [0, 6, 0, 3, 0, 0, 0]


@pytest.mark.parametrize("dtype", "int8 uint8 int32 int64 uint64 float32".split())
def test_every_kind_of_index(dtype):
    y = ops.embedding(INDICES.astype(dtype), TABLE).value
    np.testing.assert_array_equal(y, TABLE[INDICES])


def test_fractions_are_cut_off():
    y = ops.embedding(np.array([0.9, 3.5, -0.5, 6.99]), TABLE).value
    np.testing.assert_array_equal(y, TABLE[[0, 3, 0, 6]])


@pytest.mark.parametrize(
    ("bad", "shown"),
    [
        (7, "7"),
        (-1, "-1"),
        (7.0, "7"),
        (-8, "-8"),
        (2**40, str(2**40)),
        (np.nan, "nan"),
        (np.inf, "inf"),
        (-1e30, "-1e[+]30"),
        (np.uint64(2**64 - 1), str(2**64 - 1)),
    ],
)
def test_an_index_outside_the_table(bad, shown):
    indices = np.zeros((3, 2), np.asarray(bad).dtype)
    indices[1, 1] = indices[2, 0] = bad
    message = (
        f"Layer 'words' can look up indices from 0 to 6 .*Received: {shown} at place "
        r"\(1, 1\)"
    )
    with pytest.raises(ValueError, match=message):
        ops.embedding(indices, TABLE, owner="words")


def test_the_table_is_not_changed():
    table = Tensor(TABLE.copy())
    y = ops.embedding(INDICES, table)
    y.value[...] = 0
    np.testing.assert_array_equal(table.value, TABLE)
