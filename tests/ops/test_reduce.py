"""Reductions, sorting and running sums: one row per op, then the edges."""

import math

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from tests.ops.rows import CHECKS, Row, numbers

X = numbers(4, 3)
CUBE = numbers(3, 2, 4, seed=1)
BITS = np.array([[0.0, 1.0], [2.0, 3.0], [0.0, 0.0]])


def per_row(function):
    """`function` of the list of each row of a matrix, into a vector."""
    return lambda x: np.array([function(list(r)) for r in x])


def last(op, function, x=X, differentiable=True):
    """`op` over the last axis of a matrix."""
    call = getattr(ops, op)
    naive = per_row(function)
    return Row(
        op, lambda x: call(x, axis=-1), (x,), naive, differentiable, label="last"
    )


def total(op, function, x=X, differentiable=True):
    """`op` over everything."""
    call = getattr(ops, op)
    naive = lambda x: np.array(function(list(x.flat)))  # noqa: E731
    return Row(op, call, (x,), naive, differentiable, batch=False, label="all")


def kept(op, function):
    """`op` over two of three axes, which stay with length 1."""
    call = getattr(ops, op)
    return Row(
        op,
        lambda x: call(x, axis=(0, -1), keepdims=True),
        (CUBE,),
        lambda x: np.array([[[function(list(x[:, i].flat))] for i in range(2)]]),
        batch=False,
        label="two",
    )


def mean(values):
    return math.fsum(values) / len(values)


def var(values):
    return mean([(v - mean(values)) ** 2 for v in values])


def logsumexp(values):
    return math.log(math.fsum(map(math.exp, values)))


DIFFERENTIABLE = {
    "sum": math.fsum,
    "mean": mean,
    "var": var,
    "std": lambda v: math.sqrt(var(v)),
    "max": max,
    "amax": max,
    "min": min,
    "amin": min,
    "prod": math.prod,
    "logsumexp": logsumexp,
}
OTHERS = {
    "any": any,
    "all": all,
    "count_nonzero": lambda v: sum(n != 0 for n in v),
    "argmax": lambda v: v.index(max(v)),
    "argmin": lambda v: v.index(min(v)),
}


def sorted_rows(x):
    return np.array([sorted(r) for r in x]).reshape(x.shape)


def orders(x):
    return np.array(
        [sorted(range(3), key=list(r).__getitem__) for r in x], int
    ).reshape(x.shape)


def two_largest(x):
    places = [sorted(range(3), key=lambda i: -r[i])[:2] for r in x]
    places = np.array(places, int).reshape(len(x), 2)
    return [
        np.array([r[p] for r, p in zip(x, places, strict=True)]).reshape(-1, 2),
        places,
    ]


def running(function):
    return lambda x: np.array(
        [[function(r[: i + 1]) for i in range(len(r))] for r in x]
    ).reshape(x.shape)


ROWS = [
    *(last(op, f) for op, f in DIFFERENTIABLE.items()),
    *(total(op, f) for op, f in DIFFERENTIABLE.items()),
    *(kept(op, f) for op, f in DIFFERENTIABLE.items()),
    *(last(op, f, BITS, False) for op, f in OTHERS.items()),
    *(total(op, f, BITS, False) for op, f in OTHERS.items()),
    Row("sort", ops.sort, (X,), sorted_rows),
    Row(
        "sort",
        lambda x: ops.sort(x, None),
        (X,),
        lambda x: np.array(sorted(x.flat)),
        label="all",
    ),
    Row(
        "sort",
        lambda x: ops.sort(x, 0),
        (X,),
        lambda x: sorted_rows(x.T).T,
        label="first",
    ),
    Row("argsort", ops.argsort, (X,), orders, False),
    Row("top_k", lambda x: ops.top_k(x, 2), (X,), two_largest),
    Row("cumsum", lambda x: ops.cumsum(x, axis=1), (X,), running(math.fsum)),
    Row(
        "cumsum",
        ops.cumsum,
        (X,),
        lambda x: running(math.fsum)(x.reshape(1, -1))[0],
        label="all",
    ),
    Row(
        "diff",
        ops.diff,
        (X,),
        lambda x: np.array([[r[1] - r[0], r[2] - r[1]] for r in x]).reshape(-1, 2),
    ),
    Row(
        "diff",
        lambda x: ops.diff(x, n=2, axis=-3),
        (CUBE,),
        lambda x: x[2:] - 2 * x[1:-1] + x[:-2],
        batch=False,
        label="twice",
    ),
    Row("diff", lambda x: ops.diff(x, 3), (X,), lambda x: x[:, :0], label="gone"),
    Row("cumprod", lambda x: ops.cumprod(x, axis=-1), (X,), running(math.prod)),
    Row(
        "cumprod",
        ops.cumprod,
        (X,),
        lambda x: running(math.prod)(x.reshape(1, -1))[0],
        label="all",
    ),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_row(row, check):
    check(row)


def gradient(function, x):
    x = Tensor(np.asarray(x, "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x).value


inf, nan = math.inf, math.nan
# What TensorFlow 2.21 answers, row by row.
EDGES = [
    (
        "max",
        [[1, 3, 3], [0, 0, 0], [nan, 1, 2]],
        [[0, 0.5, 0.5], [1 / 3] * 3, [nan] * 3],
    ),
    ("min", [[1, 3, 1], [inf, inf, 1]], [[0.5, 0, 0.5], [0, 0, 1]]),
    (
        "prod",
        [[0, 3, 2], [0, 0, 2], [nan, 1, 2]],
        [[6, 0, 0], [0, 0, 0], [2, nan, nan]],
    ),
    ("std", [[2, 2, 2]], [[nan, nan, nan]]),
    ("var", [[2, 2, 2], [inf, 1, 1]], [[0, 0, 0], [nan, nan, nan]]),
    ("logsumexp", [[inf, inf, 1], [0, 0, 0]], [[nan, nan, 0], [1 / 3] * 3]),
    ("cumprod", [[1, 3, 3], [0, 0, 2]], [[13, 4, 3], [0, 0, 0]]),
    ("sum", [[nan, inf, 1]], [[1, 1, 1]]),
    ("sort", [[3, 1, 1]], [[1, 1, 1]]),
]


@pytest.mark.parametrize("op, x, expected", EDGES, ids=[e[0] for e in EDGES])
def test_gradients_at_edges(op, x, expected):
    actual = gradient(lambda x: getattr(ops, op)(x, axis=-1), x)
    np.testing.assert_array_equal(actual, np.float32(expected))


EXTREME = np.array(
    [
        [0, -0.0, 1e-8],
        [-1e-8, 30, -30],
        [1e4, -1e4, 3e38],
        [inf, -inf, nan],
        [inf, -inf, 0],
    ],
    "float32",
)


@pytest.mark.parametrize("op", [*DIFFERENTIABLE, "cumsum", "cumprod", "sort"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_extreme_numbers_warn_of_nothing(op, axis):
    gradient(lambda x: getattr(ops, op)(x, axis=axis), EXTREME)


@pytest.mark.parametrize("op", OTHERS)
def test_extreme_numbers_without_gradient_warn_of_nothing(op):
    getattr(ops, op)(EXTREME, axis=1)


def test_an_initial_value_takes_part():
    assert float(ops.max([1.0, 2.0], initial=1.5)) == 2
    assert float(ops.max([1.0, 2.0], initial=2.5)) == 2.5
    assert float(ops.min(np.zeros((0,), "float32"), initial=1.0)) == 1
    assert gradient(lambda x: ops.max(x, initial=1.5), [1, 2]).tolist() == [0, 1]
    assert gradient(lambda x: ops.max(x, initial=2.5), [1, 2]).tolist() == [0, 0]


def test_nothing():
    empty = np.zeros((0,), "float32")
    assert float(ops.sum(empty)) == 0
    assert math.isnan(float(ops.mean(empty)))
    assert math.isnan(float(ops.var(empty)))
    assert float(ops.prod(empty)) == 1
    assert float(ops.logsumexp(empty)) == -inf
    for op in (ops.max, ops.min, ops.argmax):
        with pytest.raises(ValueError):
            op(empty)


def test_the_mean_of_no_rows_has_a_gradient_without_rows():
    assert gradient(lambda x: ops.mean(x, axis=0), np.zeros((0, 3))).shape == (0, 3)
    assert gradient(ops.mean, np.zeros((0, 3))).shape == (0, 3)
    assert gradient(lambda x: ops.mean(x, axis=1), np.zeros((0, 3))).shape == (0, 3)


def test_diff_of_bools_and_what_it_refuses():
    assert ops.diff([True, False, False]).value.tolist() == [True, False]
    assert ops.diff(X, 0).value.tolist() == X.tolist()
    with pytest.raises(ValueError, match="n=-1"):
        ops.diff(X, n=-1)
    with pytest.raises(ValueError, match="a=1.0"):
        ops.diff(1.0)


def test_argmax_passes_over_nan_and_ranks_negative_zero_below_zero():
    assert int(ops.argmax([nan, 1.0, 2.0])) == 2
    assert int(ops.argmin([nan, 2.0, 1.0])) == 2
    assert int(ops.argmax([-0.0, 0.0])) == 1
    assert int(ops.argmax([3, 7, 7])) == 1
    assert ops.argmax(X, axis=1, keepdims=True).shape == (4, 1)


def test_equals_keep_their_order():
    x = np.array([1, 3, 3, 2])
    values, indices = ops.top_k(x, 3)
    assert (values.value.tolist(), indices.value.tolist()) == ([3, 3, 2], [1, 2, 3])
    assert ops.argsort(np.array([2, 1, 1])).value.tolist() == [1, 2, 0]
    assert ops.argsort(3.0).value.tolist() == [0]


@pytest.mark.parametrize("k", [-1, 4])
def test_top_k_of_too_many_is_refused(k):
    with pytest.raises(ValueError, match=f"k={k}"):
        ops.top_k(X, k)


DTYPES = [
    ("sum", "bool", "int32"),
    ("sum", "int8", "int32"),
    ("sum", "uint8", "uint32"),
    ("sum", "int32", "int32"),
    ("sum", "int64", "int64"),
    ("sum", "float16", "float16"),
    ("mean", "bool", "float32"),
    ("mean", "int64", "float32"),
    ("mean", "float16", "float16"),
    ("var", "int32", "float32"),
    ("std", "int32", "float32"),
    ("std", "float16", "float16"),
    ("max", "bool", "bool"),
    ("max", "int8", "int8"),
    ("prod", "bool", "int32"),
    ("prod", "uint16", "uint32"),
    ("logsumexp", "int32", "float32"),
    ("argmax", "float64", "int32"),
    ("argsort", "int64", "int32"),
    ("count_nonzero", "float32", "int32"),
    ("any", "float32", "bool"),
    ("cumsum", "bool", "int32"),
    ("cumsum", "int32", "int32"),
    ("cumprod", "int8", "int8"),
    ("sort", "bool", "bool"),
]


@pytest.mark.parametrize("op, given, expected", DTYPES)
def test_dtypes_are_keras_own(op, given, expected):
    assert getattr(ops, op)(np.ones((2, 2), given)).dtype == expected


def test_a_mean_of_float16_does_not_overflow():
    assert float(ops.mean(np.full(100, 60000, "float16"))) == 60000
    assert ops.cumsum([1.7, 2.0], dtype="int32").value.tolist() == [1, 3]
    assert ops.prod(np.array([2, 3]), dtype="float32").dtype == np.float32


@pytest.mark.parametrize("op", ["sum", "mean", "max", "prod", "logsumexp", "cumsum"])
def test_an_axis_that_is_not_there_is_refused(op):
    with pytest.raises(ValueError, match="axis 2"):
        getattr(ops, op)(X, axis=2)


def test_axes_as_a_list_and_no_axes():
    assert ops.sum(CUBE, axis=[0, 2]).shape == (2,)
    assert ops.sum(CUBE, axis=()).value.tolist() == CUBE.tolist()
