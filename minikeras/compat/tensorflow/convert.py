"""How Python values become tensors in TensorFlow: by its rules, not by Keras's.

Counterpart: tensorflow/python/framework/constant_op.py and tensor_conversion.py.
"""

import numpy as np

from minikeras import ops, tree
from minikeras.autodiff import Tensor, Variable
from minikeras.compat.tensorflow.dtype import DType, as_dtype
from minikeras.ops.core import as_new_tensor

_NUMBERS = "fiub"


def convert_to_tensor(value, dtype=None, dtype_hint=None, name=None) -> Tensor:
    """A Tensor of a number, a list, an array or a Tensor.

    NumPy values keep their dtype; Python floats become float32 and ints int32
    (int64 where they need it). A Tensor of another dtype than `dtype` raises
    ValueError, as there: `tf.cast` it. `dtype_hint` holds for Python values only.
    """
    if isinstance(value, Tensor):
        if dtype is not None and as_dtype(dtype) != value.dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {as_dtype(dtype).name} for Tensor "
                f"with dtype {value.dtype}: {value!r}"
            )
        return identity(value) if isinstance(value, Variable) else value
    if isinstance(value, (list, tuple)) and _holds_tensors(value):
        return ops.stack([convert_to_tensor(part, dtype) for part in value])
    if isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "__array__"):
        array = np.asarray(value)
        wanted = array.dtype.newbyteorder("=") if dtype is None else dtype
    else:
        array = _from_python(value)
        wanted = dtype or dtype_hint or _python_dtype(value, array)
        if dtype is not None and not _keeps_kind(array.dtype.kind, as_dtype(dtype)):
            raise TypeError(f"Cannot convert {value!r} to a Tensor of dtype {dtype!r}")
    if array.dtype.kind not in _NUMBERS:
        raise ValueError(f"Expected numbers. Received: {value!r}")
    return Tensor(array.astype(as_dtype(wanted).dtype))


def constant(value, dtype=None, shape=None, name="Const") -> Tensor:
    """`convert_to_tensor`; with `shape`, one number fills it and more are reshaped."""
    tensor = convert_to_tensor(value, dtype)
    if shape is None:
        return tensor
    shape = dimensions(shape)
    if tensor.size == 1:
        return Tensor(np.full(shape, tensor.value))
    if tensor.size != np.prod(shape):
        raise TypeError(
            f"Expected a value with as many elements as the shape has. "
            f"Received: shape={shape} and {tensor.size} elements"
        )
    return Tensor(tensor.value.reshape(shape))


def cast(x, dtype, name=None) -> Tensor:
    """`x` as another dtype; floats lose their fraction on the way to ints."""
    tensor = convert_to_tensor(x)
    dtype = as_dtype(dtype)
    if dtype == tensor.dtype:
        return tensor
    return ops.cast(tensor, dtype.name)


def one_hot(
    indices, depth, on_value=None, off_value=None, axis=None, dtype=None, name=None
) -> Tensor:
    """A new axis of `depth` entries: `on_value` (1) at the index, else `off_value` (0).

    An index outside 0 … depth - 1 gives no `on_value` at all. The new axis is
    the last, or the one numbered `axis`. float32 unless the values say otherwise.
    """
    tensor = convert_to_tensor(indices)
    if tensor.dtype.kind not in "iu":
        raise TypeError(f"tf.one_hot expects integers. Received: dtype={tensor.dtype}")
    depth = int(depth)
    if depth < 0:
        raise ValueError(f"depth must be non-negative. Received: depth={depth}")
    given = [value for value in (on_value, off_value) if value is not None]
    if dtype is None:
        dtype = convert_to_tensor(given[0]).dtype if given else "float32"
    hot = tensor.value[..., None] == np.arange(depth)
    on = 1 if on_value is None else convert_to_tensor(on_value).value
    off = 0 if off_value is None else convert_to_tensor(off_value).value
    result = np.where(hot, on, off).astype(as_dtype(dtype).dtype)
    return Tensor(np.moveaxis(result, -1, -1 if axis is None else axis))


def identity(input, name=None) -> Tensor:
    """The value as a new Tensor."""
    return as_new_tensor(input if is_tensor(input) else convert_to_tensor(input))


def stop_gradient(input, name=None) -> Tensor:
    """The value as a constant: no gradient flows back through it."""
    return Tensor(convert_to_tensor(input).value)


def is_tensor(x) -> bool:
    """True for a Tensor and for a Variable."""
    return isinstance(x, Tensor)


def floats(x, function: str) -> Tensor:
    """`x` as an input of a function that is defined for floats only."""
    tensor = x if isinstance(x, Tensor) else convert_to_tensor(x)
    if tensor.value.dtype.kind != "f":
        raise TypeError(
            f"tf.{function} expects floats. Received: dtype={tensor.value.dtype}. "
            "Convert with tf.cast(x, tf.float32)."
        )
    return tensor


def numbers(x, function: str) -> Tensor:
    """`x` as an input of a function that is defined for floats and ints."""
    tensor = x if isinstance(x, Tensor) else convert_to_tensor(x)
    if tensor.value.dtype.kind == "b":
        raise TypeError(f"tf.{function} expects numbers. Received: dtype=bool")
    return tensor


def same_dtype(x, y, function: str) -> tuple[Tensor, Tensor]:
    """Two operands: what is no Tensor takes the dtype of the one that is.

    Two Tensors must have the same dtype; NumPy and Keras would promote them,
    TensorFlow refuses.
    """
    if not isinstance(x, Tensor):
        dtype = y.value.dtype if isinstance(y, Tensor) else None
        x = convert_to_tensor(x, dtype)
    if not isinstance(y, Tensor):
        y = convert_to_tensor(y, x.value.dtype)
    if x.value.dtype != y.value.dtype:
        raise TypeError(
            f"tf.{function} expects two tensors of one dtype. "
            f"Received: {x.value.dtype} and {y.value.dtype}. Convert with tf.cast."
        )
    return x, y


def dimensions(shape) -> tuple[int, ...]:
    """A shape, or a list of axes, from an int, a list, an array or a Tensor."""
    array = np.asarray(shape)
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"Expected integers. Received: {shape!r}")
    return tuple(int(size) for size in array.reshape(-1))


def _holds_tensors(value) -> bool:
    return any(isinstance(leaf, Tensor) for leaf in tree.flatten(value))


def _from_python(value) -> np.ndarray:
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"Expected a list whose rows have equal length. Received: {value!r}"
        ) from error


def _keeps_kind(kind: str, dtype: DType) -> bool:
    """False for a fraction as an int and for a number as a bool."""
    if dtype.is_floating:
        return True
    return kind == "b" if dtype.is_bool else kind != "f"


def _python_dtype(value, array: np.ndarray):
    if array.dtype.kind == "f":
        leaves = (leaf for leaf in tree.flatten(value) if isinstance(leaf, _FLOATS))
        return getattr(next(leaves, 0.0), "dtype", "float32")
    if array.dtype.kind in "iu":
        fits = array.size == 0 or -(2**31) <= array.min() and array.max() < 2**31
        return "int32" if fits else "int64"
    return array.dtype.name


_FLOATS = (float, np.floating, np.ndarray)
