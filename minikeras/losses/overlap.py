"""Counterpart: Dice, Tversky and Circle of keras/src/losses/losses.py."""

import numpy as np

from minikeras import ops
from minikeras.autodiff import Array, as_array, primitive
from minikeras.config import epsilon
from minikeras.limits import number
from minikeras.losses.loss import FunctionLoss
from minikeras.losses.regression import unaligned


def dice(y_true, y_pred, axis=None):
    """1 - 2·Σ y_true·y_pred / (Σ y_true + Σ y_pred + epsilon).

    Sums over `axis`; None: over everything, which gives one loss.
    """
    y_true, y_pred = unaligned(y_true, y_pred)
    shared = ops.sum(y_true * y_pred, axis=axis)
    sizes = ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis)
    return 1 - 2.0 * shared / (sizes + epsilon())


def tversky(y_true, y_pred, alpha=0.5, beta=0.5, axis=None):
    """1 - s / (s + alpha·Σ y_true·(1 - y_pred) + beta·Σ (1 - y_true)·y_pred + epsilon).

    s = Σ y_true·y_pred, sums over `axis` (None: all). As in Keras, alpha weighs
    what was missed and beta the false alarms.
    """
    y_true, y_pred = unaligned(y_true, y_pred)
    shared = ops.sum(y_true * y_pred, axis=axis)
    missed = ops.sum((1 - y_pred) * y_true, axis=axis)
    alarms = ops.sum(y_pred * (1 - y_true), axis=axis)
    return 1 - shared / (shared + missed * alpha + alarms * beta + epsilon())


def circle(
    y_true,
    y_pred,
    ref_labels=None,
    ref_embeddings=None,
    remove_diagonal=True,
    gamma=80,
    margin=0.4,
):
    """softplus(logsumexp of like pairs + logsumexp of unlike pairs) per sample.

    y_pred: unit vectors (n, k); y_true: integer labels. With d = 1 - cosine, pairs
    of one label give -gamma·(margin + d)·(margin - d), others
    gamma·max(1 + margin - d, 0)·(1 - margin - d). A loss of 0 counts in no mean.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    labels = as_array(y_true, "int32")
    others = y_pred if ref_embeddings is None else ref_embeddings
    others = ops.convert_to_tensor(others, dtype=y_pred.value.dtype)
    keys = labels if ref_labels is None else as_array(ref_labels, "int32")
    alike = labels.reshape(-1, 1) == keys.reshape(1, -1)
    unlike = ~alike
    if remove_diagonal:
        alike = alike & ~np.eye(*alike.shape, dtype=bool)
    distance = 1 - ops.matmul(y_pred, ops.transpose(others))
    distance = ops.maximum(distance, 0.0)
    pull = -gamma * ops.maximum(margin + distance, 0.0) * (margin - distance)
    push = gamma * ops.maximum(1 + margin - distance, 0.0) * (1 - margin - distance)
    return ops.softplus(_logsumexp_of(pull, alike) + _logsumexp_of(push, unlike))


circle.valid = lambda y_true, losses, **_: as_array(losses) > 0  # type: ignore[attr-defined]


@primitive
def _logsumexp_of(x: Array, chosen):
    """log Σ_j exp x_j over the chosen j of each row; -inf where none is chosen."""
    x = np.where(chosen, x, x.dtype.type(-np.inf))
    largest = np.maximum.reduce(x, 1, keepdims=True, initial=-np.inf)
    largest[~np.isfinite(largest)] = 0
    exps = np.exp(x - largest)
    sums = np.add.reduce(exps, 1, keepdims=True)
    values = np.log(sums) + largest
    return values[:, 0], (lambda dy: np.where(chosen, exps / sums, exps) * dy[:, None],)


class Dice(FunctionLoss):
    """`dice`, reduced."""

    couples_samples = True
    saved = ("axis",)

    def __init__(
        self, reduction="sum_over_batch_size", name="dice", axis=None, dtype=None
    ):
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(FunctionLoss):
    """`tversky`, reduced."""

    couples_samples = True
    saved = ("alpha", "beta", "axis")

    def __init__(
        self,
        alpha=0.5,
        beta=0.5,
        reduction="sum_over_batch_size",
        name="tversky",
        axis=None,
        dtype=None,
    ):
        super().__init__(
            tversky,
            reduction,
            name,
            dtype,
            alpha=number("alpha", alpha, "[0, inf)"),
            beta=number("beta", beta, "[0, inf)"),
            axis=axis,
        )


class Circle(FunctionLoss):
    """`circle`, reduced; losses of 0 do not count in a mean."""

    couples_samples = True
    saved = ("gamma", "margin", "remove_diagonal")

    def __init__(
        self,
        gamma=80.0,
        margin=0.4,
        remove_diagonal=True,
        reduction="sum_over_batch_size",
        name="circle",
        dtype=None,
    ):
        super().__init__(
            circle,
            reduction,
            name,
            dtype,
            gamma=number("gamma", gamma, "(0, inf)"),
            margin=margin,
            remove_diagonal=remove_diagonal,
        )
