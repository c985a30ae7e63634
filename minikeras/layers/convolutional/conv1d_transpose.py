"""Counterpart: keras/src/layers/convolutional/conv1d_transpose.py."""

from minikeras.layers.convolutional.base_conv_transpose import BaseConvTranspose


class Conv1DTranspose(BaseConvTranspose):
    """`Conv1D` backwards: more steps from fewer."""

    dimensions = 1
