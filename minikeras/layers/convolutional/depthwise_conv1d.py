"""Counterpart: keras/src/layers/convolutional/depthwise_conv1d.py."""

from minikeras.layers.convolutional.base_depthwise_conv import BaseDepthwiseConv


class DepthwiseConv1D(BaseDepthwiseConv):
    """Each channel of (batch, steps, channels) convolved by itself."""

    dimensions = 1
