"""Counterpart: the hinge losses of keras/src/losses/losses.py.

Labels are -1 and 1; y_true that holds nothing but 0 and 1 is taken as such.
"""

from minikeras import ops
from minikeras.autodiff import Tensor
from minikeras.autodiff.recording import stays
from minikeras.losses.loss import FunctionLoss
from minikeras.losses.regression import unaligned


def hinge(y_true, y_pred):
    """mean max(1 - y_true·y_pred, 0) over the last axis."""
    return ops.mean(_margin(y_true, y_pred), axis=-1)


def squared_hinge(y_true, y_pred):
    """mean max(1 - y_true·y_pred, 0)² over the last axis."""
    return ops.mean(ops.square(_margin(y_true, y_pred)), axis=-1)


def categorical_hinge(y_true, y_pred):
    """max(max (1 - y_true)·y_pred - Σ y_true·y_pred + 1, 0); y_true is one-hot."""
    y_true, y_pred = unaligned(y_true, y_pred)
    right = ops.sum(y_true * y_pred, axis=-1)
    wrong = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(wrong - right + 1.0, 0.0)


def _margin(y_true, y_pred):
    y_true, y_pred = unaligned(y_true, y_pred)
    if not y_true.tracked:
        y_true = Tensor(_signed(y_true.value))
    elif _are_bits(y_true.value):
        y_true = 2.0 * y_true - 1.0
    return ops.maximum(1.0 - y_true * y_pred, 0.0)


def _are_bits(labels) -> bool:
    return bool(((labels == 0) | (labels == 1)).all())


@stays
def _signed(labels):
    """-1 and 1 where there are only 0 and 1."""
    return 2.0 * labels - 1.0 if _are_bits(labels) else labels


class Hinge(FunctionLoss):
    """`hinge`, reduced."""

    def __init__(self, reduction="sum_over_batch_size", name="hinge", dtype=None):
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(FunctionLoss):
    """`squared_hinge`, reduced."""

    def __init__(
        self, reduction="sum_over_batch_size", name="squared_hinge", dtype=None
    ):
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(FunctionLoss):
    """`categorical_hinge`, reduced."""

    def __init__(
        self, reduction="sum_over_batch_size", name="categorical_hinge", dtype=None
    ):
        super().__init__(categorical_hinge, reduction, name, dtype)
