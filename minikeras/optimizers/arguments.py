"""Checks of constructor arguments: an impossible value is refused, by name."""

import math

import numpy as np

from minikeras.caller import warn
from minikeras.limits import is_number
from minikeras.signature import arguments_of, keyword_hint


def optional_count(name: str, value, least: int):
    """`value` as an int of at least `least`; 0 and None mean "off" and are kept."""
    if not value and is_number(value) or value is None:
        return value
    if isinstance(value, (int, np.integer)) and value >= least:
        return int(value)
    raise ValueError(
        f"`{name}` must be an integer >= {least} or None. Received: {name}={value!r}"
    )


def learning_rate_number(value):
    """A constant learning rate: finite; below 0 the steps go uphill, as in Keras."""
    if is_number(value) and abs(value) < math.inf:
        return float(value)
    raise ValueError(
        "`learning_rate` must be a finite number, a LearningRateSchedule or a "
        f"function without arguments. Received: learning_rate={value!r}"
    )


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
