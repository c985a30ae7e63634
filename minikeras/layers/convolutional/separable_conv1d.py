"""Counterpart: keras/src/layers/convolutional/separable_conv1d.py."""

from minikeras.layers.convolutional.base_separable_conv import BaseSeparableConv


class SeparableConv1D(BaseSeparableConv):
    """Steps first, each channel by itself; then the channels are mixed."""

    dimensions = 1
