"""Checks of layer arguments, each with the message that a user needs, and of calls."""

from contextlib import contextmanager

import numpy as np

from minikeras.autodiff import Tensor
from minikeras.caller import warn
from minikeras.graph import KerasTensor
from minikeras.limits import is_number
from minikeras.signature import parameters


def non_negative(name: str, value) -> float:
    """`value`; ValueError unless it is a number from 0 up."""
    if not is_number(value) or not value >= 0:
        raise ValueError(
            f"`{name}` must be a number from 0 up. Received: {name}={value!r}"
        )
    return value


def renamed(old: str, new: str, kwargs: dict, value):
    """The value given under an argument's old name, with a warning, else `value`."""
    if old not in kwargs:
        return value
    warn(f"Argument `{old}` is deprecated. Use `{new}` instead.", DeprecationWarning)
    return kwargs.pop(old)


@contextmanager
def naming(layer):
    """A block whose ValueErrors name the layer."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"Layer '{layer.name}': {error}") from error


def real_number(name: str, value) -> float:
    """`value` as a Python float; ValueError unless it is a finite number."""
    if is_number(value) and np.isfinite(value):
        return float(value)
    raise ValueError(
        f"Received an invalid value for `{name}`, expected a finite number. "
        f"Received: {name}={value!r}"
    )


def fraction(name: str, value):
    """`value`; ValueError unless it is a number from 0 to 1."""
    if isinstance(value, (int, float, np.integer, np.floating)) and 0 <= value <= 1:
        return value
    raise ValueError(
        f"Invalid value received for argument `{name}`. Expected a float value "
        f"between 0 and 1. Received: {name}={value!r}"
    )


def integer_axis(axis) -> int:
    """`axis` as a Python int; ValueError unless it is one."""
    if isinstance(axis, (int, np.integer)) and not isinstance(axis, bool):
        return int(axis)
    raise ValueError(f"Expected an integer for `axis`. Received: axis={axis!r}")


def integer_axes(axis):
    """`axis`, an int or a list of them; ValueError for anything else."""
    if isinstance(axis, (list, tuple)):
        return [integer_axis(a) for a in axis]
    return integer_axis(axis)


def sizes_of_axes(layer, axis, input_shape) -> tuple:
    """The lengths of an input's axes; ValueError, naming the layer, if one is missing
    or named twice."""
    axes = axis if isinstance(axis, (list, tuple)) else (axis,)
    ndim = len(input_shape)
    for a in axes:
        if not -ndim <= a < ndim:
            raise ValueError(
                f"Axis {a} of layer '{layer.name}' is out of bounds for input shape "
                f"{tuple(input_shape)}. Received: axis={axis}"
            )
    if len({a % ndim for a in axes}) < len(axes):
        raise ValueError(
            f"Layer '{layer.name}' is to normalize an axis twice, with input shape "
            f"{tuple(input_shape)}. Received: axis={axis}"
        )
    return tuple(input_shape[a] for a in axes)


def below_one(layer, rate):
    """`rate`, whose noise has no bounds at 1; ValueError, naming the layer, there."""
    if rate < 1:
        return rate
    raise ValueError(
        f"Layer '{layer.name}' needs a rate below 1 in training. Received: rate={rate}"
    )


def legacy_input_shape(kwargs: dict) -> tuple | None:
    """Takes Keras 2's `input_shape` or `input_dim` out of `kwargs`, with a warning."""
    shape = kwargs.pop("input_shape", None)
    if "input_dim" in kwargs:
        shape = (kwargs.pop("input_dim"),)
    if shape is None:
        return None
    warn(
        "Do not pass an `input_shape`/`input_dim` argument to a layer. When using "
        "Sequential models, prefer using an `Input(shape)` object as the first layer "
        "in the model instead."
    )
    return tuple(shape)


def first_by_place(call, kwargs: dict) -> tuple[tuple, dict]:
    """Moves the input that was given by keyword to the first place."""
    name = parameters(call)[1:2]
    inputs = tuple(kwargs[n] for n in name if n in kwargs)
    return inputs, {n: value for n, value in kwargs.items() if n not in name}


def is_array(x) -> bool:
    """An ndarray or what can become one, such as a DataFrame; not a single number."""
    others = (Tensor, KerasTensor, np.generic)
    if isinstance(x, np.ndarray):
        return True
    return hasattr(x, "__array__") and not isinstance(x, others)
