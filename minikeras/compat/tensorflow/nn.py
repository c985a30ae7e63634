"""Counterpart: tensorflow/python/ops/nn_ops.py. tf.nn."""

from minikeras import ops
from minikeras.autodiff import Tensor
from minikeras.compat.tensorflow.convert import floats, numbers, same_dtype
from minikeras.compat.tensorflow.math import sigmoid, tanh
from minikeras.ops import crossentropy

__all__ = [
    "elu",
    "gelu",
    "leaky_relu",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "silu",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
]


def relu(features, name=None) -> Tensor:
    """max(x, 0)."""
    return ops.relu(numbers(features, "nn.relu"))


def relu6(features, name=None) -> Tensor:
    """min(max(x, 0), 6)."""
    return ops.relu6(floats(features, "nn.relu6"))


def leaky_relu(features, alpha=0.2, name=None) -> Tensor:
    """x where it is positive, else alpha · x."""
    return ops.leaky_relu(floats(features, "nn.leaky_relu"), negative_slope=alpha)


def elu(features, name=None) -> Tensor:
    """x where it is positive, else e^x - 1."""
    return ops.elu(floats(features, "nn.elu"))


def selu(features, name=None) -> Tensor:
    """elu, scaled so that activations keep mean 0 and variance 1."""
    return ops.selu(floats(features, "nn.selu"))


def gelu(features, approximate=False, name=None) -> Tensor:
    """x · Φ(x), with the normal distribution function or its approximation by tanh."""
    return ops.gelu(floats(features, "nn.gelu"), approximate=approximate)


def silu(features, beta=1.0) -> Tensor:
    """x · sigmoid(beta · x)."""
    features = floats(features, "nn.silu")
    if beta == 1:
        return ops.silu(features)
    return features * sigmoid(beta * features)


swish = silu


def softplus(features, name=None) -> Tensor:
    """log(1 + e^x)."""
    return ops.softplus(floats(features, "nn.softplus"))


def softsign(features, name=None) -> Tensor:
    """x / (1 + |x|)."""
    return ops.softsign(floats(features, "nn.softsign"))


def softmax(logits, axis=None, name=None) -> Tensor:
    """e^x / Σ e^x along an axis, by default the last."""
    axis = -1 if axis is None else int(axis)
    return ops.softmax(_with_axes(logits, "nn.softmax"), axis=axis)


def log_softmax(logits, axis=None, name=None) -> Tensor:
    """x - log Σ e^x along an axis, by default the last."""
    axis = -1 if axis is None else int(axis)
    return ops.log_softmax(_with_axes(logits, "nn.log_softmax"), axis=axis)


def softmax_cross_entropy_with_logits(labels, logits, axis=-1, name=None) -> Tensor:
    """-Σ labels · log_softmax(logits): a loss for each row of class probabilities."""
    logits, labels = same_dtype(_values(logits), labels, "nn")
    return crossentropy.categorical_crossentropy(
        labels, logits, from_logits=True, axis=axis
    )


def sparse_softmax_cross_entropy_with_logits(labels, logits, name=None) -> Tensor:
    """-log_softmax(logits)[label]: a loss for each row with its class number."""
    logits = _values(logits)
    return crossentropy.sparse_categorical_crossentropy(
        labels, logits, from_logits=True
    )


def sigmoid_cross_entropy_with_logits(labels=None, logits=None, name=None) -> Tensor:
    """-labels · log σ(logits) - (1 - labels) · log(1 - σ(logits)) per element."""
    logits, labels = same_dtype(_values(logits), labels, "nn")
    return crossentropy.binary_crossentropy(labels, logits, from_logits=True)


def _values(logits) -> Tensor:
    """The numbers alone. What softmax and sigmoid give carries its own logits, which
    the losses of Keras go back to; TensorFlow's functions take what they are given."""
    tensor = floats(logits, "nn")
    tied = getattr(tensor, "logits", None) is not None
    return ops.reshape(tensor, tensor.shape) if tied else tensor


def _with_axes(x, function: str) -> Tensor:
    tensor = floats(x, function)
    if not tensor.ndim:
        raise ValueError(f"tf.{function} expects at least one axis. Received: {x!r}")
    return tensor
