"""Counterpart: keras/src/layers/convolutional/base_depthwise_conv.py."""

from minikeras import constraints, initializers, regularizers
from minikeras.layers.arguments import naming
from minikeras.layers.convolutional.convolution import Convolution
from minikeras.limits import positive_integer
from minikeras.ops.conv import convolve_depthwise
from minikeras.registry import serialize


class BaseDepthwiseConv(Convolution):
    """`depth_multiplier` kernels for each channel, which stays by itself.

    kernel (*kernel_size, channels, depth_multiplier), bias and outputs
    channels · depth_multiplier. Strides go with a dilation here.
    """

    def __init__(
        self,
        kernel_size,
        strides=1,
        padding="valid",
        depth_multiplier=1,
        data_format=None,
        dilation_rate=1,
        activation=None,
        use_bias=True,
        depthwise_initializer="glorot_uniform",
        bias_initializer="zeros",
        depthwise_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        depthwise_constraint=None,
        bias_constraint=None,
        **kwargs,
    ):
        super().__init__(
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            activity_regularizer,
            **kwargs,
        )
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self._set_bias(use_bias, bias_initializer, bias_regularizer, bias_constraint)
        with naming(self):
            self.depth_multiplier = positive_integer(
                "depth_multiplier", depth_multiplier
            )

    def output_channels(self, channels):
        return channels * self.depth_multiplier

    def _add_kernel(self, channels):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )

    def convolution(self, inputs):
        return convolve_depthwise(
            inputs,
            self.kernel,
            self.bias,
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )

    def get_config(self):
        return super().get_config() | {
            "depth_multiplier": self.depth_multiplier,
            "depthwise_initializer": serialize(self.depthwise_initializer),
            "depthwise_regularizer": serialize(self.depthwise_regularizer),
            "depthwise_constraint": serialize(self.depthwise_constraint),
        }
