"""Cross and Kronecker products, traces: one row per op and shape, then the edges."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from tests.ops.rows import CHECKS, Row, numbers

A, B = numbers(4, 3), numbers(3, 2, seed=1)
STACK_A, V = numbers(2, 4, 3, seed=2), numbers(3, seed=4)


def crossed(a, b):
    """The determinants of 2 by 2 that make a cross product, for rows of 3."""
    (x, y, z), (u, v, w) = a.T, b.T
    return np.stack([y * w - z * v, z * u - x * w, x * v - y * u], -1)


def blocks(a, b):
    return np.block([[value * b for value in r] for r in a])


ROWS = [
    Row("vdot", ops.vdot, (A, A[::-1]), lambda a, b: np.array(sum((a * b).flat))),
    Row(
        "trace",
        ops.trace,
        (A,),
        lambda a: np.array(sum(r[i] for i, r in enumerate(a[:3]))),
    ),
    Row(
        "trace",
        lambda a: ops.trace(a, 1, 2, 0),
        (STACK_A,),
        lambda a: a[1, :, 0],
        batch=False,
        label="axes",
    ),
    Row("cross", ops.cross, (A, A[::-1]), crossed),
    Row("cross", ops.cross, (A, V), crossed, batch=False, label="one"),
    Row(
        "cross",
        ops.cross,
        (A[:, :2], A[::-1, :2]),
        lambda a, b: a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0],
        label="plane",
    ),
    Row(
        "cross",
        lambda a, b: ops.cross(a, b, axisa=0, axisc=0),
        (A[:, :2].T, A),
        lambda a, b: crossed(np.pad(a.T, ((0, 0), (0, 1))), b).T,
        batch=False,
        label="axes",
    ),
    Row("kron", ops.kron, (A, B), blocks, batch=False),
    Row(
        "kron",
        ops.kron,
        (V, B),
        lambda a, b: blocks(a[None], b),
        batch=False,
        label="ranks",
    ),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_row(row, check):
    check(row)


def test_dtypes_of_sums_and_products():
    small = np.ones((2, 2), "int8")
    assert ops.trace(small).dtype == ops.trace(small > 0).dtype == np.int32
    assert ops.vdot(small, small).dtype == ops.kron(small, small).dtype == np.int8
    assert ops.cross(np.ones(3, "int32"), np.ones(3, "float32")).dtype == np.float32


EXTREME = np.array(
    [[0, 1e-8, 3e38], [np.inf, -np.inf, np.nan], [0, 1e4, -30]], "float32"
)


@pytest.mark.parametrize(
    "op",
    [ops.cross, ops.vdot, ops.kron, lambda a, b: ops.trace(a) * ops.trace(b)],
)
def test_extreme_numbers_warn_of_nothing(op):
    a, b = Tensor(EXTREME), Tensor(EXTREME)
    with GradientTape() as tape:
        tape.watch([a, b])
        y = op(a, b)
    tape.gradient(y, [a, b])


ERRORS = [
    (lambda: ops.cross(V, numbers(4)), "4 elements"),
    (lambda: ops.vdot(A, V), r"\(12,\)"),
    (lambda: ops.trace(V), "two dimensions"),
]


@pytest.mark.parametrize("index", range(len(ERRORS)))
def test_errors_name_the_offending_value(index):
    call, message = ERRORS[index]
    with pytest.raises(ValueError, match=message):
        call()
