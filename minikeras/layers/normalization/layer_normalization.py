"""Counterpart: keras/src/layers/normalization/layer_normalization.py."""

from minikeras import constraints, initializers, regularizers
from minikeras.caller import warn
from minikeras.layers.arguments import integer_axes, real_number, sizes_of_axes
from minikeras.layers.layer import Layer
from minikeras.ops import cast, layer_normalization
from minikeras.ops.shape import canonical_axes
from minikeras.registry import serialize


class LayerNormalization(Layer):
    """gamma·(x - mean) / √(variance + epsilon) + beta, each sample by itself.

    Mean and variance are taken over `axis` (an int or several), whose lengths are
    the shape of gamma and beta. Inputs keep their dtype until the result is cast:
    whole numbers give whole numbers, as in keras/src/ops/nn.py. The deprecated
    `rms_scaling` leaves out mean and beta.
    """

    def __init__(
        self,
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
        self.rms_scaling = kwargs.pop("rms_scaling", False)
        if self.rms_scaling:
            warn(
                "`rms_scaling=True` is deprecated: it divides by the deviation, not "
                "by the root mean square. Use `RMSNormalization` instead."
            )
        super().__init__(**kwargs)
        self.axis = integer_axes(axis)
        self.epsilon = real_number("epsilon", epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.supports_masking = True
        self.autocast = False
        self.gamma = self.beta = None

    def build(self, input_shape):
        # As in Keras the axes are a sorted list from here on, also in the config.
        axes = sorted(self.axis) if isinstance(self.axis, list) else [self.axis]
        shape = sizes_of_axes(self, axes, input_shape)
        self.axis = axes
        self.couples_samples = 0 in canonical_axes(axes, len(input_shape))
        if self.scale or self.rms_scaling:
            self.gamma = self.add_weight(
                name="gamma",
                shape=shape,
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center and not self.rms_scaling:
            self.beta = self.add_weight(
                name="beta",
                shape=shape,
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )

    def call(self, inputs):
        options = {"rms_scaling": True} if self.rms_scaling else {}
        y = layer_normalization(
            inputs, self.gamma, self.beta, self.axis, self.epsilon, **options
        )
        return cast(y, self.dtype)

    def compute_output_shape(self, input_shape):
        sizes_of_axes(self, self.axis, input_shape)
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "rms_scaling": self.rms_scaling,
            "beta_initializer": serialize(self.beta_initializer),
            "gamma_initializer": serialize(self.gamma_initializer),
            "beta_regularizer": serialize(self.beta_regularizer),
            "gamma_regularizer": serialize(self.gamma_regularizer),
            "beta_constraint": serialize(self.beta_constraint),
            "gamma_constraint": serialize(self.gamma_constraint),
        }
