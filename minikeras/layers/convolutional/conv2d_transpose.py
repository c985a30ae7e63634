"""Counterpart: keras/src/layers/convolutional/conv2d_transpose.py."""

from minikeras.layers.convolutional.base_conv_transpose import BaseConvTranspose


class Conv2DTranspose(BaseConvTranspose):
    """`Conv2D` backwards: a larger image from a smaller one."""

    dimensions = 2
