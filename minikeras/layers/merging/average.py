"""Counterpart: keras/src/layers/merging/average.py."""

from minikeras.layers.merging.base_merge import Merge


class Average(Merge):
    """The mean of the inputs."""

    def merge(self, inputs):
        total = inputs[0]
        for x in inputs[1:]:
            total = total + x
        return total / len(inputs)


def average(inputs, **kwargs):
    """`Average(**kwargs)(inputs)`."""
    return Average(**kwargs)(inputs)
