"""Counterpart: keras/src/layers/pooling/base_pooling.py."""

from minikeras.config import standardize_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.ops.arguments import integer_tuple, standardize_padding
from minikeras.ops.pool import pooled_sizes


class BasePooling(Layer):
    """One number for each window of the input and each channel.

    Subclasses say which in `pool`, an op like `ops.max_pool`, and how many axes
    the windows have in `dimensions`. `strides` is the pool size by default.
    """

    dimensions: int

    @staticmethod
    def pool(inputs, pool_size, strides, padding, data_format):
        raise NotImplementedError

    def __init__(
        self,
        pool_size,
        strides=None,
        padding="valid",
        data_format=None,
        name=None,
        **kwargs,
    ):
        super().__init__(name=name, **kwargs)
        self.pool_size = integer_tuple("pool_size", pool_size, self.dimensions)
        strides = self.pool_size if strides is None else strides
        self.strides = integer_tuple("strides", strides, self.dimensions)
        self.padding = standardize_padding(padding)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.dimensions + 2)
        self.built = True

    def call(self, inputs):
        self.compute_output_shape(inputs.shape)  # names the layer where none fits
        return self.pool(
            inputs, self.pool_size, self.strides, self.padding, self.data_format
        )

    def compute_output_shape(self, input_shape):
        axis = 1 if self.data_format == "channels_last" else 2
        end = axis + self.dimensions
        sizes = pooled_sizes(
            input_shape[axis:end],
            self.pool_size,
            self.strides,
            self.padding,
            owner=f"Layer '{self.name}': ",
        )
        return (*input_shape[:axis], *sizes, *input_shape[end:])

    def _shapes_needed(self, input_shape):
        windows = (input_shape[0], *self.pool_size)  # "same" padding makes room for one
        return [*super()._shapes_needed(input_shape), windows]

    def get_config(self):
        return super().get_config() | {
            "pool_size": self.pool_size,
            "padding": self.padding,
            "strides": self.strides,
            "data_format": self.data_format,
        }
