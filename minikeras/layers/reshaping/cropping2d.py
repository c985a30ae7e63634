"""Counterpart: keras/src/layers/reshaping/cropping2d.py."""

from minikeras.config import standardize_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.reshaping.crop import cropped_shape, first_kept
from minikeras.ops import slice
from minikeras.ops.arguments import integer_pairs


class Cropping2D(Layer):
    """The images of (batch, height, width, channels) without a margin.

    `cropping` is ((top, bottom), (left, right)), or (vertical, horizontal), or one
    number for all sides. ValueError where that leaves nothing.
    """

    def __init__(self, cropping=((0, 0), (0, 0)), data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.cropping = integer_pairs("cropping", cropping)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs):
        shape = self.compute_output_shape(inputs.shape)
        return slice(inputs, first_kept(self._widths()), shape)

    def _widths(self):
        if self.data_format == "channels_last":
            return ((0, 0), *self.cropping, (0, 0))
        return ((0, 0), (0, 0), *self.cropping)

    def compute_output_shape(self, input_shape):
        return cropped_shape(self, input_shape, self._widths())

    def get_config(self):
        return super().get_config() | {
            "cropping": self.cropping,
            "data_format": self.data_format,
        }
