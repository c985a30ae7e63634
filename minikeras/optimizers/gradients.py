"""What happens to gradients before the update: made to match, then clipped.

Clipping keeps TensorFlow's order of operations; an infinite or undefined norm
gives NaN where TensorFlow gives NaN.
"""

import functools

import numpy as np

from minikeras.autodiff import IndexedSlices, Slices, Tensor, as_array
from minikeras.autodiff.recording import recording
from minikeras.caller import warn
from minikeras.optimizers.averages import squared


def on_arrays(update_step):
    """An `update_step` that also takes Tensors, which ops in a subclass make of the
    gradient or of the rate before they pass it on."""

    @functools.wraps(update_step)
    def step(self, gradient, variable, learning_rate):
        if recording.trace is not None:
            recording.trace.enter(f"{type(self).__name__}: {variable.path}")
        if isinstance(gradient, Tensor):
            gradient = gradient.value
        if isinstance(learning_rate, Tensor):
            learning_rate = learning_rate.value
        return update_step(self, gradient, variable, learning_rate)

    return step


def match_exactly(grads, variables, known) -> bool:
    """Whether all is as in a training step: one array or slices for each of the
    variables, which are `known`, with its shape and dtype. One cheap pass over the
    usual case."""
    for gradient, variable in zip(grads, variables):  # noqa: B905  # see the last line
        value = variable.value
        if (
            not isinstance(gradient, (np.ndarray, Slices))
            or gradient.shape != value.shape
            or gradient.dtype is not value.dtype
            or variable not in known
        ):
            return False
    return len(grads) == len(variables)


def match_gradients(grads, variables) -> tuple[list, list]:
    """Gradients as arrays of their variables' shape and dtype; None left out."""
    pairs = [
        (_as_gradient(gradient, variable), variable)
        for gradient, variable in zip(grads, variables, strict=True)
        if gradient is not None
    ]
    if not pairs:
        raise ValueError("No gradients provided for any variable.")
    if len(pairs) < len(variables):
        missing = [
            variable.path
            for gradient, variable in zip(grads, variables, strict=True)
            if gradient is None
        ]
        warn(
            f"Gradients do not exist for variables {missing} when minimizing the loss. "
            "If using `model.compile()`, did you forget to provide a `loss` argument?"
        )
    return [gradient for gradient, _ in pairs], [variable for _, variable in pairs]


def _as_gradient(gradient, variable):
    if isinstance(gradient, IndexedSlices):
        gradient = gradient.slices
    array = gradient if isinstance(gradient, Slices) else as_array(gradient)
    if array.dtype.kind not in "fiub" or array.shape != variable.shape:
        raise ValueError(
            f"The gradient of variable {variable.path!r} must be an array of numbers "
            f"of shape {variable.shape}. Received: shape={array.shape}, "
            f"dtype={array.dtype}"
        )
    return array.astype(variable.value.dtype, copy=False)


def clip_by_norm(gradient, limit: float):
    """gradient · limit / max(‖gradient‖, limit): tf.clip_by_norm.

    The norm of slices is that of the list of them, and so in the other two ways."""
    if isinstance(gradient, Slices):
        return gradient.with_values(clip_by_norm(gradient.values, limit))
    norm = np.sqrt(np.sum(gradient * gradient))
    return gradient * limit / np.maximum(norm, limit)


def clip_by_value(gradient, limit: float):
    """Entries below -limit and above limit become these; each slice by itself."""
    if isinstance(gradient, Slices):
        return gradient.with_values(clip_by_value(gradient.values, limit))
    return np.clip(gradient, -limit, limit)


def clip_by_global_norm(gradients: list, limit: float) -> list:
    """Scales all gradients by one factor so that their joint norm is at most `limit`.

    Counterpart: `clip_by_global_norm` in keras/src/optimizers/base_optimizer.py.
    An infinite norm makes every gradient NaN, finite entries too.
    """
    squares = np.stack([np.sum(squared(gradient)) for gradient in gradients])
    norm = np.sqrt(np.sum(squares))
    scale = limit * np.minimum(1 / norm, norm.dtype.type(1 / limit))
    scale = scale + (norm - norm)
    return [(gradient * scale).astype(gradient.dtype) for gradient in gradients]
