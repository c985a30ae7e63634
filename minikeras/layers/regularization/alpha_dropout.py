"""Counterpart: keras/src/layers/regularization/alpha_dropout.py."""

from minikeras.layers.arguments import below_one, fraction
from minikeras.layers.layer import Layer
from minikeras.layers.regularization.dropout import checked_noise_shape
from minikeras.random import SeedGenerator, dropout_mask
from minikeras.random.draws import drawn

# -alpha·scale of selu: what it gives far below 0
_FLOOR = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946


class AlphaDropout(Layer):
    """In training sets entries to selu's lowest value f with probability `rate`.

    y = a·(x where kept, else f) + b, with a = ((1 - rate)(1 + rate·f²))^-½ and
    b = -a·f·rate, so that mean 0 and variance 1 stay. `noise_shape` as in Dropout.
    A rate of 1 is refused in training.
    """

    def __init__(self, rate, noise_shape=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate = fraction("rate", rate)
        self.seed = seed
        checked_noise_shape(noise_shape)
        self.noise_shape = noise_shape
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        rate = below_one(self, self.rate)
        sizes = inputs.shape
        if self.noise_shape is not None:
            sizes = [
                n if given is None else given
                for n, given in zip(sizes, self.noise_shape, strict=True)
            ]
        kept = drawn(dropout_mask, tuple(sizes), rate, self.seed_generator)
        kept = kept.value.astype(inputs.dtype)
        a = ((1 - rate) * (1 + rate * _FLOOR**2)) ** -0.5
        return (inputs * kept + _FLOOR * (1 - kept)) * a + -a * _FLOOR * rate

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "rate": self.rate,
            "seed": self.seed,
            "noise_shape": self.noise_shape,
        }
