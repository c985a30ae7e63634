"""Counterpart: keras/src/layers/activations/leaky_relu.py."""

from minikeras.activations import leaky_relu
from minikeras.layers.arguments import non_negative, renamed
from minikeras.layers.layer import Layer


class LeakyReLU(Layer):
    """x for x ≥ 0, negative_slope·x below. `alpha` is the slope's old name."""

    def __init__(self, negative_slope=0.3, **kwargs):
        negative_slope = renamed("alpha", "negative_slope", kwargs, negative_slope)
        super().__init__(**kwargs)
        self.supports_masking = True
        self.negative_slope = non_negative("negative_slope", negative_slope)
        self.built = True

    def call(self, inputs):
        return leaky_relu(inputs, negative_slope=self.negative_slope)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"negative_slope": self.negative_slope}
