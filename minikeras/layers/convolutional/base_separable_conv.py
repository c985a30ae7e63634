"""Counterpart: keras/src/layers/convolutional/base_separable_conv.py."""

from minikeras import constraints, initializers, regularizers
from minikeras.layers.arguments import naming
from minikeras.layers.convolutional.convolution import Convolution
from minikeras.limits import positive_integer
from minikeras.ops.conv import convolve, convolve_depthwise
from minikeras.registry import serialize


class BaseSeparableConv(Convolution):
    """A depthwise convolution, then one of kernel size 1 that mixes the channels.

    depthwise_kernel (*kernel_size, channels, depth_multiplier), pointwise_kernel
    (1, …, channels · depth_multiplier, filters), bias (filters,).
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        data_format=None,
        dilation_rate=1,
        depth_multiplier=1,
        activation=None,
        use_bias=True,
        depthwise_initializer="glorot_uniform",
        pointwise_initializer="glorot_uniform",
        bias_initializer="zeros",
        depthwise_regularizer=None,
        pointwise_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        depthwise_constraint=None,
        pointwise_constraint=None,
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
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.pointwise_constraint = constraints.get(pointwise_constraint)
        self._set_bias(use_bias, bias_initializer, bias_regularizer, bias_constraint)
        with naming(self):
            self.depth_multiplier = positive_integer(
                "depth_multiplier", depth_multiplier
            )
            self.filters = positive_integer("filters", filters)

    def output_channels(self, channels):
        return self.filters

    def _add_kernel(self, channels):
        self.depthwise_kernel = self.add_weight(
            name="depthwise_kernel",
            shape=(*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        ones = (1,) * self.dimensions
        self.pointwise_kernel = self.add_weight(
            name="pointwise_kernel",
            shape=(*ones, channels * self.depth_multiplier, self.filters),
            initializer=self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )

    def convolution(self, inputs):
        channels = convolve_depthwise(
            inputs,
            self.depthwise_kernel,
            None,
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )
        ones = (1,) * self.dimensions
        kernel, bias = self.pointwise_kernel, self.bias
        return convolve(channels, kernel, bias, ones, "valid", self.data_format, ones)

    def get_config(self):
        return super().get_config() | {
            "depth_multiplier": self.depth_multiplier,
            "filters": self.filters,
            "depthwise_initializer": serialize(self.depthwise_initializer),
            "pointwise_initializer": serialize(self.pointwise_initializer),
            "depthwise_regularizer": serialize(self.depthwise_regularizer),
            "pointwise_regularizer": serialize(self.pointwise_regularizer),
            "depthwise_constraint": serialize(self.depthwise_constraint),
            "pointwise_constraint": serialize(self.pointwise_constraint),
        }
