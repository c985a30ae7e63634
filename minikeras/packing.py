"""Counterpart: the special cases of keras/src/saving/serialization_lib.py. Values that
are neither plain data nor objects with a config: {"class_name": "__slice__",
"config": {"start": 1, "stop": None, "step": None}}."""

from collections.abc import Callable
from typing import Any

import numpy as np

from minikeras.autodiff import Tensor, as_array
from minikeras.graph import KerasTensor


def pack(obj: Any, serialize: Callable) -> tuple | None:
    """(plain data,) for such a value, None for others."""
    if isinstance(obj, bytes):
        return _entry("bytes", value=obj.decode("utf-8"))
    if isinstance(obj, slice):
        parts = {"start": obj.start, "stop": obj.stop, "step": obj.step}
        return _entry("slice", **serialize(parts))
    if obj is Ellipsis:
        return _entry("ellipsis")
    if isinstance(obj, KerasTensor):
        operation, *place = obj._keras_history
        history = operation and [operation.name, *place]
        config = {"shape": obj.shape, "dtype": obj.dtype, "keras_history": history}
        return _entry("keras_tensor", **config)
    if isinstance(obj, Tensor):
        return _entry("tensor", **_array(as_array(obj)))
    if isinstance(obj, np.ndarray) and obj.ndim:
        return _entry("numpy", **_array(obj))
    if isinstance(obj, (np.ndarray, np.generic)):
        return (obj.item(),)
    return None


def is_packed(kind) -> bool:
    """Whether this class name is one of those."""
    return isinstance(kind, str) and kind.startswith("__") and kind.endswith("__")


def unpack(kind: str, config: Any) -> Any:
    """The value again; ValueError for what is damaged."""
    if kind not in _UNPACK:
        raise ValueError(f"Unknown object: {kind!r}")
    try:
        return _UNPACK[kind](config)
    except (LookupError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(
            f"This describes no {kind!r}: {config!r:.200} ({error})"
        ) from error


_UNPACK: dict[str, Callable] = {
    "__bytes__": lambda config: config["value"].encode("utf-8"),
    "__slice__": lambda config: slice(config["start"], config["stop"], config["step"]),
    "__ellipsis__": lambda config: Ellipsis,
    "__keras_tensor__": lambda config: KerasTensor(
        tuple(config["shape"]), config["dtype"]
    ),
    "__tensor__": lambda config: Tensor(_numbers(config)),
    "__numpy__": lambda config: _numbers(config),
}


def _entry(kind: str, **config) -> tuple[dict]:
    return ({"class_name": f"__{kind}__", "config": config},)


def _array(array: np.ndarray) -> dict:
    if array.dtype.kind not in "biufc":
        raise ValueError(f"Expected numbers. Received: an array of {array.dtype}")
    return {"value": array.tolist(), "dtype": array.dtype.name}


def _numbers(config: dict) -> np.ndarray:
    dtype = np.dtype(config["dtype"])
    if dtype.kind not in "biufc":
        raise ValueError(f"Expected numbers. Received: an array of {dtype}")
    return np.array(config["value"], dtype)
