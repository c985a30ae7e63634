"""Counterpart: keras/src/layers/regularization/dropout.py."""

from minikeras.layers.arguments import fraction
from minikeras.layers.layer import Layer
from minikeras.random import SeedGenerator, dropout


class Dropout(Layer):
    """In training sets entries to 0 with probability `rate`, scales the rest.

    y = x / (1 - rate) where kept, so that the expected sum stays. `noise_shape`
    has 1 (or None for the input's own size) per axis: masks are shared over axes
    of size 1. Each training call takes the next state of the layer's own
    SeedGenerator, so masks are tf.keras's own.
    """

    def __init__(self, rate, noise_shape=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.rate = fraction("rate", rate)
        self.seed = seed
        self.noise_shape = checked_noise_shape(noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
            self._draws = True
        self.built = True

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        return dropout(inputs, self.rate, self.noise_shape, self.seed_generator)

    @property
    def _repeats(self) -> bool:
        # A mask is an input of a repeated step, with as many rows as the batch has.
        return self.noise_shape is None or self.noise_shape[0] in (None, 1)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {
            "rate": self.rate,
            "seed": self.seed,
            "noise_shape": self.noise_shape,
        }


def checked_noise_shape(noise_shape) -> tuple | None:
    if noise_shape is None:
        return None
    if isinstance(noise_shape, str) or not hasattr(noise_shape, "__iter__"):
        raise ValueError(
            "Invalid value received for argument `noise_shape`. Expected a tuple or "
            f"list of integers. Received: noise_shape={noise_shape!r}"
        )
    for i, size in enumerate(noise_shape):
        if size is not None and (not hasattr(size, "__index__") or size <= 0):
            raise ValueError(
                "Invalid value received for argument `noise_shape`. Expected positive "
                f"integers or None. Received at index {i}: {size!r}"
            )
    return tuple(noise_shape)
