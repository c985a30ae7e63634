"""Counterpart: keras/src/layers/merging/minimum.py."""

from minikeras.layers.merging.base_merge import Merge, fold_unmasked
from minikeras.ops import minimum as smaller


class Minimum(Merge):
    """The smallest of the inputs, masked steps left out."""

    def merge(self, inputs):
        return fold_unmasked(smaller, inputs)


def minimum(inputs, **kwargs):
    """`Minimum(**kwargs)(inputs)`."""
    return Minimum(**kwargs)(inputs)
