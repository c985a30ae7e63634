"""Counterpart: keras/src/layers/normalization/group_normalization.py."""

from minikeras import constraints, initializers, regularizers
from minikeras.layers.arguments import integer_axis, real_number, sizes_of_axes
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.limits import positive_integer
from minikeras.ops import cast, reshape
from minikeras.ops.dtypes import result_type
from minikeras.ops.normalization import normalize_layer
from minikeras.registry import serialize


class GroupNormalization(Layer):
    """gamma·(x - mean) / √(variance + epsilon) + beta for each group of channels.

    The channels on `axis` are split into `groups` equal parts (-1: one channel
    each), and each sample's group has mean and variance of its own.
    """

    def __init__(
        self,
        groups=32,
        axis=-1,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        **kwargs,
    ):
        self.groups = groups if groups == -1 else positive_integer("groups", groups)
        super().__init__(**kwargs)
        self.supports_masking = True
        self.autocast = False
        self.axis = integer_axis(axis)
        self.epsilon = real_number("epsilon", epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma = self.beta = None

    def build(self, input_shape):
        (channels,) = shape = sizes_of_axes(self, self.axis, input_shape)
        if channels is None:
            raise ValueError(
                f"Axis {self.axis} of layer '{self.name}' must have a known length. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        if self.groups == -1:
            self.groups = channels  # as in Keras also in the config from here on
        if channels % self.groups:
            raise ValueError(
                f"The {channels} channels of layer '{self.name}' cannot be split into "
                f"{self.groups} equal groups. Received: input_shape="
                f"{tuple(input_shape)}"
            )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})
        if self.scale:
            self.gamma = self.add_weight(
                name="gamma",
                shape=shape,
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center:
            self.beta = self.add_weight(
                name="beta",
                shape=shape,
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )

    def call(self, inputs):
        shape, ndim = inputs.shape, inputs.ndim
        axis = self.axis % ndim
        grouped = (self.groups, shape[axis] // self.groups)
        x = cast(inputs, result_type(inputs.dtype, "float32"))
        x = reshape(x, (*shape[:axis], *grouped, *shape[axis + 1 :]))
        own = tuple(a for a in range(1, ndim + 1) if a != axis)
        y = reshape(normalize_layer(x, None, None, own, self.epsilon), shape)
        along = tuple(-1 if a == axis else 1 for a in range(ndim))
        if self.gamma is not None:
            y = y * cast(reshape(self.gamma, along), x.dtype)
        if self.beta is not None:
            y = y + cast(reshape(self.beta, along), x.dtype)
        return cast(cast(y, inputs.dtype), self.dtype)

    def compute_output_shape(self, input_shape):
        sizes_of_axes(self, self.axis, input_shape)
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "groups": self.groups,
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": serialize(self.beta_initializer),
            "gamma_initializer": serialize(self.gamma_initializer),
            "beta_regularizer": serialize(self.beta_regularizer),
            "gamma_regularizer": serialize(self.gamma_regularizer),
            "beta_constraint": serialize(self.beta_constraint),
            "gamma_constraint": serialize(self.gamma_constraint),
        }
