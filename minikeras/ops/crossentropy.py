"""Counterpart: the cross-entropies of keras/src/backend/tensorflow/nn.py.

Each gives one loss per sample and takes probabilities or logits. Probabilities
that softmax or sigmoid made carry their logits, and then the logits are used:
log(softmax(z)) loses everything where softmax underflows, log-sum-exp does not.

The vjps take a cotangent with one number per sample, or one Python float that
stands for all of them; so `with_mean` can put a mean on top at no cost.
"""

import numpy as np

from minikeras.autodiff import Array, Tensor, as_array, primitive
from minikeras.autodiff.recording import stays
from minikeras.caller import warn
from minikeras.config import epsilon
from minikeras.ops.constants import batch_constants
from minikeras.ops.core import cast
from minikeras.ops.quiet import hush, quiet


def sparse_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """-log p[label] per sample, from integer labels.

    Shapes: target (...) or (..., 1), output (..., classes); only the last axis can
    hold the classes, as in Keras. Probabilities are clipped to [epsilon,
    1 - epsilon] and, by Keras's formula, normalised again as if they were logits.
    A label outside 0 … classes - 1 raises ValueError (TensorFlow gives NaN or fails).
    """
    output = _tensor(output)
    if axis != -1 and axis != len(output.shape) - 1:
        raise ValueError(f"Only axis=-1 is currently supported. Received: axis={axis}")
    output, from_logits = _logits_of(
        output, from_logits, "Softmax", "sparse_categorical_crossentropy"
    )
    target = as_array(target)
    if target.ndim == len(output.shape) and target.shape[-1] == 1:
        target = target.reshape(target.shape[:-1])
    if target.shape != tuple(output.shape[:-1]):
        raise ValueError(
            "Arguments `target` and `output` must have the same shape up until the "
            "last dimension, which holds the classes. "
            f"Received: target.shape={target.shape}, output.shape={output.shape}"
        )
    return sparse_from_logits(target, output if from_logits else log_of_clipped(output))


def categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """-Σ target · log p per sample, over the classes along `axis`.

    target and output have the same shape. Probabilities are divided by their sum
    and clipped to [epsilon, 1 - epsilon] first.
    """
    output = _tensor(output)
    target = _tensor(target, output.dtype)
    _same_shape(target, output)
    output, from_logits = _logits_of(
        output, from_logits, "Softmax", "categorical_crossentropy"
    )
    if from_logits:
        return categorical_from_logits(target, output, axis=axis)
    return categorical_from_probabilities(target, output, axis=axis)


def binary_crossentropy(target, output, from_logits=False):
    """-target · log p - (1 - target) · log(1 - p), element by element.

    Probabilities are clipped to [epsilon, 1 - epsilon] first.
    """
    output = _tensor(output)
    target = _tensor(target, output.dtype)
    _same_shape(target, output)
    output, from_logits = _logits_of(
        output, from_logits, "Sigmoid", "binary_crossentropy"
    )
    if from_logits:
        return binary_from_logits(target, output)
    return binary_from_probabilities(target, output)


@primitive
def sparse_from_logits(target: Array, logits: Array):
    """log Σ_j exp(z_j - m) - (z_label - m), with m = max z.

    dz = (softmax(z) - onehot(label)) · dy.
    """
    rows = logits if logits.ndim == 2 else logits.reshape(-1, logits.shape[-1])
    constants = batch_constants(rows.shape, rows.dtype)
    places = integer_labels(target, rows.shape[1]) + constants.starts
    values, exps, sums = quiet.run(_sparse_losses, rows, places, constants)

    def to_logits(dy):
        dz = quiet.run(_sparse_gradient, exps, sums, places, constants, dy)
        return dz if logits.ndim == 2 else dz.reshape(logits.shape)

    if logits.ndim != 2:
        values = values.reshape(logits.shape[:-1])
    return values, (None, to_logits)


@primitive
def sparse_from_softmax(target: Array, logits: Array, probabilities: Array):
    """The same where p = softmax(z) is there already: z_w - z_label - log p_w.

    w is the place of the largest logit: p_w ≥ 1/classes, so nothing underflows.
    dz = (p - onehot(label)) · dy.
    """
    rows = logits if logits.ndim == 2 else logits.reshape(-1, logits.shape[-1])
    starts = batch_constants(rows.shape, rows.dtype).starts
    places = integer_labels(target, rows.shape[1]) + starts
    largest = rows.argmax(1) + starts
    values = quiet.run(_sparse_from_largest, rows, probabilities, places, largest)

    def to_logits(dy):
        dz = probabilities.copy()
        dz.ravel()[places] -= dz.dtype.type(1)
        if type(dy) is float:
            return quiet.run(np.multiply, dz, dz.dtype.type(dy))
        return quiet.run(np.multiply, dz, dy[..., None])

    if logits.ndim != 2:
        values = values.reshape(logits.shape[:-1])
    return values, (None, to_logits)


def _sparse_from_largest(rows, probabilities, places, largest):
    flat = rows.ravel()
    values = flat[largest] - flat[places]
    values -= np.log(probabilities.ravel()[largest])
    return values


def _sparse_losses(rows, places, constants):
    flat = rows.ravel()  # in rows, whatever the strides of the logits
    # argmax costs a third of max where rows are short; to both, nan is the largest
    largest = flat[rows.argmax(1) + constants.starts]
    exps = np.exp(flat - largest.repeat(rows.shape[1])).reshape(rows.shape)
    sums = exps.dot(constants.one_per_class)
    values = np.log(sums)
    values -= flat[places] - largest
    return values, exps, sums


def _sparse_gradient(exps, sums, places, constants, dy):
    dz = exps / _per_class(sums, exps)
    dz.ravel()[places] -= constants.one_per_row
    dz *= dz.dtype.type(dy) if type(dy) is float else _per_class(dy.ravel(), dz)
    return dz


def _per_class(x, like):
    """x of each row, repeated for its classes: faster than NumPy's broadcasting."""
    return x.repeat(like.shape[1]).reshape(like.shape)


@primitive
def categorical_from_logits(target: Array, logits: Array, axis=-1):
    """Σ_j target_j · (log Σ_k exp(z_k - m) - (z_j - m)), with m = max z.

    dz = (softmax(z) - target) · dy, TensorFlow's own: it is the derivative where
    the targets of a sample sum to one. d target = -log softmax(z) · dy.
    """
    surprise, exps, sums = quiet.run(_surprise, logits, axis)
    values = quiet.run(_categorical_losses, target, surprise, axis)

    def to_logits(dy):
        return (exps / sums - target) * _expand(dy, axis)

    return values, (hush(lambda dy: surprise * _expand(dy, axis)), hush(to_logits))


def _surprise(logits, axis):
    """-log softmax, with exp(z - m) and its sums."""
    shifted = logits - np.maximum.reduce(logits, axis, keepdims=True)
    exps = np.exp(shifted)
    sums = np.add.reduce(exps, axis, keepdims=True)
    return np.log(sums) - shifted, exps, sums


def _categorical_losses(target, surprise, axis):
    return np.add.reduce(target * surprise, axis)


@primitive
def categorical_from_probabilities(target: Array, output: Array, axis=-1):
    """-Σ_j target_j · log clip(q_j) with q = p / Σ p.

    dq = -target / q · dy within the bounds, else 0; dp = (dq - Σ dq · q) / Σ p.
    """
    total = quiet.run(np.add.reduce, output, axis, None, None, True)
    share = quiet.run(np.divide, output, total)
    clipped, inside = _clipped(share)
    logs = np.log(clipped)
    values = -quiet.run(lambda: np.add.reduce(target * logs, axis))

    def to_output(dy):
        dq = np.where(
            inside, -target / clipped * _expand(dy, axis), clipped.dtype.type(0)
        )
        return (dq - np.add.reduce(dq * share, axis, keepdims=True)) / total

    return values, (
        hush(lambda dy: -logs * _expand(dy, axis)),
        hush(to_output),
    )


@primitive
def binary_from_logits(target: Array, logits: Array):
    """max(z, 0) - z·target + log(1 + exp(-|z|)). dz = (σ(z) - target) · dy."""
    positive = quiet.run(np.greater_equal, logits, 0)
    decay = np.exp(-np.abs(logits))
    values = quiet.run(
        lambda: np.maximum(logits, 0) - logits * target + np.log1p(decay)
    )

    def to_logits(dy):
        # σ(z) as 1 - tail or tail, added last: so a saturated unit keeps its tail
        tail = decay / (1 + decay)
        return (positive - target + np.where(positive, -tail, tail)) * dy

    return values, (hush(lambda dy: -logits * dy), hush(to_logits))


@primitive
def binary_from_probabilities(target: Array, output: Array):
    """-(target · log q + (1 - target) · log(1 - q)) with q = clip(p).

    dp = ((1 - target) / (1 - q) - target / q) · dy within the bounds, else 0.
    """
    q, inside = _clipped(output)
    log_q, log_rest = np.log(q), np.log(1 - q)
    values = -quiet.run(lambda: target * log_q + (1 - target) * log_rest)

    def to_output(dy):
        slope = (1 - target) / (1 - q) - target / q
        return np.where(inside, slope * dy, q.dtype.type(0))

    return values, (hush(lambda dy: (log_rest - log_q) * dy), hush(to_output))


@primitive
def log_of_clipped(p: Array):
    """log q with q = clip(p). dp = dy / q within the bounds, else 0."""
    q, inside = _clipped(p)
    zero = q.dtype.type(0)
    return np.log(q), (hush(lambda dy: np.where(inside, dy / q, zero)),)


@stays
def integer_labels(target, classes: int):
    """The labels in one row of integers; ValueError for one that is no class."""
    labels = target.ravel()
    if labels.dtype.kind != "i":
        labels = _as_integers(labels)
    # argmin and argmax are the cheapest reductions NumPy has
    if labels.size and not (
        0 <= labels.item(labels.argmin()) and labels.item(labels.argmax()) < classes
    ):
        bad = labels[(labels < 0) | (labels >= classes)][0]
        raise ValueError(
            f"A label is outside the valid range [0, {classes}) that the "
            f"{classes} classes of y_pred allow. Received the label {bad}"
        )
    return labels


def _as_integers(labels):
    if labels.dtype.kind not in "fub":
        raise ValueError(f"Labels must be numbers. Received: dtype {labels.dtype}")
    with np.errstate(invalid="ignore"):
        integers = labels.astype(np.int64)
    if not (integers == labels).all():
        bad = labels[integers != labels][0]
        raise ValueError(f"Labels must be whole numbers. Received the label {bad}")
    return integers


def _expand(dy, axis):
    return dy if type(dy) is float else np.expand_dims(dy, axis)


def _clipped(p):
    """p clipped to [epsilon, 1 - epsilon], and where it already lay there."""
    low, high = p.dtype.type(epsilon()), p.dtype.type(1 - epsilon())
    inside = quiet.run(lambda: (p >= low) & (p <= high))
    return quiet.run(lambda: np.maximum(np.minimum(p, high), low)), inside


def _tensor(x, dtype=None):
    if not isinstance(x, Tensor):
        return Tensor(as_array(x, dtype))
    return x if dtype is None or x.value.dtype == dtype else cast(x, dtype)


def _same_shape(target, output):
    if tuple(target.shape) == tuple(output.shape):
        return
    ranks = len(target.shape) == len(output.shape)
    raise ValueError(
        "Arguments `target` and `output` must have the same "
        f"{'shape' if ranks else 'rank (ndim)'}. "
        f"Received: target.shape={target.shape}, output.shape={output.shape}"
    )


def _logits_of(output, from_logits, made_by, function):
    """(the logits that `output` was made from, True), or (output, from_logits)."""
    logits = getattr(output, "logits", None)
    if logits is None:
        return output, from_logits
    if from_logits:
        warn(
            f'"`{function}` received `from_logits=True`, but the `output` argument was '
            f"produced by a {made_by} activation and thus does not represent logits. "
            "Was this intended?"
        )
    return logits, True
