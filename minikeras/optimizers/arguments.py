"""Checks of constructor arguments: an impossible value is refused, by name."""

import math

import numpy as np

from minikeras.caller import warn
from minikeras.signature import arguments_of, keyword_hint


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
    if _is_number(value):
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


def optional_count(name: str, value, least: int):
    """`value` as an int of at least `least`; 0 and None mean "off" and are kept."""
    if not value and _is_number(value) or value is None:
        return value
    if isinstance(value, (int, np.integer)) and value >= least:
        return int(value)
    raise ValueError(
        f"`{name}` must be an integer >= {least} or None. Received: {name}={value!r}"
    )


def learning_rate_number(value):
    """A constant learning rate: finite and not negative (0 freezes the weights)."""
    if _is_number(value) and 0 <= value < math.inf:
        return float(value)
    raise ValueError(
        "`learning_rate` must be a finite number >= 0, a LearningRateSchedule or a "
        f"function without arguments. Received: learning_rate={value!r}"
    )


def _is_number(value) -> bool:
    numbers = (int, float, np.integer, np.floating)
    return isinstance(value, numbers) and not isinstance(value, bool)


def old_arguments(learning_rate, kwargs: dict, cls: type):
    """Takes `lr` as the old name of `learning_rate`; refuses unknown arguments."""
    if kwargs.pop("decay", None) is not None:
        warn("Argument `decay` is no longer supported and will be ignored.")
    lr = kwargs.pop("lr", None)
    if kwargs:
        raise ValueError(
            f"Argument(s) not recognized: {kwargs}."
            + keyword_hint(kwargs, arguments_of(cls))
        )
    if lr is None:
        return learning_rate
    warn(
        "Argument `lr` is the old name of `learning_rate`. Keras 3 refuses it.",
        DeprecationWarning,
    )
    return lr
