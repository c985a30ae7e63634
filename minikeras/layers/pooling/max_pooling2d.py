"""Counterpart: keras/src/layers/pooling/max_pooling2d.py."""

from minikeras.layers.pooling.base_pooling import BasePooling
from minikeras.ops import max_pool


class MaxPooling2D(BasePooling):
    """The largest number of each window of (batch, height, width, channels)."""

    dimensions = 2
    pool = staticmethod(max_pool)

    def __init__(
        self,
        pool_size=(2, 2),
        strides=None,
        padding="valid",
        data_format=None,
        name=None,
        **kwargs,
    ):
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)
