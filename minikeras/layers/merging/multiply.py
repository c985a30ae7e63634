"""Counterpart: keras/src/layers/merging/multiply.py."""

from minikeras.layers.merging.base_merge import Merge, own_mask, with_mask
from minikeras.ops import cast, logical_or, where


class Multiply(Merge):
    """The product of the inputs.

    A masked step counts as 1; where all inputs have masks, steps that none of them
    counts give 0.
    """

    def merge(self, inputs):
        masks = [own_mask(x) for x in inputs]
        product = None
        for x, mask in zip(inputs, masks, strict=True):
            if mask is not None:
                x = where(mask, x, cast(1, x.dtype))
            product = x if product is None else product * x
        if None in masks:
            return product
        joint = masks[0]
        for mask in masks[1:]:
            joint = logical_or(joint, mask)
        return with_mask(where(joint, product, cast(0, product.dtype)), joint)


def multiply(inputs, **kwargs):
    """`Multiply(**kwargs)(inputs)`."""
    return Multiply(**kwargs)(inputs)
