"""Checks of layer arguments, each with the message that a user needs."""

import warnings
from contextlib import contextmanager

import numpy as np


def positive_integer(name: str, value) -> int:
    """`value` as a Python int; ValueError unless it is an integer above 0."""
    is_integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_integer or value <= 0:
        raise ValueError(
            f"Received an invalid value for `{name}`, expected a positive integer. "
            f"Received: {name}={value!r}"
        )
    return int(value)


def non_negative(name: str, value) -> float:
    """`value`; ValueError unless it is a number from 0 up."""
    if value is None or not value >= 0:
        raise ValueError(
            f"{name} cannot be None or a negative value. Received: {name}={value!r}"
        )
    return value


def renamed(old: str, new: str, kwargs: dict, value):
    """The value given under an argument's old name, with a warning, else `value`."""
    if old not in kwargs:
        return value
    warnings.warn(
        f"Argument `{old}` is deprecated. Use `{new}` instead.",
        DeprecationWarning,
        stacklevel=3,
    )
    return kwargs.pop(old)


@contextmanager
def naming(layer):
    """A block whose ValueErrors name the layer."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"Layer '{layer.name}': {error}") from error
