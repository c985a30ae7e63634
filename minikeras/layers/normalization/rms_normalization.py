"""Counterpart: keras/src/layers/normalization/rms_normalization.py."""

from minikeras.layers.arguments import integer_axes, real_number, sizes_of_axes
from minikeras.layers.layer import Layer
from minikeras.ops import rms_normalization
from minikeras.ops.shape import canonical_axes


class RMSNormalization(Layer):
    """scale·x / √(mean x² + epsilon), the mean over `axis` (an int or several).

    `scale` has the lengths of `axis` and is broadcast along the last axes, whichever
    `axis` says: that is right for the last ones alone (keras/src/ops/nn.py).
    """

    def __init__(self, axis=-1, epsilon=1e-6, **kwargs):
        super().__init__(**kwargs)
        self.axis = integer_axes(axis)
        self.epsilon = real_number("epsilon", epsilon)

    def build(self, input_shape):
        # As in Keras the axes are a sorted list from here on, also in the config.
        axes = sorted(self.axis) if isinstance(self.axis, list) else [self.axis]
        shape = sizes_of_axes(self, axes, input_shape)
        self.axis = axes
        self.couples_samples = 0 in canonical_axes(axes, len(input_shape))
        self.scale = self.add_weight(name="scale", shape=shape, initializer="ones")

    def call(self, x):
        return rms_normalization(x, self.scale, self.axis, self.epsilon)

    def compute_output_shape(self, input_shape):
        sizes_of_axes(self, self.axis, input_shape)
        return input_shape

    def get_config(self):
        return super().get_config() | {"axis": self.axis, "epsilon": self.epsilon}
