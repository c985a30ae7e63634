"""Counterpart: keras/src/layers/pooling/global_average_pooling1d.py."""

from minikeras.layers.pooling.base_global_pooling import BaseGlobalPooling
from minikeras.ops import cast, expand_dims, mean, sum, where


class GlobalAveragePooling1D(BaseGlobalPooling):
    """The mean over the steps: (batch, steps, channels) gives (batch, channels).

    With a mask (batch, steps) it is Σ x / n over the n steps that count, and nan
    where none does.
    """

    dimensions = 1
    reduce = staticmethod(mean)

    def __init__(self, data_format=None, keepdims=False, **kwargs):
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        if mask is None:
            return super().call(inputs)
        channels = 2 if self.data_format == "channels_last" else 1
        counts = cast(expand_dims(mask, channels), "bool")
        over = {"axis": self.axes, "keepdims": self.keepdims}
        total = sum(where(counts, inputs, 0), **over)
        return total / sum(cast(counts, inputs.dtype), **over)

    def compute_mask(self, inputs, mask=None):
        return None
