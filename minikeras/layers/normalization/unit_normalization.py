"""Counterpart: keras/src/layers/normalization/unit_normalization.py."""

from minikeras.layers.arguments import integer_axes, sizes_of_axes
from minikeras.layers.layer import Layer
from minikeras.ops import normalize


class UnitNormalization(Layer):
    """x / √Σx² over `axis` (an int or several): of length 1."""

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = integer_axes(axis)
        self.supports_masking = True
        # An axis counted from the end may turn out to be the batch's.
        axes = self.axis if isinstance(self.axis, list) else [self.axis]
        self.couples_samples = any(a == 0 or a < -1 for a in axes)
        self.built = True

    def call(self, inputs):
        sizes_of_axes(self, self.axis, inputs.shape)
        return normalize(inputs, axis=self.axis, order=2, epsilon=1e-12)

    def compute_output_shape(self, input_shape):
        sizes_of_axes(self, self.axis, input_shape)
        return input_shape

    def get_config(self):
        return super().get_config() | {"axis": self.axis}
