"""Counterpart: keras/backend (the public module). Names that older scripts look for."""

import numpy as np

from minikeras.config import (
    FLOAT_DTYPES,
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
    standardize_dtype,
)
from minikeras.graph import is_keras_tensor
from minikeras.naming import get_uid, reset_uids
from minikeras.ops.dtypes import result_type as _result_type
from minikeras.utils import clear_session

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "reset_uids",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]


def is_float_dtype(dtype) -> bool:
    """Whether a dtype, however spelled, is float16, float32 or float64."""
    return standardize_dtype(dtype) in FLOAT_DTYPES


def is_int_dtype(dtype) -> bool:
    """Whether a dtype, however spelled, is an integer one (bool is none)."""
    return np.dtype(standardize_dtype(dtype)).kind in "iu"


def result_type(*dtypes) -> str:
    """The name of the dtype that these have in common."""
    return _result_type(*dtypes).name if dtypes else floatx()
