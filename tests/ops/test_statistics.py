"""Means, moments, quantiles and counts: one row per op, then the edges."""

import statistics

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from tests.ops.rows import CHECKS, CUBE, labelled, numbers, row

X, Y = numbers(4, 3), numbers(4, 3, seed=1, low=0.2)
W = numbers(3, seed=2, low=0.2)
PLACES = np.array([2, 0, 2, 5])
METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def by_row(function):
    return lambda x: np.array([function(list(r)) for r in x])


def counted(x):
    return np.array([list(x).count(i) for i in range(6)])


ROWS = [
    row("average", lambda x: ops.average(x, axis=1), by_row(statistics.fmean), X),
    row(
        "average",
        lambda x, w: ops.average(x, axis=1, weights=w),
        lambda x, w: np.array([sum(r * w) / sum(w) for r in x]),
        X,
        W,
        batch=False,
    ),
    row(
        "average",
        lambda x, w: ops.average(x, axis=-1, weights=w),
        lambda x, w: np.array([sum(a * b) / sum(b) for a, b in zip(x, w, strict=True)]),
        X,
        Y,
    ),
    row(
        "moments",
        lambda x: ops.moments(x, axes=[-1]),
        lambda x: [by_row(statistics.fmean)(x), by_row(statistics.pvariance)(x)],
        X,
    ),
    row(
        "moments",
        lambda x: ops.moments(x, axes=(0, 2), keepdims=True),
        lambda x: [x.mean((0, 2), keepdims=True), x.var((0, 2), keepdims=True)],
        batch=False,
    ),
    row("normalize", ops.normalize, lambda x: x / (x**2).sum(-1, keepdims=True) ** 0.5),
    row(
        "normalize",
        lambda x: ops.normalize(x, axis=0, order=np.int64(3)),
        lambda x: x / (abs(x) ** 3).sum(0) ** (1 / 3),
        X,
        batch=False,
    ),
    row("median", lambda x: ops.median(x, axis=1), by_row(statistics.median), X),
    row(
        "median",
        lambda x: ops.median(x, axis=(0, -1), keepdims=True),
        lambda x: np.array(
            [[[statistics.median(x[:, i].flat)]] for i in range(2)]
        ).reshape(1, 2, 1),
        batch=False,
    ),
    *[
        row(
            "quantile",
            lambda x, m=method: ops.quantile(x, np.array([0.3, 0.9]), 0, m),
            lambda x, m=method: np.quantile(x, [0.3, 0.9], axis=0, method=m),
            batch=False,
            label=method,
        )
        for method in METHODS
    ],
    row(
        "bincount",
        lambda x: ops.bincount(x, minlength=6),
        counted,
        PLACES,
        differentiable=False,
    ),
    row(
        "bincount",
        lambda w: ops.bincount(PLACES[: w.shape[0]], w, minlength=6),
        lambda w: np.array([sum(w[PLACES[: len(w)] == i]) for i in range(6)]),
        numbers(4),
        label="weighted",
    ),
    row(
        "searchsorted",
        lambda x: ops.searchsorted(np.array([-1.0, 0.0, 1.0]), x),
        lambda x: (x > -1).astype(int) + (x > 0) + (x > 1),
        X,
        differentiable=False,
    ),
    row(
        "digitize",
        lambda x: ops.digitize(x, [-1.0, 0.0, 1.0]),
        lambda x: (x >= -1).astype(int) + (x >= 0) + (x >= 1),
        X,
        differentiable=False,
    ),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", labelled(ROWS), ids=repr)
def test_row(row, check):
    check(row)


EXTREME = np.array(
    [[0, -0.0, 1e-8], [30, -30, 1e4], [3e38, np.inf, -np.inf], [1, np.nan, 0]],
    "float32",
)


@pytest.mark.parametrize(
    "op",
    [
        ops.median,
        lambda x: ops.quantile(x, [0.2, 0.7], axis=1),
        lambda x: ops.average(x, axis=0, weights=[0.0, 0.0, 0.0, 0.0]),
        lambda x: ops.moments(x, [0])[1],
        ops.normalize,
        lambda x: ops.normalize(x, order=1),
        lambda x: ops.normalize(x, order=3, axis=0),
    ],
)
def test_extreme_numbers_warn_of_nothing(op):
    x = Tensor(EXTREME)
    with GradientTape() as tape:
        tape.watch(x)
        y = op(x)
    assert tape.gradient(y, x).dtype == y.dtype == np.float32


def test_shapes_of_quantiles():
    for q in (0.5, [0.1, 0.2, 0.3], [[0.1, 0.2]]):
        for axis in (None, 0, (2, 0)):
            for keepdims in (False, True):
                expected = np.quantile(CUBE, q, axis, keepdims=keepdims)
                y = ops.quantile(CUBE, np.array(q), axis, keepdims=keepdims)
                np.testing.assert_allclose(y.value, expected, rtol=1e-12)


def test_nan_in_one_row_is_the_quantile_of_that_row():
    x = np.array([[1.0, np.nan], [1.0, 3.0]])
    np.testing.assert_array_equal(ops.median(x, axis=1).value, [np.nan, 2])
    assert np.isnan(float(ops.median(x)))


def test_a_tiny_vector_is_divided_by_epsilon():
    x = np.array([[0, 0], [3e-9, 4e-9], [3, 4]])
    expected = [[0, 0], [0.03, 0.04], [0.6, 0.8]]
    for order, values in ((2, expected), (1, [[0, 0], [0.03, 0.04], [3 / 7, 4 / 7]])):
        np.testing.assert_allclose(ops.normalize(x, order=order).value, values, 1e-12)
    y = ops.normalize(x, epsilon=10.0).value
    np.testing.assert_allclose(y[2], [0.3, 0.4], 1e-12)
    assert ops.normalize(-2.0).value.tolist() == [-1]


def test_moments_of_float16_do_not_overflow():
    x = np.array([-60000, 60000, -60000, 60000], "float16")
    mean, variance = ops.moments(x, [0])
    assert mean.dtype == variance.dtype == np.float16
    assert (float(mean), float(variance)) == (0, 65504)


def test_counts():
    assert ops.bincount([1, 2, 2]).dtype == np.int32
    assert ops.bincount([[0, 1], [2, 2]]).value.tolist() == [[1, 1, 0], [0, 0, 2]]
    assert ops.bincount(np.zeros(0, "int32")).shape == (0,)
    weights = np.array([[0.5, 1], [2, 4]], "float32")
    y = ops.bincount([[0, 1], [2, 2]], weights)
    assert (y.dtype, y.value.tolist()) == (np.float32, [[0.5, 1, 0], [0, 0, 6]])


def test_places_among_equals():
    ordered = [1.0, 2.0, 2.0, 3.0]
    assert ops.searchsorted(ordered, [2.0, 9.0]).value.tolist() == [1, 4]
    assert ops.searchsorted(ordered, [2.0, 0.0], "right").value.tolist() == [3, 0]
    y = ops.digitize(np.array([0, 1, 1.5, np.nan]), [1.0, 2.0])
    assert (y.dtype, y.value.tolist()) == (np.int32, [0, 1, 1, 2])


ERRORS = [
    (lambda: ops.normalize(X, order=0), "order=0"),
    (lambda: ops.normalize(X, order=1.5), "order=1.5"),
    (lambda: ops.quantile(X, 1.5), "q=1.5"),
    (lambda: ops.quantile(X, 0.5, method="cubic"), "'cubic'"),
    (lambda: ops.median(X[:0]), r"\(0, 3\)"),
    (lambda: ops.average(X, axis=0, weights=W), r"\(4, 3\) and \(3,\)"),
    (lambda: ops.bincount([1, -2]), "-2"),
    (lambda: ops.bincount(3), "x=array"),
    (lambda: ops.bincount([1], sparse=True), "sparse=True"),
    (lambda: ops.searchsorted(X, X), r"\(4, 3\)"),
    (lambda: ops.searchsorted(W, X, side="top"), "'top'"),
    (lambda: ops.digitize(X, [2.0, 1.0]), "bins="),
]


@pytest.mark.parametrize("index", range(len(ERRORS)))
def test_errors_name_the_offending_value(index):
    call, message = ERRORS[index]
    with pytest.raises(ValueError, match=message):
        call()
