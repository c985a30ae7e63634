"""Counterpart: keras/src/layers/activations/softmax.py."""

from minikeras.activations import softmax
from minikeras.layers.layer import Layer
from minikeras.ops import exp, logsumexp, where


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
            keep = self._kept(mask, inputs)
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

    def _kept(self, mask, inputs):
        """The mask as booleans: numbers above 1/2 are True."""
        # From the right, each axis of the mask must be 1 or that of the input.
        pairs = zip(mask.shape[::-1], inputs.shape[::-1], strict=False)
        if mask.ndim > inputs.ndim or any(m not in (1, n) for m, n in pairs):
            raise ValueError(
                f"The mask of layer '{self.name}' must broadcast to its input. A mask "
                "of time steps needs one more axis of size 1 for an input with "
                f"features. Received: mask.shape={tuple(mask.shape)}, "
                f"inputs.shape={tuple(inputs.shape)}"
            )
        return mask if mask.dtype == "bool" else mask > 0.5

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"axis": self.axis}
