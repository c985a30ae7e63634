"""Counterpart: keras/src/backend/config.py. Settings that numbers depend on."""

from typing import Any

import numpy as np

FLOAT_DTYPES = ("float16", "float32", "float64")

_settings: dict[str, Any] = {
    "floatx": "float32",
    "layer_dtype": None,
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
    "traceback_filtering": True,
}


def floatx() -> str:
    """The default float dtype: of initial values, losses, metrics and data; and of
    layers, if it was set before the first of them was made (`layer_dtype`)."""
    return _settings["floatx"]


def set_floatx(value: str) -> None:
    """Sets the default float dtype: "float16", "float32" or "float64"."""
    if value not in FLOAT_DTYPES:
        raise ValueError(
            f"Unknown floatx. Expected one of {FLOAT_DTYPES}. Received: {value!r}"
        )
    _settings["floatx"] = str(value)


def layer_dtype() -> str:
    """The dtype of layers that name none: what `floatx()` was when the first of them
    was made (Keras's dtype policy, which `clear_session` forgets)."""
    if _settings["layer_dtype"] is None:
        _settings["layer_dtype"] = floatx()
    return _settings["layer_dtype"]


def forget_layer_dtype() -> None:
    """Lets the next layer that names no dtype choose anew."""
    _settings["layer_dtype"] = None


def epsilon() -> float:
    """The fuzz factor that keeps logarithms and divisions finite (1e-7)."""
    return _settings["epsilon"]


def set_epsilon(value: float) -> None:
    """Sets the fuzz factor that `epsilon()` returns."""
    _settings["epsilon"] = value


def image_data_format() -> str:
    """Where images keep their channels unless a layer says otherwise."""
    return _settings["image_data_format"]


def set_image_data_format(data_format: str) -> None:
    """Sets the default image layout: "channels_last" or "channels_first"."""
    allowed = ("channels_last", "channels_first")
    if data_format not in allowed:
        raise ValueError(
            f"Unknown image data format. Expected one of {allowed}. "
            f"Received: {data_format!r}"
        )
    _settings["image_data_format"] = str(data_format)


def enable_traceback_filtering() -> None:
    """Errors in `fit` and the like show the user's lines alone: the default."""
    _settings["traceback_filtering"] = True


def disable_traceback_filtering() -> None:
    """Errors in `fit` and the like show every line of minikeras on the way, too."""
    _settings["traceback_filtering"] = False


def is_traceback_filtering_enabled() -> bool:
    """Whether errors in `fit` and the like leave out the lines of minikeras."""
    return _settings["traceback_filtering"]


def standardize_data_format(data_format) -> str:
    """ "channels_last" or "channels_first" however capitalised; None: the default."""
    if data_format is None:
        return image_data_format()
    if str(data_format).lower() not in ("channels_last", "channels_first"):
        raise ValueError(
            "`data_format` must be one of 'channels_last', 'channels_first'. "
            f"Received: data_format={data_format!r}"
        )
    return data_format.lower()


def backend() -> str:
    """The name of the array library underneath: always "numpy"."""
    return "numpy"


def standardize_dtype(dtype) -> str:
    """The name of a dtype however it is spelled; None means `floatx()`."""
    if dtype is None:
        return floatx()
    if type(dtype) is str and dtype in FLOAT_DTYPES:
        return dtype
    try:
        return np.dtype(getattr(dtype, "name", dtype)).name
    except TypeError as error:
        raise ValueError(f"Invalid dtype: {dtype!r}") from error
