"""Counterpart: keras/src/layers/merging/maximum.py."""

from minikeras.layers.merging.base_merge import Merge, fold_unmasked
from minikeras.ops import maximum as larger


class Maximum(Merge):
    """The largest of the inputs, masked steps left out."""

    def merge(self, inputs):
        return fold_unmasked(larger, inputs)


def maximum(inputs, **kwargs):
    """`Maximum(**kwargs)(inputs)`."""
    return Maximum(**kwargs)(inputs)
