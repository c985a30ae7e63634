"""Counterpart: keras/src/layers/convolutional/base_conv.py."""

from minikeras import constraints, initializers, regularizers
from minikeras.layers.arguments import naming
from minikeras.layers.convolutional.convolution import Convolution
from minikeras.limits import positive_integer
from minikeras.ops.conv import convolve
from minikeras.ops.conv_shapes import check_strides
from minikeras.registry import serialize


class BaseConv(Convolution):
    """Convolution with `filters` kernels, in `groups` of channels.

    kernel (*kernel_size, channels / groups, filters), bias (filters,). ValueError
    if `groups` divides not both channels and filters, or if strides and dilation
    are both above 1. Keras's LoRA and quantisation are left out on purpose.
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        data_format=None,
        dilation_rate=1,
        groups=1,
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
        with naming(self):
            self.filters = positive_integer("filters", filters)
            self.groups = positive_integer("groups", groups)
            check_strides(self.strides, self.dilation_rate)
            if self.filters % self.groups:
                raise ValueError(
                    "`groups` must divide `filters`. Received: "
                    f"groups={groups}, filters={filters}"
                )

    def output_channels(self, channels):
        if channels % self.groups:
            raise ValueError(
                f"Layer '{self.name}': `groups` must divide the number of channels. "
                f"Received: groups={self.groups}, an input with {channels} channels"
            )
        return self.filters

    def _add_kernel(self, channels):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, channels // self.groups, self.filters),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )

    def convolution(self, inputs):
        return convolve(
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
            "filters": self.filters,
            "groups": self.groups,
            "kernel_initializer": serialize(self.kernel_initializer),
            "kernel_regularizer": serialize(self.kernel_regularizer),
            "kernel_constraint": serialize(self.kernel_constraint),
        }
