"""Counterpart: tensorflow/python/framework/dtypes.py. The dtypes as objects."""

import contextlib

import numpy as np


class DType:
    """A dtype that prints as TensorFlow's and that NumPy takes too.

    It equals, with the same hash, the NumPy dtype of the same name, so it can be
    compared with the `dtype` of a tensor or an array; it also equals the name.

    >>> print(float32, repr(float32), float32 == np.zeros(1, float32).dtype)
    <dtype: 'float32'> tf.float32 True
    """

    __slots__ = ("dtype",)  # under this name NumPy looks for what it understands

    def __init__(self, name: str):
        self.dtype = np.dtype(name)

    @property
    def name(self) -> str:
        return self.dtype.name

    @property
    def as_numpy_dtype(self) -> type:
        return self.dtype.type

    @property
    def is_floating(self) -> bool:
        return self.dtype.kind == "f"

    @property
    def is_integer(self) -> bool:
        return self.dtype.kind in "iu"

    @property
    def is_bool(self) -> bool:
        return self.dtype.kind == "b"

    @property
    def size(self) -> int:
        """Bytes per number."""
        return self.dtype.itemsize

    @property
    def min(self):
        """The smallest number."""
        return _limits(self.dtype).min

    @property
    def max(self):
        """The largest number."""
        return _limits(self.dtype).max

    def __eq__(self, other) -> bool:
        try:
            return self.dtype == as_dtype(other).dtype
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __repr__(self) -> str:
        return f"tf.{self.name}"


def as_dtype(type_value) -> DType:
    """The DType of a name, of a NumPy dtype or scalar type, of `float` or `bool`.

    `float` means float32, as everywhere in TensorFlow. TypeError for anything
    else, `int` included.
    """
    if isinstance(type_value, DType):
        return type_value
    if type_value is float:
        return float32
    if type_value is not None and type_value is not int:  # == would ask np.dtype
        with contextlib.suppress(KeyError, TypeError):
            return _BY_DTYPE[np.dtype(type_value).newbyteorder("=")]
    raise TypeError(
        f"Expected a dtype: one of {', '.join(dtype.name for dtype in _ALL)}. "
        f"Received: {type_value!r}"
    )


def _limits(dtype: np.dtype):
    return np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)


float16 = half = DType("float16")
float32 = DType("float32")
float64 = double = DType("float64")
int8 = DType("int8")
int16 = DType("int16")
int32 = DType("int32")
int64 = DType("int64")
uint8 = DType("uint8")
uint16 = DType("uint16")
uint32 = DType("uint32")
uint64 = DType("uint64")
bool_ = DType("bool")  # exported as tf.bool

_ALL = [float16, float32, float64, int8, int16, int32, int64]
_ALL += [uint8, uint16, uint32, uint64, bool_]
_BY_DTYPE = {dtype.dtype: dtype for dtype in _ALL}
