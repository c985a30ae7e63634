"""Counterpart: keras/src/layers/pooling/average_pooling1d.py."""

from minikeras.layers.pooling.base_pooling import BasePooling
from minikeras.ops import average_pool


class AveragePooling1D(BasePooling):
    """The mean of each window of (batch, steps, channels)."""

    dimensions = 1
    pool = staticmethod(average_pool)
