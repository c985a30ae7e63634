"""Counterpart: keras/src/layers/convolutional/conv2d.py."""

from minikeras.layers.convolutional.base_conv import BaseConv


class Conv2D(BaseConv):
    """Convolution over height and width of (batch, height, width, channels)."""

    dimensions = 2
