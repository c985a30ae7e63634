"""Counterpart: keras/src/layers/pooling/average_pooling2d.py."""

from minikeras.layers.pooling.base_pooling import BasePooling
from minikeras.ops import average_pool


class AveragePooling2D(BasePooling):
    """The mean of each window of (batch, height, width, channels)."""

    dimensions = 2
    pool = staticmethod(average_pool)
