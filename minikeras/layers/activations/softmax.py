"""Counterpart: keras/src/layers/activations/softmax.py."""

from minikeras.activations import softmax
from minikeras.layers.layer import Layer
from minikeras.ops import cast, exp, logsumexp, where


class Softmax(Layer):
    """exp(x) / sum(exp(x)) along `axis`, an integer or a list of them.

    Where the optional `mask` is False the result is 0, and the others sum to 1.
    """

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.axis = axis
        self.built = True

    def call(self, inputs, mask=None):
        if mask is not None:
            keep = cast(mask, "bool")
            # -1e9 as in Keras: a row of masked entries stays finite.
            inputs = where(keep, inputs, -3e4 if inputs.dtype == "float16" else -1e9)
        axis = self.axis
        if isinstance(axis, (list, tuple)) and len(axis) == 1:
            axis = axis[0]
        if isinstance(axis, (list, tuple)):
            outputs = exp(inputs - logsumexp(inputs, axis=tuple(axis), keepdims=True))
        else:
            outputs = softmax(inputs, axis=axis)
        return outputs if mask is None else where(keep, outputs, 0.0)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"axis": self.axis}
