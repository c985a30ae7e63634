"""Counterpart: keras/src/layers/reshaping/zero_padding1d.py."""

from minikeras.config import standardize_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.ops import pad
from minikeras.ops.arguments import integer_tuple


class ZeroPadding1D(Layer):
    """Zeros before and after the steps of (batch, steps, channels).

    `padding` is how many: (before, after), or one number for both.
    """

    def __init__(self, padding=1, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.padding = integer_tuple("padding", padding, 2, least=0)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs):
        widths = [(0, 0)] * 3
        widths[self._axis] = self.padding
        return pad(inputs, widths)

    @property
    def _axis(self):
        return 1 if self.data_format == "channels_last" else 2

    def compute_output_shape(self, input_shape):
        shape = list(input_shape)
        if shape[self._axis] is not None:
            shape[self._axis] += sum(self.padding)
        return tuple(shape)

    def get_config(self):
        return super().get_config() | {
            "padding": self.padding,
            "data_format": self.data_format,
        }
