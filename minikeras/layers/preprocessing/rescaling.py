"""Counterpart: keras/src/layers/preprocessing/rescaling.py."""

import numpy as np

from minikeras.autodiff import as_array
from minikeras.config import image_data_format
from minikeras.layers.layer import Layer
from minikeras.ops import cast
from minikeras.registry import serialize


class Rescaling(Layer):
    """x·scale + offset, in training as in inference; whole numbers become floats.

    `scale` and `offset` are numbers, or a list with one per channel. (With the image
    format "channels_first" that list of `scale` is laid along the channels; `offset`
    is not, as in Keras.)
    """

    def __init__(self, scale, offset=0.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset
        for name, value in (("scale", scale), ("offset", offset)):
            if value is None or as_array(value).dtype.kind not in "fiub":
                raise ValueError(
                    f"Layer '{self.name}' expects numbers as `{name}`. "
                    f"Received: {name}={value!r}"
                )
        self.supports_masking = True

    def call(self, inputs):
        scale = np.asarray(as_array(self.scale), self.dtype)
        if scale.ndim and image_data_format() == "channels_first":
            scale = scale.reshape(scale.shape + (1,) * (3 - scale.ndim))
        offset = np.asarray(as_array(self.offset), self.dtype)
        # Plain numbers stand in the text of a program, arrays above it.
        scale, offset = (v if v.ndim else v.item() for v in (scale, offset))
        return cast(inputs, self.dtype) * scale + offset

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "scale": serialize(self.scale),
            "offset": serialize(self.offset),
        }
