"""Counterpart: keras/src/layers/activations/elu.py."""

from minikeras.activations import elu
from minikeras.layers.layer import Layer
from minikeras.limits import number


class ELU(Layer):
    """x for x > 0, alpha·(exp(x) - 1) below."""

    def __init__(self, alpha=1.0, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.alpha = number("alpha", alpha, "(-inf, inf)")
        self.built = True

    def call(self, inputs):
        return elu(inputs, alpha=self.alpha)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"alpha": self.alpha}
