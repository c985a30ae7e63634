"""One row per op, and what is checked of every row."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from minikeras.autodiff import GradientTape, Tensor
from tests.gradients import check_gradient

# float64 against a formula in another order of operations: a few roundings of 1e-16
CLOSE = {"rtol": 1e-12, "atol": 1e-14}


class Row(NamedTuple):
    """`call` takes Tensors, `naive` the same as ndarrays.

    `differentiable`: a gradient is expected; else that there is none (None).
    `batch`: the inputs' first axis holds rows, so none and one of them must do.
    """

    op: str
    call: Callable
    arrays: tuple
    naive: Callable
    differentiable: bool = True
    batch: bool = True
    label: str = ""

    def __repr__(self):
        return f"{self.op}{'-' + self.label if self.label else ''}"


def numbers(*shape, seed=0, low=-2.0, high=2.0):
    """Fixed random float64 numbers in (low, high)."""
    return np.random.default_rng(seed).uniform(low, high, shape)


CUBE = numbers(4, 2, 3, seed=2)


def row(op, call, naive, *arrays, batch=True, differentiable=True, label=""):
    """A Row of the arrays after `naive`, or of one of shape (4, 2, 3)."""
    return Row(op, call, arrays or (CUBE,), naive, differentiable, batch, label)


def labelled(rows):
    """Rows of one op without a label of their own are told apart by number."""
    return [r._replace(label=r.label or str(i)) for i, r in enumerate(rows)]


def outputs(y) -> list:
    return list(y) if isinstance(y, (list, tuple)) else [y]


def check_value(row: Row) -> None:
    """Value and shape against the naive twin."""
    actual = outputs(row.call(*map(Tensor, row.arrays)))
    expected = outputs(row.naive(*row.arrays))
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected, strict=True):
        np.testing.assert_allclose(a.value, e, **CLOSE)


def check_derivative(row: Row) -> None:
    """Finite differences, or no gradient at all."""
    if row.differentiable:
        check_gradient(row.call, *row.arrays)
        return
    inputs = [Tensor(x) for x in row.arrays]
    with GradientTape() as tape:
        tape.watch(inputs)
        y = row.call(*inputs)
    assert tape.gradient(y, inputs) == [None] * len(inputs)


def check_float32(row: Row) -> None:
    """float32 in, float32 out: values (where floats) and gradients."""
    inputs = [
        Tensor(x.astype("float32") if x.dtype.kind == "f" else x) for x in row.arrays
    ]
    with GradientTape() as tape:
        tape.watch(inputs)
        y = outputs(row.call(*inputs))
    expected = outputs(row.naive(*row.arrays))
    for out, e in zip(y, expected, strict=True):
        if np.asarray(e).dtype.kind == "f":
            assert out.dtype == np.float32
    if row.differentiable:
        for x, dx in zip(inputs, tape.gradient(y, inputs), strict=True):
            if x.dtype.kind == "f":
                assert dx is not None
                assert (dx.dtype, dx.shape) == (x.dtype, x.shape)


def check_batches(row: Row) -> None:
    """No rows and one row: value, shape and gradient as for many."""
    if not row.batch:
        return
    for count in (0, 1):
        arrays = [x[:count] for x in row.arrays]
        inputs = [Tensor(x) for x in arrays]
        with GradientTape() as tape:
            tape.watch(inputs)
            y = outputs(row.call(*inputs))
        expected = outputs(row.naive(*arrays))
        for out, e in zip(y, expected, strict=True):
            np.testing.assert_allclose(out.value, e, **CLOSE)
        if row.differentiable:
            for x, dx in zip(inputs, tape.gradient(y, inputs), strict=True):
                if x.dtype.kind == "f":
                    assert dx.shape == x.shape


CHECKS = (check_value, check_derivative, check_float32, check_batches)
