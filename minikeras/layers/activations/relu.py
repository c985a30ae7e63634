"""Counterpart: keras/src/layers/activations/relu.py."""

from minikeras.activations import relu
from minikeras.layers.arguments import non_negative
from minikeras.layers.layer import Layer


class ReLU(Layer):
    """x from `threshold` up to `max_value`; negative_slope·(x - threshold) below.

    The arguments must not be negative, or ValueError; max_value=None is no limit.
    """

    def __init__(self, max_value=None, negative_slope=0.0, threshold=0.0, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        if max_value is not None:
            non_negative("max_value", max_value)
        self.max_value = max_value
        self.negative_slope = non_negative("negative_slope", negative_slope)
        self.threshold = non_negative("threshold", threshold)
        self.built = True

    def call(self, inputs):
        return relu(
            inputs,
            negative_slope=self.negative_slope,
            max_value=self.max_value,
            threshold=self.threshold,
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }
