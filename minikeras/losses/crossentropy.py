"""Counterpart: the cross-entropies of keras/src/losses/losses.py.

y_pred holds probabilities, or logits with `from_logits=True`. Probabilities made
by softmax or sigmoid are traced back to their logits (minikeras/ops/crossentropy.py).
"""

from collections.abc import Callable

import numpy as np

from minikeras import ops
from minikeras.autodiff import Tensor, as_array
from minikeras.caller import warn
from minikeras.losses.loss import FunctionLoss
from minikeras.losses.reduction import with_mean
from minikeras.losses.regression import same_dtype
from minikeras.ops import crossentropy


def binary_crossentropy(
    y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1
):
    """mean -y_true · log p - (1 - y_true) · log(1 - p) over `axis`.

    `label_smoothing` s moves labels towards 1/2: y_true · (1 - s) + s/2.
    """
    y_true, y_pred = same_dtype(y_true, y_pred)
    y_true = smooth_binary(y_true, label_smoothing)
    losses = crossentropy.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
    return ops.mean(losses, axis=axis)


def categorical_crossentropy(
    y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1
):
    """-Σ y_true · log p over the classes along `axis`; y_true is one-hot or soft.

    `label_smoothing` s moves labels towards 1/classes: y_true · (1 - s) + s/classes.
    """
    y_true, y_pred = categorical_inputs(
        "categorical_crossentropy", y_true, y_pred, label_smoothing, axis
    )
    return crossentropy.categorical_crossentropy(
        y_true, y_pred, from_logits=from_logits, axis=axis
    )


def sparse_categorical_crossentropy(
    y_true, y_pred, from_logits=False, ignore_class=None, axis=-1
):
    """-log p[y_true] for integer labels y_true, shape (...) or (..., 1).

    A label that is no class raises ValueError, except `ignore_class`, whose
    samples have loss 0 and do not count in a mean. With `ignore_class` Keras
    does not trace probabilities back to their logits.
    """
    if type(y_pred) is not Tensor:
        y_pred = ops.convert_to_tensor(y_pred)
    y_true = as_array(y_true)
    if y_true.ndim == y_pred.ndim and y_true.shape[axis] == 1:
        y_true = y_true.squeeze(axis)
    if ignore_class is None:
        return crossentropy.sparse_categorical_crossentropy(
            y_true, y_pred, from_logits=from_logits, axis=axis
        )
    valid = y_true != ignore_class
    y_true = np.where(valid, y_true, y_true.dtype.type(0))
    y_pred = ops.where(np.expand_dims(valid, axis), y_pred, 0.0)
    losses = crossentropy.sparse_categorical_crossentropy(
        y_true, y_pred, from_logits=from_logits, axis=axis
    )
    return ops.where(valid, losses, 0.0)


def _not_ignored(y_true, losses, ignore_class=None, **_):
    if ignore_class is None:
        return None
    return (as_array(y_true) != ignore_class).reshape(losses.shape)


sparse_categorical_crossentropy.valid = _not_ignored  # type: ignore[attr-defined]


def smoothing(value):
    """`value`; ValueError unless it moves the labels by a part of the way."""
    if isinstance(value, str) or value is None or not 0 <= value <= 1:
        raise ValueError(
            "`label_smoothing` must be a number in [0, 1]. "
            f"Received: label_smoothing={value!r}"
        )
    return value


def smooth_binary(y_true, label_smoothing):
    if not label_smoothing:
        return y_true
    smoothing(label_smoothing)
    return y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing


def categorical_inputs(name, y_true, y_pred, label_smoothing, axis):
    if isinstance(axis, bool):
        raise ValueError(
            f"`axis` must be of type `int`. Received: axis={axis} of type {type(axis)}"
        )
    y_true, y_pred = same_dtype(y_true, y_pred)
    if y_pred.shape[-1] == 1:
        warn(
            f"In loss {name}, expected y_pred.shape to be (batch_size, num_classes) "
            f"with num_classes > 1. Received: y_pred.shape={y_pred.shape}. "
            "Consider using 'binary_crossentropy' if you only have 2 classes.",
            SyntaxWarning,
        )
    if label_smoothing:
        smoothing(label_smoothing)
        classes = y_true.shape[-1]
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / classes
    return y_true, y_pred


class _Crossentropy(FunctionLoss):
    """A cross-entropy whose mean over the batch is one op: the usual last step of a
    classifier. It is taken where no argument asks for more (`_plain`) and nothing
    has to be cast or aligned (`_fits`)."""

    from_logits: bool
    _plain = False
    _mean_from_logits: Callable
    _mean_from_probabilities: Callable | None = None
    _mean_from_softmax: Callable | None = None

    def _mean(self, y_true, y_pred):
        if not self._plain or not isinstance(y_pred, Tensor):
            return None
        mean, output = type(self)._mean_from_logits, y_pred
        logits = getattr(y_pred, "logits", None)
        if logits is not None and not self.from_logits:
            output = logits
        elif logits is not None:
            return None  # the long way warns
        elif not self.from_logits:
            mean = type(self)._mean_from_probabilities
        target = y_true.value if isinstance(y_true, Tensor) else y_true
        if (
            mean is not None
            and isinstance(target, np.ndarray)
            and target.size
            and output.value.dtype is self._array_dtype
            and y_pred.value.dtype is self._array_dtype
            and self._fits(target, output.value)
        ):
            if output is logits and getattr(y_pred, "is_softmax", False):
                from_softmax = type(self)._mean_from_softmax
                if from_softmax is not None:
                    return from_softmax(y_true, logits, y_pred)
            return mean(y_true, output)
        return None

    def _fits(self, target, output) -> bool:
        return target.dtype is output.dtype and target.shape == output.shape


class BinaryCrossentropy(_Crossentropy):
    """`binary_crossentropy`, reduced."""

    saved = ("from_logits", "label_smoothing", "axis")
    _mean_from_logits = with_mean(crossentropy.binary_from_logits)
    _mean_from_probabilities = with_mean(crossentropy.binary_from_probabilities)

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_crossentropy",
        dtype=None,
    ):
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=smoothing(label_smoothing),
            axis=axis,
        )
        self._plain = not label_smoothing and axis == -1


class CategoricalCrossentropy(_Crossentropy):
    """`categorical_crossentropy`, reduced."""

    saved = ("from_logits", "label_smoothing", "axis")
    _mean_from_logits = with_mean(crossentropy.categorical_from_logits)
    _mean_from_probabilities = with_mean(crossentropy.categorical_from_probabilities)

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=smoothing(label_smoothing),
            axis=axis,
        )
        self._plain = not label_smoothing and axis == -1

    def _fits(self, target, output) -> bool:
        return super()._fits(target, output) and output.shape[-1] > 1


class SparseCategoricalCrossentropy(_Crossentropy):
    """`sparse_categorical_crossentropy`, reduced. As in Keras, `axis` is not in the
    config."""

    saved = ("from_logits", "ignore_class")
    _mean_from_logits = with_mean(crossentropy.sparse_from_logits)
    _mean_from_softmax = with_mean(crossentropy.sparse_from_softmax)

    def __init__(
        self,
        from_logits=False,
        ignore_class=None,
        reduction="sum_over_batch_size",
        axis=-1,
        name="sparse_categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self._plain = ignore_class is None and axis == -1
        self.couples_samples = ignore_class is not None  # how many count, matters

    def _fits(self, labels, output) -> bool:
        shape = output.shape[:-1]
        return labels.shape == shape or labels.shape == (*shape, 1)
