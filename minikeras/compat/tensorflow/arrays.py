"""Counterpart: tensorflow/python/ops/array_ops.py. Making and rearranging tensors."""

import numpy as np

from minikeras import ops
from minikeras.autodiff import Tensor
from minikeras.compat.tensorflow.convert import (
    convert_to_tensor,
    dimensions,
    same_dtype,
)
from minikeras.compat.tensorflow.dtype import as_dtype, float32, int32

newaxis = None  # x[:, tf.newaxis]


def zeros(shape, dtype=float32, name=None) -> Tensor:
    """Zeros of that shape."""
    return Tensor(np.zeros(dimensions(shape), as_dtype(dtype).dtype))


def ones(shape, dtype=float32, name=None) -> Tensor:
    """Ones of that shape."""
    return Tensor(np.ones(dimensions(shape), as_dtype(dtype).dtype))


def fill(dims, value, name=None) -> Tensor:
    """One value all over the shape `dims`."""
    return Tensor(np.full(dimensions(dims), convert_to_tensor(value).value))


def zeros_like(input, dtype=None, name=None) -> Tensor:
    """Zeros in the shape and, unless told otherwise, the dtype of `input`."""
    tensor = convert_to_tensor(input)
    return zeros(tensor.shape, dtype or tensor.value.dtype)


def ones_like(input, dtype=None, name=None) -> Tensor:
    """Ones in the shape and, unless told otherwise, the dtype of `input`."""
    tensor = convert_to_tensor(input)
    return ones(tensor.shape, dtype or tensor.value.dtype)


def eye(num_rows, num_columns=None, batch_shape=None, dtype=float32, name=None):
    """The identity matrix, repeated over `batch_shape`."""
    matrix = np.eye(num_rows, num_columns, dtype=as_dtype(dtype).dtype)
    batch = dimensions(batch_shape if batch_shape is not None else ())
    return Tensor(np.broadcast_to(matrix, batch + matrix.shape).copy())


def range(start, limit=None, delta=1, dtype=None, name="range") -> Tensor:
    """start, start + delta, … below `limit`; one argument alone is the limit."""
    if limit is None:
        start, limit = 0, start
    values = [convert_to_tensor(value, dtype).value for value in (start, limit, delta)]
    common = np.result_type(*values)
    if common.kind == "f" and all(value.itemsize == 4 for value in values):
        common = float32.dtype  # NumPy would widen int32 with float32 to float64
    first, stop, step = (value.item() for value in values)
    return Tensor(np.arange(first, stop, step, dtype=common))


def shape(input, out_type=int32, name=None) -> Tensor:
    """The shape as a Tensor."""
    sizes = convert_to_tensor(input).shape
    return Tensor(np.array(sizes, as_dtype(out_type).dtype))


def size(input, out_type=int32, name=None) -> Tensor:
    """The number of elements as a Tensor."""
    return Tensor(as_dtype(out_type).as_numpy_dtype(convert_to_tensor(input).size))


def rank(input, name=None) -> Tensor:
    """The number of axes as a Tensor."""
    return Tensor(np.int32(convert_to_tensor(input).ndim))


def reshape(tensor, shape, name=None) -> Tensor:
    """The elements in another shape; one size may be -1."""
    return ops.reshape(convert_to_tensor(tensor), dimensions(shape))


def transpose(a, perm=None, name="transpose") -> Tensor:
    """The axes in the order `perm`, by default reversed."""
    axes = None if perm is None else dimensions(perm)
    return ops.transpose(convert_to_tensor(a), axes)


def expand_dims(input, axis, name=None) -> Tensor:
    """A new axis of size 1 at `axis`."""
    return ops.expand_dims(convert_to_tensor(input), int(axis))


def squeeze(input, axis=None, name=None) -> Tensor:
    """Without the axes of size 1, all of them or those in `axis`."""
    axes = None if axis is None else dimensions(axis)
    return ops.squeeze(convert_to_tensor(input), axes)


def concat(values, axis, name="concat") -> Tensor:
    """Tensors of one dtype joined along an axis."""
    return ops.concatenate(_alike(values, "concat"), axis=int(axis))


def stack(values, axis=0, name="stack") -> Tensor:
    """Tensors of one shape and dtype side by side along a new axis."""
    return ops.stack(_alike(values, "stack"), axis=int(axis))


def split(value, num_or_size_splits, axis=0, num=None, name="split") -> list:
    """The tensor cut along an axis, into so many equal parts or parts of such sizes."""
    value = convert_to_tensor(value)
    if np.ndim(num_or_size_splits) == 0:
        return ops.split(value, int(num_or_size_splits), axis=axis)
    sizes = list(dimensions(num_or_size_splits))
    rest = value.shape[axis] - sum(size for size in sizes if size != -1)
    sizes = [rest if size == -1 else size for size in sizes]
    if min(sizes) < 0 or sum(sizes) != value.shape[axis]:
        raise ValueError(
            f"Expected sizes that add up to the length {value.shape[axis]} of axis "
            f"{axis}. Received: {num_or_size_splits}"
        )
    return ops.split(value, np.cumsum(sizes)[:-1].tolist(), axis=axis)


def gather(params, indices, axis=0, name=None) -> Tensor:
    """The slices of `params` along `axis` that `indices` name."""
    return ops.take(convert_to_tensor(params), convert_to_tensor(indices), axis=axis)


def where(condition, x=None, y=None, name=None) -> Tensor:
    """x where the condition holds and y elsewhere; without both, where it holds."""
    condition = convert_to_tensor(condition)
    if x is None and y is None:
        return Tensor(np.argwhere(condition.value))
    return ops.where(condition, *same_dtype(x, y, "where"))


def _alike(values, function: str) -> list[Tensor]:
    """The values as tensors of the dtype that the first Tensor among them has."""
    anchor = next((value for value in values if isinstance(value, Tensor)), values[0])
    return [same_dtype(anchor, value, function)[1] for value in values]
