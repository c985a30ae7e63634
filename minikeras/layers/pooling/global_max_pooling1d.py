"""Counterpart: keras/src/layers/pooling/global_max_pooling1d.py."""

from minikeras.layers.pooling.base_global_pooling import BaseGlobalPooling
from minikeras.ops import max


class GlobalMaxPooling1D(BaseGlobalPooling):
    """The largest number of each channel over the steps: (batch, channels)."""

    dimensions = 1
    reduce = staticmethod(max)
