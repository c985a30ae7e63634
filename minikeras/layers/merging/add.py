"""Counterpart: keras/src/layers/merging/add.py."""

from minikeras.layers.merging.base_merge import Merge


class Add(Merge):
    """The sum of the inputs."""

    def merge(self, inputs):
        total = inputs[0]
        for x in inputs[1:]:
            total = total + x
        return total


def add(inputs, **kwargs):
    """`Add(**kwargs)(inputs)`."""
    return Add(**kwargs)(inputs)
