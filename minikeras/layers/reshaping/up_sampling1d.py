"""Counterpart: keras/src/layers/reshaping/up_sampling1d.py."""

from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.limits import positive_integer
from minikeras.ops.image import repeat_each


class UpSampling1D(Layer):
    """Each step `size` times: (batch, steps, channels) gets `size` times as long."""

    def __init__(self, size=2, **kwargs):
        super().__init__(**kwargs)
        self.size = positive_integer("size", size)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs):
        return repeat_each(inputs, self.size, 1)

    def compute_output_shape(self, input_shape):
        batch, steps, channels = input_shape
        return (batch, None if steps is None else steps * self.size, channels)

    def get_config(self):
        return super().get_config() | {"size": self.size}
