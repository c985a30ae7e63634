"""What all convolution layers share: the kernel's window, the activation, the bias."""

from math import prod

from minikeras import activations, constraints, initializers, regularizers
from minikeras.config import standardize_data_format
from minikeras.layers.arguments import naming
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.ops.arguments import integer_tuple, standardize_padding
from minikeras.ops.conv_shapes import conv_sizes, join_shape, split_shape
from minikeras.registry import serialize
from minikeras.room import MOST_ENTRIES, Refused


class Convolution(Layer):
    """activation(inputs ∗ kernel + bias), over `dimensions` axes (1 or 2).

    Subclasses make the kernel in `_add_kernel(channels)`, convolve in
    `convolution(inputs)`, which adds the bias, and say in `output_channels(channels)`
    how many channels come out. They call `_set_bias` after they have made their
    kernel's initializers: the order of construction decides the seeds.
    """

    dimensions: int
    bias = None

    def __init__(
        self,
        kernel_size,
        strides,
        padding,
        data_format,
        dilation_rate,
        activation,
        activity_regularizer,
        **kwargs,
    ):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        axes = self.dimensions
        with naming(self):
            self.kernel_size = integer_tuple("kernel_size", kernel_size, axes)
            self.strides = integer_tuple("strides", strides, axes)
            self.dilation_rate = integer_tuple("dilation_rate", dilation_rate, axes)
            self.padding = self._standardize_padding(padding)
            self.data_format = standardize_data_format(data_format)
        self.activation = activations.get(activation)
        self.input_spec = InputSpec(ndim=axes + 2)

    @staticmethod
    def _standardize_padding(padding) -> str:
        return standardize_padding(padding)

    def _set_bias(self, use_bias, initializer, regularizer, constraint):
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(initializer)
        self.bias_regularizer = regularizers.get(regularizer)
        self.bias_constraint = constraints.get(constraint)

    def build(self, input_shape):
        self.compute_output_shape(input_shape)  # before there are weights
        _, channels = split_shape(input_shape, self.data_format)
        if channels is None:
            raise ValueError(
                f"Layer '{self.name}': the number of channels must be known. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        self._add_kernel(channels)
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.output_channels(channels),),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = InputSpec(ndim=self.dimensions + 2, axes={axis: channels})

    def call(self, inputs):
        self.compute_output_shape(inputs.shape)  # names the layer where none fits
        outputs = self.convolution(inputs)
        if self.activation is not activations.linear:
            outputs = self.activation(outputs)
        return outputs

    def compute_output_shape(self, input_shape):
        if len(input_shape) != self.dimensions + 2:
            raise ValueError(
                f"Layer '{self.name}': expected an input of rank {self.dimensions + 2}."
                f" Received: input_shape={tuple(input_shape)}"
            )
        sizes, channels = split_shape(input_shape, self.data_format)
        return join_shape(
            input_shape[0],
            self.output_sizes(sizes),
            None if channels is None else self.output_channels(channels),
            self.data_format,
        )

    def output_sizes(self, sizes):
        """How many outputs there are along each axis; None for open ones."""
        window = (self.kernel_size, self.strides, self.padding, self.dilation_rate)
        return conv_sizes(sizes, *window, owner=f"Layer '{self.name}': ")

    def _shapes_needed(self, input_shape):
        if prod(self.kernel_size) > MOST_ENTRIES:  # they are taken one by one
            raise Refused(
                f"Refused: the kernel of layer '{self.name}' of a model from a file "
                f"may have {MOST_ENTRIES} places. Received: {self.kernel_size}"
            )
        sizes, channels = split_shape(input_shape, self.data_format)
        spans = zip(sizes, self.kernel_size, self.dilation_rate, strict=True)
        padded = [n + rate * (length - 1) for n, length, rate in spans]
        batch, *_ = input_shape
        padded = join_shape(batch, padded, channels, self.data_format)
        return [*super()._shapes_needed(input_shape), padded]

    def output_channels(self, channels):
        raise NotImplementedError

    def convolution(self, inputs):
        raise NotImplementedError

    def _add_kernel(self, channels):
        raise NotImplementedError

    def get_config(self):
        regularizer = serialize(self.activity_regularizer)
        return super().get_config() | {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "bias_initializer": serialize(self.bias_initializer),
            "bias_regularizer": serialize(self.bias_regularizer),
            "activity_regularizer": regularizer,
            "bias_constraint": serialize(self.bias_constraint),
        }
