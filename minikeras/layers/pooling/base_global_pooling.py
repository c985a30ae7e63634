"""Counterpart: keras/src/layers/pooling/base_global_pooling.py."""

from minikeras.config import standardize_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer


class BaseGlobalPooling(Layer):
    """One number for each channel: (batch, …, channels) gives (batch, channels).

    Subclasses say which in `reduce`, an op like `ops.max`, and how many axes it
    joins in `dimensions`. These stay, with length 1, if `keepdims`.
    """

    dimensions: int

    @staticmethod
    def reduce(inputs, axis, keepdims):
        raise NotImplementedError

    def __init__(self, data_format=None, keepdims=False, **kwargs):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.keepdims = keepdims
        first = 1 if self.data_format == "channels_last" else 2
        self.axes = tuple(range(first, first + self.dimensions))
        self.input_spec = InputSpec(ndim=self.dimensions + 2)
        self.built = True

    def call(self, inputs):
        return self.reduce(inputs, axis=self.axes, keepdims=self.keepdims)

    def compute_output_shape(self, input_shape):
        kept = [1 if axis in self.axes else n for axis, n in enumerate(input_shape)]
        if not self.keepdims:
            kept = [n for axis, n in enumerate(kept) if axis not in self.axes]
        return tuple(kept)

    def get_config(self):
        return super().get_config() | {
            "data_format": self.data_format,
            "keepdims": self.keepdims,
        }
