"""Counterpart: keras/src/layers/convolutional/depthwise_conv2d.py."""

from minikeras.layers.convolutional.base_depthwise_conv import BaseDepthwiseConv


class DepthwiseConv2D(BaseDepthwiseConv):
    """Each channel of (batch, height, width, channels) convolved by itself."""

    dimensions = 2
