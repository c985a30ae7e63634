"""Counterpart: keras/src/layers/pooling/global_max_pooling2d.py."""

from minikeras.layers.pooling.base_global_pooling import BaseGlobalPooling
from minikeras.ops import max


class GlobalMaxPooling2D(BaseGlobalPooling):
    """The largest number of each channel over height and width: (batch, channels)."""

    dimensions = 2
    reduce = staticmethod(max)
