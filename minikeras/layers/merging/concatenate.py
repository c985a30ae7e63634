"""Counterpart: keras/src/layers/merging/concatenate.py."""

from minikeras.layers.merging.base_merge import Merge
from minikeras.ops import any, expand_dims, logical_and, ones_like
from minikeras.ops import concatenate as join


class Concatenate(Merge):
    """The inputs one after the other along `axis`; elsewhere their shapes agree.

    A step counts in the output's mask if any of its elements does; an input
    without a mask counts everywhere.
    """

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs):
        return join(inputs, axis=self.axis)

    def compute_output_shape(self, input_shape):
        shapes = self.checked_shapes(input_shape)
        rank = len(shapes[0])
        if any_differ([len(s) for s in shapes]) or not -rank <= self.axis < rank:
            raise self.complaint(f"inputs of one rank with axis {self.axis}", shapes)
        joined = []
        for axis, lengths in enumerate(zip(*shapes, strict=True)):
            known = [n for n in lengths if n is not None]
            if axis == self.axis % rank:
                joined.append(None if None in lengths else sum(lengths))
            elif any_differ(known):
                raise self.complaint(
                    f"inputs whose shapes agree but for axis {self.axis}", shapes
                )
            else:
                joined.append(known[0] if known else None)
        return tuple(joined)

    def compute_mask(self, inputs, mask=None):
        if not self.has_masks(inputs, mask):
            return None
        parts = []
        for x, part in zip(inputs, mask, strict=True):
            if part is None:
                part = ones_like(x, dtype="bool")
            elif part.ndim < x.ndim:
                part = logical_and(expand_dims(part, -1), ones_like(x, dtype="bool"))
            parts.append(part)
        return any(join(parts, axis=self.axis), axis=-1)

    def get_config(self):
        return super().get_config() | {"axis": self.axis}


def any_differ(values) -> bool:
    return len(set(values)) > 1


def concatenate(inputs, axis=-1, **kwargs):
    """`Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis=axis, **kwargs)(inputs)
