"""Counterpart: keras/src/layers/regularization/gaussian_dropout.py."""

import math

from minikeras.layers.arguments import below_one, fraction
from minikeras.layers.layer import Layer
from minikeras.random import SeedGenerator, normal


class GaussianDropout(Layer):
    """In training multiplies with normal numbers of mean 1.

    Their deviation √(rate / (1 - rate)) is that of dropout with this `rate`; so a
    rate of 1 is refused in training.
    """

    _repeats = True  # the noise is an input of a repeated step

    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate = fraction("rate", rate)
        self.seed = seed
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
            self._draws = True
        self.supports_masking = True
        self.built = True

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        rate = below_one(self, self.rate)
        deviation = math.sqrt(rate / (1.0 - rate))
        return inputs * normal(
            inputs.shape, 1.0, deviation, self.dtype, self.seed_generator
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"rate": self.rate, "seed": self.seed}
