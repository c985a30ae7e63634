"""Counterpart: keras/src/layers/reshaping/permute.py."""

from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.ops import transpose

_MOST_AXES = 64  # of NumPy's arrays


class Permute(Layer):
    """The axes of each sample in another order: Permute((2, 1)) exchanges two.

    `dims` names each axis once, counted from 1 (0 is the batch), or ValueError.
    """

    def __init__(self, dims, **kwargs):
        super().__init__(**kwargs)
        listed = isinstance(dims, (tuple, list)) and len(dims) < _MOST_AXES
        if not listed or any(axis + 1 not in dims for axis in range(len(dims))):
            raise ValueError(
                "`dims` must name each axis but the batch's once, counted from 1. "
                f"Received: dims={dims!r}"
            )
        self.dims = tuple(dims)
        self.input_spec = InputSpec(ndim=len(dims) + 1)

    def call(self, inputs):
        return transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[axis] for axis in (0, *self.dims))

    def get_config(self):
        return super().get_config() | {"dims": self.dims}
