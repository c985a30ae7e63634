"""Counterpart: keras/src/layers/pooling/global_average_pooling2d.py."""

from minikeras.layers.pooling.base_global_pooling import BaseGlobalPooling
from minikeras.ops import mean


class GlobalAveragePooling2D(BaseGlobalPooling):
    """The mean of each channel over height and width: (batch, channels)."""

    dimensions = 2
    reduce = staticmethod(mean)
