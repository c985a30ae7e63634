"""Checks of single arguments: an impossible value is refused, by name."""

import numpy as np


def is_number(value) -> bool:
    """Whether it is a real number of Python's or NumPy's; True and False are none."""
    numbers = (int, float, np.integer, np.floating)
    return isinstance(value, numbers) and not isinstance(value, bool)


def number(name: str, value, interval: str):
    """`value` as a Python number if it lies in `interval`, else ValueError.

    >>> number("momentum", 0.9, "[0, 1]")
    0.9
    >>> number("momentum", 1.5, "[0, 1]")
    Traceback (most recent call last):
        ...
    ValueError: `momentum` must be a number in [0, 1]. Received: momentum=1.5
    """
    low, high = (float(end) for end in interval[1:-1].split(","))
    if is_number(value):
        above = low <= value if interval[0] == "[" else low < value
        below = value <= high if interval[-1] == "]" else value < high
        if above and below:  # NaN is neither
            return value.item() if isinstance(value, np.generic) else value
    raise ValueError(
        f"`{name}` must be a number in {interval}. Received: {name}={value!r}"
    )


def optional_number(name: str, value, interval: str):
    """`number`, or None."""
    return None if value is None else number(name, value, interval)


def positive_integer(name: str, value) -> int:
    """`value` as a Python int; ValueError unless it is an integer above 0."""
    is_integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_integer or value <= 0:
        raise ValueError(
            f"Received an invalid value for `{name}`, expected a positive integer. "
            f"Received: {name}={value!r}"
        )
    return int(value)
