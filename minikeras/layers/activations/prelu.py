"""Counterpart: keras/src/layers/activations/prelu.py."""

from minikeras import constraints, initializers, regularizers
from minikeras.activations import relu
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.registry import serialize


class PReLU(Layer):
    """x for x ≥ 0, alpha·x below, with a learned alpha per entry of a sample.

    `shared_axes` lists axes (1 is the first after the batch) along which one
    alpha serves all entries.
    """

    def __init__(
        self,
        alpha_initializer="Zeros",
        alpha_regularizer=None,
        alpha_constraint=None,
        shared_axes=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        if shared_axes is not None and not isinstance(shared_axes, (list, tuple)):
            shared_axes = [shared_axes]
        self.shared_axes = None if shared_axes is None else list(shared_axes)

    def build(self, input_shape):
        shared = self.shared_axes or []
        axes = range(1, len(input_shape))
        self.alpha = self.add_weight(
            name="alpha",
            shape=[1 if axis in shared else input_shape[axis] for axis in axes],
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        own = {axis: input_shape[axis] for axis in axes if axis not in shared}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=own if shared else {})

    def call(self, inputs):
        return relu(inputs) - self.alpha * relu(-inputs)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "alpha_initializer": serialize(self.alpha_initializer),
            "alpha_regularizer": serialize(self.alpha_regularizer),
            "alpha_constraint": serialize(self.alpha_constraint),
            "shared_axes": self.shared_axes,
        }
