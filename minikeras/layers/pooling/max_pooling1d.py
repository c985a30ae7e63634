"""Counterpart: keras/src/layers/pooling/max_pooling1d.py."""

from minikeras.layers.pooling.base_pooling import BasePooling
from minikeras.ops import max_pool


class MaxPooling1D(BasePooling):
    """The largest number of each window of (batch, steps, channels)."""

    dimensions = 1
    pool = staticmethod(max_pool)

    def __init__(
        self,
        pool_size=2,
        strides=None,
        padding="valid",
        data_format=None,
        name=None,
        **kwargs,
    ):
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)
