"""Branches, loops and boxes: one row per op, then what they refuse."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import Tensor
from tests.ops.rows import CHECKS, CUBE, numbers, row

X, Y = numbers(4, 3), numbers(4, 3, seed=1)
BOX = np.s_[1:3, :, 1:]


def written(x, updates):
    y = x.copy()
    y[1:3, 1:] = updates
    return y


ROWS = [
    row(
        "cond",
        lambda x: ops.cond(x.ndim == 2, lambda: x * 2, lambda: x),
        lambda x: 2 * x,
        X,
    ),
    row(
        "while_loop",
        lambda x: ops.while_loop(
            lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (0, x)
        )[1],
        lambda x: x**4,
        X,
    ),
    row(
        "fori_loop",
        lambda x: ops.fori_loop(1, 4, lambda i, y: y * x, x),
        lambda x: x**4,
        X,
    ),
    row(
        "slice",
        lambda x: ops.slice(x, [1, 0, 1], (2, 2, -1)),
        lambda x: x[BOX],
        CUBE,
        batch=False,
    ),
    row(
        "slice_update",
        lambda x, u: ops.slice_update(x, Tensor(np.array([1, 1])), u),
        written,
        X,
        Y[:2, :2],
        batch=False,
    ),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_row(row, check):
    check(row)


@pytest.mark.parametrize("pred", [True, 1, np.True_, np.ones(1), Tensor(np.int32(3))])
def test_a_condition_of_any_kind(pred):
    assert ops.cond(pred, lambda: "yes", lambda: "no") == "yes"
    assert ops.cond(ops.logical_not(pred), lambda: "yes", lambda: "no") == "no"


@pytest.mark.parametrize("pred", [3, "text", None, np.ones(2)])
def test_a_condition_that_is_none(pred):
    with pytest.raises(TypeError, match="Received: pred="):
        ops.cond(pred, lambda: 1, lambda: 2)


def test_while_loop_on_one_variable_and_with_a_limit():
    assert int(ops.while_loop(lambda i: i < 5, lambda i: i + 2, 0)) == 6
    seen = ops.while_loop(lambda i: i < 5, lambda i: [i + 1], [0], maximum_iterations=2)
    assert type(seen) is tuple and int(seen[0]) == 2
    with pytest.raises(ValueError, match="Received: 1 values"):
        ops.while_loop(lambda i, x: i < 5, lambda i, x: (i + 1,), (0, 1.0))


def test_fori_loop_over_a_nest_and_over_nothing():
    a, b = ops.fori_loop(0, 3, lambda i, x: (x[1], x[0] + i), (1, 2))
    assert (int(a), int(b)) == (3, 3)
    assert int(ops.fori_loop(3, 1, lambda i, x: x + i, 10)) == 10
    kinds = []
    ops.fori_loop(Tensor(np.int32(1)), 2, lambda i, x: kinds.append(i.dtype) or x, 0)
    assert kinds == [np.int32]


ERRORS = [
    (lambda: ops.slice(X, [1], [1]), "each of 2 axes"),
    (lambda: ops.slice(X, [1, 0], [4, 1]), r"shape=\(4, 1\)"),
    (lambda: ops.slice(X, [-1, 0], [1, 1]), r"start_indices=\(-1, 0\)"),
    (lambda: ops.slice(X, [0.5, 0], [1, 1]), "must hold integers"),
    (lambda: ops.slice_update(X, [3, 0], Y[:2]), r"start_indices=\(3, 0\)"),
]


@pytest.mark.parametrize("index", range(len(ERRORS)))
def test_errors_name_the_offending_value(index):
    call, message = ERRORS[index]
    with pytest.raises(ValueError, match=message):
        call()
