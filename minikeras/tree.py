"""Counterpart: keras/src/tree/tree_api.py. Nested lists, tuples and dicts of leaves.

Dicts are walked in the order of their sorted keys, an OrderedDict in its own, as
TensorFlow does; every other object, None included, is a leaf.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any


def is_nested(structure: Any) -> bool:
    """True for a list, a tuple or a dict."""
    return isinstance(structure, (list, tuple, dict))


def keys(structure: dict) -> list:
    """The keys of a dict in the order in which it is walked."""
    return list(structure) if isinstance(structure, OrderedDict) else sorted(structure)


def flatten(structure: Any) -> list:
    """The leaves from left to right.

    >>> flatten({"b": [1, 2], "a": (3, None)})
    [3, None, 1, 2]
    """
    if isinstance(structure, dict):
        return [leaf for key in keys(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [leaf for part in structure for leaf in flatten(part)]
    return [structure]


def map_structure(function: Callable, structure: Any, *others: Any) -> Any:
    """The same nest with each leaf replaced by `function(leaf, *leaves of others)`.

    >>> map_structure(lambda x: x + 1, {"a": [1, 2]})
    {'a': [2, 3]}
    """
    if not is_nested(structure):
        return function(structure, *others)
    for other in others:
        if not _alike(structure, other):
            raise ValueError(f"The structures differ: {structure!r} and {other!r}")
    if isinstance(structure, dict):
        mapped = {
            key: map_structure(
                function, structure[key], *(other[key] for other in others)
            )
            for key in keys(structure)
        }
        kind = OrderedDict if isinstance(structure, OrderedDict) else dict
        return kind((key, mapped[key]) for key in structure)
    return _rebuild(
        structure,
        (
            map_structure(function, *parts)
            for parts in zip(structure, *others, strict=True)
        ),
    )


def pack_sequence_as(structure: Any, leaves: Iterable) -> Any:
    """The nest of `structure` filled with `leaves`, in the order of `flatten`."""
    remaining = list(leaves)
    expected = len(flatten(structure))
    if len(remaining) != expected:
        raise ValueError(f"Expected {expected} leaves. Received: {len(remaining)}")
    iterator = iter(remaining)
    return map_structure(lambda _: next(iterator), structure)


def _alike(one: Any, other: Any) -> bool:
    """Whether two nests agree on this level: kind, length, keys."""
    if type(one) is not type(other) or len(one) != len(other):
        return False
    return not isinstance(one, dict) or one.keys() == other.keys()


def _rebuild(like: Any, parts: Iterable) -> Any:
    if hasattr(like, "_fields"):  # a namedtuple takes its fields one by one
        return type(like)(*parts)
    return type(like)(parts)
