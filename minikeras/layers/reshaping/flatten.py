"""Counterpart: keras/src/layers/reshaping/flatten.py."""

import math

from minikeras.config import image_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.ops import reshape, transpose


class Flatten(Layer):
    """Joins all axes but the batch's: (batch, a, b) gives (batch, a·b).

    An input (batch,) gives (batch, 1). With data_format="channels_first" the
    channels move last before, so that both formats flatten alike.
    """

    def __init__(self, data_format=None, **kwargs):
        super().__init__(**kwargs)
        data_format = data_format or image_data_format()
        if data_format not in ("channels_last", "channels_first"):
            raise ValueError(
                "The `data_format` argument must be one of 'channels_first', "
                f"'channels_last'. Received: data_format={data_format!r}"
            )
        self.data_format = data_format
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs):
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = transpose(inputs, (0, *range(2, inputs.ndim), 1))
        return reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        features = input_shape[1:]
        return (input_shape[0], None if None in features else math.prod(features))

    def get_config(self):
        return super().get_config() | {"data_format": self.data_format}
