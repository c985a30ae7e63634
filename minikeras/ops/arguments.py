"""Counterpart: keras/src/utils/argument_validation.py. Options of windowed ops."""

import numpy as np


def integer_tuple(name: str, value, count: int, least: int = 1) -> tuple:
    """`value`, an int or `count` of them, as a tuple; ValueError below `least`."""
    parts = (value,) * count if _is_integer(value) else value
    if (
        not isinstance(parts, (tuple, list, np.ndarray))
        or len(parts) != count
        or not all(_is_integer(part) and part >= least for part in parts)
    ):
        raise ValueError(
            f"`{name}` must be an integer from {least} up, or {count} of them. "
            f"Received: {name}={value!r}"
        )
    return tuple(int(part) for part in parts)


def _is_integer(value) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def standardize_padding(padding, allowed=("valid", "same")) -> str:
    """One of `allowed`, however it is capitalised."""
    if str(padding).lower() not in allowed:
        raise ValueError(
            f"`padding` must be one of {', '.join(map(repr, allowed))}. "
            f"Received: padding={padding!r}"
        )
    return padding.lower()


def integer_pairs(name: str, value) -> tuple:
    """((before, after), (before, after)) for two axes, from an int for all four, two
    ints, or two pairs; ValueError for anything else and for negative ones."""
    parts = (value, value) if _is_integer(value) else value
    if not isinstance(parts, (tuple, list, np.ndarray)) or len(parts) != 2:
        raise ValueError(
            f"`{name}` must be an integer, two integers (height, width) or two pairs "
            f"((top, bottom), (left, right)). Received: {name}={value!r}"
        )
    first, second = (integer_tuple(name, part, 2, least=0) for part in parts)
    return first, second
