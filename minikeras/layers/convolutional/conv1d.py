"""Counterpart: keras/src/layers/convolutional/conv1d.py."""

from minikeras.layers.convolutional.base_conv import BaseConv
from minikeras.ops.arguments import standardize_padding


class Conv1D(BaseConv):
    """Convolution over the steps of (batch, steps, channels).

    With padding="causal" as many outputs as with "same", none of which depends on a
    later step.
    """

    dimensions = 1

    @staticmethod
    def _standardize_padding(padding):
        return standardize_padding(padding, ("valid", "same", "causal"))
