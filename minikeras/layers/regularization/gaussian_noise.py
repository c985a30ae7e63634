"""Counterpart: keras/src/layers/regularization/gaussian_noise.py."""

from minikeras.layers.arguments import fraction
from minikeras.layers.layer import Layer
from minikeras.random import SeedGenerator, normal


class GaussianNoise(Layer):
    """In training adds normal numbers with mean 0 and deviation `stddev`.

    `stddev` lies between 0 and 1. Each training call takes the next state of the
    layer's own SeedGenerator.
    """

    _repeats = True  # the noise is an input of a repeated step

    def __init__(self, stddev, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.stddev = fraction("stddev", stddev)
        self.seed = seed
        if stddev > 0:
            self.seed_generator = SeedGenerator(seed)
            self._draws = True
        self.supports_masking = True
        self.built = True

    def call(self, inputs, training=False):
        if not training or self.stddev == 0:
            return inputs
        return inputs + normal(
            inputs.shape, 0.0, self.stddev, self.dtype, self.seed_generator
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"stddev": self.stddev, "seed": self.seed}
