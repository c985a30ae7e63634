"""Counterpart: keras/src/layers/reshaping/reshape.py."""

import math

import numpy as np

from minikeras.layers.layer import Layer
from minikeras.ops import reshape


class Reshape(Layer):
    """The same numbers of each sample in another shape, (batch, *target_shape).

    One length may be -1 (or None): what is left for it. ValueError where the
    numbers do not fit.
    """

    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = _checked(target_shape)
        self.built = True

    def call(self, inputs):
        return reshape(inputs, self.compute_output_shape(inputs.shape))

    def compute_output_shape(self, input_shape):
        lengths = [-1 if n is None else n for n in self.target_shape]
        if None in input_shape[1:]:
            return (input_shape[0], *(None if n == -1 else n for n in lengths))
        total = math.prod(input_shape[1:])
        known = math.prod(n for n in lengths if n != -1)
        rest = total // known if known else 0
        shape = [rest if n == -1 else n for n in lengths]
        if math.prod(shape) != total or (-1 in lengths and not known):
            raise ValueError(
                f"Layer '{self.name}': the numbers of a sample must fit into "
                f"target_shape={self.target_shape}. "
                f"Received: input shape {tuple(input_shape)}"
            )
        return (input_shape[0], *shape)

    def get_config(self):
        return super().get_config() | {"target_shape": self.target_shape}


def _checked(target_shape) -> tuple:
    shape = target_shape
    if (
        not isinstance(shape, (tuple, list, np.ndarray))
        or not all(n is None or isinstance(n, (int, np.integer)) for n in shape)
        or any(n is not None and n < -1 for n in shape)
        or sum(n in (None, -1) for n in shape) > 1
    ):
        raise ValueError(
            "`target_shape` must be a tuple of lengths, of which one may be -1. "
            f"Received: target_shape={target_shape!r}"
        )
    return tuple(n if n is None else int(n) for n in shape)
