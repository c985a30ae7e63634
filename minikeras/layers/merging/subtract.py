"""Counterpart: keras/src/layers/merging/subtract.py."""

from minikeras.layers.merging.base_merge import Merge


class Subtract(Merge):
    """The first of two inputs less the second."""

    def merge(self, inputs):
        first, second = inputs
        return first - second

    def checked_shapes(self, input_shape, count=2):
        return super().checked_shapes(input_shape, count)


def subtract(inputs, **kwargs):
    """`Subtract(**kwargs)(inputs)`."""
    return Subtract(**kwargs)(inputs)
