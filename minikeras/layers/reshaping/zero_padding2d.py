"""Counterpart: keras/src/layers/reshaping/zero_padding2d.py."""

from minikeras.config import standardize_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.ops import pad
from minikeras.ops.arguments import integer_pairs


class ZeroPadding2D(Layer):
    """Zeros around the images of (batch, height, width, channels).

    `padding` is ((top, bottom), (left, right)), or (vertical, horizontal), or one
    number for all sides.
    """

    def __init__(self, padding=(1, 1), data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.padding = integer_pairs("padding", padding)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs):
        return pad(inputs, self._widths())

    def _widths(self):
        if self.data_format == "channels_last":
            return ((0, 0), *self.padding, (0, 0))
        return ((0, 0), (0, 0), *self.padding)

    def compute_output_shape(self, input_shape):
        return tuple(
            None if n is None else n + sum(width)
            for n, width in zip(input_shape, self._widths(), strict=True)
        )

    def get_config(self):
        return super().get_config() | {
            "padding": self.padding,
            "data_format": self.data_format,
        }
