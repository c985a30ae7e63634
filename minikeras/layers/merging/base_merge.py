"""Counterpart: keras/src/layers/merging/base_merge.py."""

from minikeras.layers.layer import Layer
from minikeras.ops import (
    any,
    broadcast_to,
    expand_dims,
    logical_or,
    where,
)


class Merge(Layer):
    """One tensor from a list of tensors, element by element.

    Subclasses say how in `merge`. Shapes broadcast as in NumPy, except that a
    tensor of lower rank gets its missing axes right after the batch's. The output
    has a mask where all inputs have one: where at least one of theirs is true.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def merge(self, inputs):
        """The result of a list of tensors of one rank."""
        raise NotImplementedError

    def build(self, input_shape):
        self.compute_output_shape(input_shape)

    def call(self, inputs):
        rank = max(x.ndim for x in inputs)
        return self.merge([_with_rank(x, rank) for x in inputs])

    def compute_output_shape(self, input_shape):
        shapes = self.checked_shapes(input_shape)
        batch_sizes = {shape[0] for shape in shapes if shape} - {None}
        if len(batch_sizes) > 1:
            raise self.complaint("inputs of one batch size", shapes)
        sample = shapes[0][1:]
        for shape in shapes[1:]:
            sample = self._broadcast(sample, shape[1:], shapes)
        return (*(batch_sizes or {None}), *sample)

    def _broadcast(self, first, second, shapes) -> tuple:
        rank = max(len(first), len(second))
        pairs = zip(*((1,) * (rank - len(s)) + s for s in (first, second)), strict=True)
        joint: list = []
        for a, b in pairs:
            if None in (a, b):
                joint.append(None)
            elif a == b or 1 in (a, b):
                joint.append(b if a == 1 else a)
            else:
                raise self.complaint("inputs whose shapes broadcast", shapes)
        return tuple(joint)

    def checked_shapes(self, input_shape, count=None) -> list:
        """The shapes of the list of inputs; ValueError if it is none."""
        is_list = isinstance(input_shape, (list, tuple)) and len(input_shape) > 0
        if not is_list or not all(isinstance(s, (list, tuple)) for s in input_shape):
            raise self.complaint("a list of inputs", input_shape)
        if count is not None and len(input_shape) != count:
            raise self.complaint(f"a list of exactly {count} inputs", input_shape)
        return [tuple(shape) for shape in input_shape]

    def complaint(self, expected: str, shapes) -> ValueError:
        return ValueError(
            f"Layer '{self.name}' (of type {type(self).__name__}) expects {expected}. "
            f"Received: input shape {shapes}"
        )

    def compute_mask(self, inputs, mask=None):
        if not self.has_masks(inputs, mask) or None in mask:
            return None
        joint = mask[0]
        for other in mask[1:]:
            joint = logical_or(joint, other)
        return joint

    @staticmethod
    def has_masks(inputs, mask) -> bool:
        """Whether `mask` holds anything; ValueError unless it is one per input."""
        if mask is None:
            return False
        for given, name in ((mask, "mask"), (inputs, "inputs")):
            if not isinstance(given, (list, tuple)):
                raise ValueError(f"`{name}` should be a list. Received: {given!r}")
        if len(mask) != len(inputs):
            raise ValueError(
                "`inputs` and `mask` should be of one length. "
                f"Received: {len(inputs)} inputs and {len(mask)} masks"
            )
        return not all(m is None for m in mask)


def _with_rank(x, rank):
    while x.ndim < rank:
        x = expand_dims(x, 1)
    return x


def own_mask(x):
    """The mask that `x` carries, in the shape of `x`; None if there is none."""
    mask = x._keras_mask
    return None if mask is None else broadcast_to(expand_dims(mask, -1), x.shape)


def with_mask(y, mask):
    """`y` carrying, per step, whether any of the step's elements counts."""
    if mask is not None:
        y._keras_mask = any(mask, axis=-1)
    return y


def fold_unmasked(op, inputs):
    """op over the inputs, where an element that a mask rules out takes no part.

    For ops without a neutral element: it takes the other side's value instead.
    """
    y, mask = inputs[0], own_mask(inputs[0])
    for x in inputs[1:]:
        other = own_mask(x)
        if other is not None:
            x = where(other, x, y)
        if mask is not None:
            y = where(mask, y, x)
        both = mask is not None and other is not None
        mask = logical_or(mask, other) if both else None
        y = op(y, x)
    return with_mask(y, mask)
