"""Counterpart: keras/src/layers/convolutional/separable_conv2d.py."""

from minikeras.layers.convolutional.base_separable_conv import BaseSeparableConv


class SeparableConv2D(BaseSeparableConv):
    """Pixels first, each channel by itself; then the channels are mixed."""

    dimensions = 2
