"""Counterpart: keras/src/layers/reshaping/cropping1d.py."""

from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.reshaping.crop import cropped_shape, first_kept
from minikeras.ops import slice
from minikeras.ops.arguments import integer_tuple


class Cropping1D(Layer):
    """(batch, steps, channels) without some of the first and the last steps.

    `cropping` is how many: (first, last), or one number for both. ValueError where
    that leaves none.
    """

    def __init__(self, cropping=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.cropping = integer_tuple("cropping", cropping, 2, least=0)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs):
        shape = self.compute_output_shape(inputs.shape)
        return slice(inputs, first_kept(self._widths()), shape)

    def _widths(self):
        return ((0, 0), self.cropping, (0, 0))

    def compute_output_shape(self, input_shape):
        return cropped_shape(self, input_shape, self._widths())

    def get_config(self):
        return super().get_config() | {"cropping": self.cropping}
