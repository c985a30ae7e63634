"""Counterpart: the other probabilistic losses of keras/src/losses/losses.py."""

from minikeras import ops
from minikeras.autodiff import as_array
from minikeras.config import epsilon
from minikeras.losses.loss import FunctionLoss
from minikeras.losses.regression import unaligned
from minikeras.ops.crossentropy import integer_labels


def kl_divergence(y_true, y_pred):
    """Σ y_true · log(y_true / y_pred) over the last axis, both clipped to [ε, 1]."""
    y_true, y_pred = unaligned(y_true, y_pred)
    y_true = ops.clip(y_true, epsilon(), 1)
    y_pred = ops.clip(y_pred, epsilon(), 1)
    return ops.sum(y_true * ops.log(y_true / y_pred), axis=-1)


def poisson(y_true, y_pred):
    """mean y_pred - y_true · log(y_pred + epsilon) over the last axis."""
    y_true, y_pred = unaligned(y_true, y_pred)
    return ops.mean(y_pred - y_true * ops.log(y_pred + epsilon()), axis=-1)


def categorical_generalized_cross_entropy(y_true, y_pred, q):
    """(1 - p[y_true]^q) / q for integer labels; between cross-entropy and MAE.

    Labels (n,) belong to outputs (n, classes); (n, 1) meet each of them, as in Keras.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    labels, classes = as_array(y_true), y_pred.shape[-1]
    places = integer_labels(labels, classes).reshape(labels.shape)
    chosen = ops.one_hot(places, classes, dtype=y_pred.value.dtype)
    chosen, y_pred = unaligned(chosen, y_pred)
    return (1 - ops.power(ops.sum(y_pred * chosen, axis=-1), q)) / q


class KLDivergence(FunctionLoss):
    """`kl_divergence`, reduced."""

    def __init__(
        self, reduction="sum_over_batch_size", name="kl_divergence", dtype=None
    ):
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(FunctionLoss):
    """`poisson`, reduced."""

    def __init__(self, reduction="sum_over_batch_size", name="poisson", dtype=None):
        super().__init__(poisson, reduction, name, dtype)


class CategoricalGeneralizedCrossEntropy(FunctionLoss):
    """`categorical_generalized_cross_entropy`, reduced; 0 < q < 1."""

    saved = ("q",)

    def __init__(
        self,
        q=0.5,
        reduction="sum_over_batch_size",
        name="categorical_generalized_cross_entropy",
        dtype=None,
    ):
        if not 0 < q < 1:
            raise ValueError(f"q must be in the interval (0, 1). Received: q={q}")
        super().__init__(
            categorical_generalized_cross_entropy, reduction, name, dtype, q=q
        )
