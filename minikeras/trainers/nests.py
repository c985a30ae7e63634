"""What goes into and comes out of a repeated computation: nests of Tensors, in a row.

A reader of the maths can skip this file, as the two that use it (step_replay.py and
models/call_replay.py).
"""

from minikeras import tree
from minikeras.autodiff import Tensor


def key_of(structure, values: list):
    """What a program depends on: the kinds, keys, shapes and dtypes of a nest, whose
    arrays are added to `values`. None if a leaf is no Tensor or has a mask."""
    if type(structure) is Tensor:
        if structure._keras_mask is not None:
            return None
        value = structure.value
        values.append(value)
        return value.shape, value.dtype.num
    if isinstance(structure, dict):
        names = tree.keys(structure)
        parts = [structure[name] for name in names]
    elif isinstance(structure, (list, tuple)):
        names, parts = [], list(structure)
    else:
        return None
    keys = [key_of(part, values) for part in parts]
    if None in keys:
        return None
    return type(structure), tuple(names), tuple(keys)


class Answer:
    """How the outputs of a model are made again: their nest, and which of them carry
    logits. `tensors` has the outputs and these logits in a row."""

    def __init__(self, y):
        self.tensors: list[Tensor] = []
        self._marks: list[tuple[bool, bool]] = []
        for leaf in tree.flatten(y):
            logits = getattr(leaf, "logits", None)
            self.tensors += [leaf] if logits is None else [leaf, logits]
            softmax = getattr(leaf, "is_softmax", False)
            self._marks.append((logits is not None, softmax))
        self._is_nested = tree.is_nested(y)
        self._nest = tree.map_structure(lambda _: None, y)

    @classmethod
    def of(cls, y):
        """None for outputs with masks, and for what is no Tensor."""
        leaves = tree.flatten(y)
        plain = all(type(x) is Tensor and x._keras_mask is None for x in leaves)
        return cls(y) if plain else None

    def made(self, values: list):
        """The outputs of these values; what follows them is not looked at."""
        remaining = iter(values)
        leaves = []
        for has_logits, is_softmax in self._marks:
            leaf = Tensor(next(remaining))
            if has_logits:
                leaf.logits = Tensor(next(remaining))
            if is_softmax:
                leaf.is_softmax = True
            leaves.append(leaf)
        if self._is_nested:
            return tree.pack_sequence_as(self._nest, leaves)
        return leaves[0]
