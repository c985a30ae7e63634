"""Counterpart: keras/src/backend/common/dtypes.py. Which dtype a result has.

An op's inputs are arrays, NumPy scalars and Python numbers. Python numbers are
weak, as in NumPy 2: they take the dtype of what they meet. But where NumPy
would widen int32 + float32 to float64, Keras keeps the float's own width.
"""

import numpy as np

from minikeras.autodiff import as_array
from minikeras.config import floatx

_PYTHON = frozenset([float, int, bool])
_NUMBERS = "fiub"


def result_type(*dtypes) -> np.dtype:
    """The common dtype; `int` and `float` themselves stand for weak numbers.

    Floats win over ints, ints over bool. Within a kind the wider wins; ints that
    no int can hold (uint64 with int64) give `floatx()`.

    >>> result_type("int64", "float16"), result_type("int8", float)
    (dtype('float16'), dtype('float32'))
    """
    strong = [np.dtype(d) for d in dtypes if d is not int and d is not float]
    for dtype in strong:
        if dtype.kind not in _NUMBERS:
            raise ValueError(f"Expected numbers. Received an array of dtype {dtype}")
    floats = [d for d in strong if d.kind == "f"]
    if floats:
        return np.result_type(*floats)
    integers = [d for d in strong if d.kind in "iu"]
    common = np.result_type(*integers) if integers else None
    if any(d is float for d in dtypes) or (common is not None and common.kind == "f"):
        return np.dtype(floatx())
    if common is not None:
        return common
    weak_int = any(d is int for d in dtypes)
    return np.dtype("int" + floatx()[-2:] if weak_int else "bool")


def dtype_of(x):
    """What `result_type` wants to know of `x`: its dtype, or a weak Python type."""
    return type(x) if type(x) in _PYTHON else number(x).dtype


def number(x):
    """`x` as an array or NumPy scalar; ValueError for None, text and objects."""
    if type(x) in _PYTHON:
        return as_array(x)
    if x is None or x.dtype.kind not in _NUMBERS:
        received = "None" if x is None else f"{x!r} (of dtype {x.dtype})"
        raise ValueError(f"Expected numbers. Received: {received}")
    return x


def as_float(x):
    """`x` in floating point: ints, bools and Python numbers become `floatx()`."""
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return x
    x = number(x)
    return x if x.dtype.kind == "f" else x.astype(floatx())


def as_wide_float(x):
    """`as_float`, except that int64 becomes float64, as in a few of Keras's ops."""
    x = number(x)
    return x.astype("float64") if x.dtype == np.int64 else as_float(x)


def as_dtype(x, dtype):
    """`x` as an array of `dtype`, itself where it already is one."""
    return x if getattr(x, "dtype", None) is dtype else as_array(x, dtype)


def promote(x1, x2):
    """Both operands of a binary op, ready for NumPy to give Keras's dtype."""
    weak1, weak2 = type(x1) in _PYTHON, type(x2) in _PYTHON
    try:
        if not (weak1 or weak2):
            if x1.dtype is x2.dtype:
                return x1, x2
        elif not (weak1 and weak2) and (x2 if weak1 else x1).dtype.kind == "f":
            return x1, x2
    except AttributeError:
        number(x1 if x1 is None else x2)
    dtype = result_type(dtype_of(x1), dtype_of(x2))
    return as_dtype(x1, dtype), as_dtype(x2, dtype)


def promote_floats(x1, x2):
    """`promote` for ops that have no integer form: two ints become `floatx()`."""
    x1, x2 = promote(x1, x2)
    strong = x2 if type(x1) in _PYTHON else x1
    if strong.dtype.kind == "f":
        return x1, x2
    return as_float(x1), as_float(x2)
