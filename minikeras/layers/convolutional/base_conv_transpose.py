"""Counterpart: keras/src/layers/convolutional/base_conv_transpose.py."""

from minikeras import constraints, initializers, regularizers
from minikeras.layers.arguments import naming
from minikeras.layers.convolutional.convolution import Convolution
from minikeras.limits import positive_integer
from minikeras.ops.arguments import integer_tuple
from minikeras.ops.conv_shapes import (
    check_output_padding,
    check_strides,
    transposed_sizes,
)
from minikeras.ops.conv_transpose import convolve_transposed
from minikeras.registry import serialize


class BaseConvTranspose(Convolution):
    """A convolution backwards: from the size of its output to that of its input.

    kernel (*kernel_size, filters, channels), bias (filters,). `output_padding`
    chooses among the sizes that are possible (`ops.conv_transpose`).
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        output_padding=None,
        data_format=None,
        dilation_rate=1,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
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
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self._set_bias(use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.output_padding = None
        with naming(self):
            self.filters = positive_integer("filters", filters)
            check_strides(self.strides, self.dilation_rate)
            if output_padding is not None:
                self.output_padding = integer_tuple(
                    "output_padding", output_padding, self.dimensions, 0
                )
                window = (self.strides, self.kernel_size, self.padding)
                check_output_padding(self.output_padding, *window, self.dilation_rate)

    def output_channels(self, channels):
        return self.filters

    def output_sizes(self, sizes):
        window = (self.kernel_size, self.strides, self.padding)
        return transposed_sizes(sizes, *window, self.output_padding, self.dilation_rate)

    def _add_kernel(self, channels):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, self.filters, channels),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )

    def convolution(self, inputs):
        return convolve_transposed(
            inputs,
            self.kernel,
            self.bias,
            self.strides,
            self.padding,
            self.output_padding,
            self.data_format,
            self.dilation_rate,
        )

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "output_padding": self.output_padding,
            "kernel_initializer": serialize(self.kernel_initializer),
            "kernel_regularizer": serialize(self.kernel_regularizer),
            "kernel_constraint": serialize(self.kernel_constraint),
        }
