"""Large arrays, cut into parts and blocks, give what small ones give in one piece."""

import numpy as np
import pytest

from minikeras import parallel
from minikeras.autodiff.choose import where_true
from minikeras.ops import nn_axis, patches, products
from minikeras.ops.constants import sum_rows
from minikeras.ops.conv import convolve, convolve_depthwise
from minikeras.ops.conv_transpose import convolve_transposed
from tests.ops.rows import numbers

X = numbers(5, 9, 8, 4, seed=1)
# (name, op, kernel)
OPS = [
    ("conv", convolve, numbers(3, 2, 4, 6, seed=2)),
    ("groups", convolve, numbers(3, 2, 2, 6, seed=2)),
    ("depthwise", convolve_depthwise, numbers(3, 2, 4, 2, seed=2)),
    ("transpose", convolve_transposed, numbers(3, 2, 6, 4, seed=2)),
]
# strides, padding, dilation
WINDOWS = [
    ((1, 1), "same", (1, 1)),
    ((2, 1), "valid", (1, 1)),
    ((1, 1), "same", (2, 3)),
]


def value_and_slopes(op, kernel, window):
    strides, padding, dilation = window
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation}
    bias = numbers(8 if op is convolve_depthwise else 6, seed=3)
    y, pulls = op.raw(X, kernel, bias, **options)
    dy = numbers(*y.shape, seed=4)
    return [y, *(pull(dy) for pull in pulls)]


def near(actual, expected):
    for one, other in zip(actual, expected, strict=True):
        # float64; sums of at most 360 products in another order
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.fixture
def many_parts(monkeypatch):
    monkeypatch.setattr(parallel, "_LEAST_BYTES", 0)
    monkeypatch.setattr(parallel, "thread_count", lambda: 3)


@pytest.mark.parametrize("block_bytes", [1, 3000, 1 << 20])
@pytest.mark.parametrize("by_lines", [True, False])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize(
    ("op", "kernel"), [o[1:] for o in OPS], ids=[o[0] for o in OPS]
)
def test_convolutions(
    op, kernel, window, by_lines, block_bytes, many_parts, monkeypatch
):
    with monkeypatch.context() as whole:
        whole.setattr(parallel, "_LEAST_BYTES", 1 << 40)
        expected = value_and_slopes(op, kernel, window)
    monkeypatch.setattr(patches, "_BLOCK_BYTES", block_bytes)
    if by_lines:
        monkeypatch.setattr(patches, "_MANY_PIXELS", 1)
        monkeypatch.setattr(patches, "_LONG_LINE", 1)
    near(value_and_slopes(op, kernel, window), expected)


@pytest.mark.parametrize("tall", [1, 1 << 20])
def test_dense_products(tall, many_parts, monkeypatch):
    x, kernel, bias = numbers(20, 7, seed=1), numbers(7, 9, seed=2), numbers(9, seed=3)
    dy = numbers(20, 9, seed=4)
    monkeypatch.setattr(nn_axis, "LEAST_WORK", 0)
    monkeypatch.setattr(products, "_TALL", tall)
    y, pulls = nn_axis.dense.raw(x, kernel, bias)
    expected = x @ kernel + bias, dy @ kernel.T, x.T @ dy, dy.sum(0)
    near([y, *(pull(dy) for pull in pulls)], expected)


def test_sums_of_many_rows(many_parts):
    x = numbers(5003, 3, seed=1)
    near([sum_rows(x), sum_rows(x[:, 0])], [x.sum(0), x[:, 0].sum()])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_not_chosen_is_0_whatever_it_is(dtype):
    x = np.array([[1, -2, np.inf], [np.nan, np.inf, -0.0]], dtype)
    chosen = np.array([[True, True, True], [False, False, True]])
    y = where_true(chosen, x)
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(y, [[1, -2, np.inf], [0, 0, 0]])
    np.testing.assert_array_equal(where_true(chosen.T, x.T), y.T)
