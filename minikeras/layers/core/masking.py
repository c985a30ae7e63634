"""Counterpart: keras/src/layers/core/masking.py."""

from minikeras.layers.layer import Layer
from minikeras.ops import any as any_of
from minikeras.ops import not_equal, squeeze, where


class Masking(Layer):
    """Masks the time steps whose entries are all `mask_value`, and sets them to 0.

    Inputs (batch, time, features); the mask, which the output carries, is
    (batch, time), False at the steps that later layers shall skip.
    """

    def __init__(self, mask_value=0.0, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.mask_value = mask_value
        self.built = True

    def call(self, inputs):
        counts = any_of(not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        outputs = where(counts, inputs, 0)
        outputs._keras_mask = squeeze(counts, axis=-1)
        return outputs

    def compute_mask(self, inputs, mask=None):
        return any_of(not_equal(inputs, self.mask_value), axis=-1)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"mask_value": self.mask_value}
