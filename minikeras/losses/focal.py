"""Counterpart: the focal losses of keras/src/losses/losses.py.

Cross-entropies that count a sample less, the surer the model is of its label.
"""

from minikeras import ops
from minikeras.config import epsilon
from minikeras.limits import number
from minikeras.losses.crossentropy import categorical_inputs, smooth_binary, smoothing
from minikeras.losses.loss import FunctionLoss
from minikeras.losses.regression import same_dtype
from minikeras.ops import crossentropy


def binary_focal_crossentropy(
    y_true,
    y_pred,
    apply_class_balancing=False,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
):
    """mean (1 - p_t)^gamma · binary cross-entropy, p_t the probability of the label.

    `apply_class_balancing` weighs label 1 by alpha and label 0 by 1 - alpha.
    """
    y_true, y_pred = same_dtype(y_true, y_pred)
    y_true = smooth_binary(y_true, label_smoothing)
    if from_logits:
        y_pred = ops.sigmoid(y_pred)
    losses = crossentropy.binary_crossentropy(y_true, y_pred)
    of_label = y_true * y_pred + (1 - y_true) * (1 - y_pred)
    losses = ops.power(1.0 - of_label, gamma) * losses
    if apply_class_balancing:
        losses = (y_true * alpha + (1 - y_true) * (1 - alpha)) * losses
    return ops.mean(losses, axis=axis)


def categorical_focal_crossentropy(
    y_true,
    y_pred,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
):
    """-Σ alpha · (1 - p)^gamma · y_true · log p over the classes along `axis`."""
    y_true, y_pred = categorical_inputs(
        "categorical_focal_crossentropy", y_true, y_pred, label_smoothing, axis
    )
    if from_logits:
        y_pred = ops.softmax(y_pred, axis=axis)
    p = y_pred / ops.sum(y_pred, axis=axis, keepdims=True)
    p = ops.clip(p, epsilon(), 1.0 - epsilon())
    losses = -y_true * ops.log(p)
    return ops.sum(ops.power(1.0 - p, gamma) * alpha * losses, axis=axis)


class BinaryFocalCrossentropy(FunctionLoss):
    """`binary_focal_crossentropy`, reduced."""

    saved = (
        "from_logits",
        "label_smoothing",
        "axis",
        "apply_class_balancing",
        "alpha",
        "gamma",
    )

    def __init__(
        self,
        apply_class_balancing=False,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_focal_crossentropy",
        dtype=None,
    ):
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=number("gamma", gamma, "[0, inf)"),
            from_logits=from_logits,
            label_smoothing=smoothing(label_smoothing),
            axis=axis,
        )


class CategoricalFocalCrossentropy(FunctionLoss):
    """`categorical_focal_crossentropy`, reduced."""

    saved = ("from_logits", "label_smoothing", "axis", "alpha", "gamma")

    def __init__(
        self,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_focal_crossentropy",
        dtype=None,
    ):
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=number("gamma", gamma, "[0, inf)"),
            from_logits=from_logits,
            label_smoothing=smoothing(label_smoothing),
            axis=axis,
        )
