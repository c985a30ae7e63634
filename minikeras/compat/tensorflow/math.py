"""Counterpart: tensorflow/python/ops/math_ops.py. tf.math, most of it also in tf.

Binary functions take two tensors of one dtype, as TensorFlow does.
"""

import numpy as np

from minikeras import ops
from minikeras.autodiff import Tensor
from minikeras.compat.tensorflow.convert import (
    cast,
    convert_to_tensor,
    dimensions,
    floats,
    numbers,
    same_dtype,
)
from minikeras.compat.tensorflow.dtype import as_dtype, int64

__all__ = [
    "abs",
    "add",
    "argmax",
    "argmin",
    "cos",
    "divide",
    "equal",
    "exp",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "log",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "pow",
    "reduce_all",
    "reduce_any",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "round",
    "sigmoid",
    "sign",
    "sin",
    "sqrt",
    "square",
    "subtract",
    "tanh",
]

# ---- one input


def abs(x, name=None) -> Tensor:
    """|x|."""
    return ops.absolute(numbers(x, "abs"))


def negative(x, name=None) -> Tensor:
    """-x."""
    return ops.negative(numbers(x, "negative"))


def sign(x, name=None) -> Tensor:
    """-1, 0 or 1."""
    return ops.sign(numbers(x, "sign"))


def round(x, name=None) -> Tensor:
    """The nearest whole number, halves to the even one."""
    return ops.round(numbers(x, "round"))


def square(x, name=None) -> Tensor:
    """x²."""
    return ops.square(numbers(x, "square"))


def sqrt(x, name=None) -> Tensor:
    """√x; nan below 0."""
    return ops.sqrt(floats(x, "sqrt"))


def exp(x, name=None) -> Tensor:
    """e^x."""
    return ops.exp(floats(x, "exp"))


def log(x, name=None) -> Tensor:
    """The natural logarithm; -inf at 0, nan below."""
    return ops.log(floats(x, "math.log"))


def sin(x, name=None) -> Tensor:
    """The sine."""
    return ops.sin(floats(x, "sin"))


def cos(x, name=None) -> Tensor:
    """The cosine."""
    return ops.cos(floats(x, "cos"))


def tanh(x, name=None) -> Tensor:
    """The hyperbolic tangent."""
    return ops.tanh(floats(x, "tanh"))


def sigmoid(x, name=None) -> Tensor:
    """1 / (1 + e^-x)."""
    return ops.sigmoid(floats(x, "sigmoid"))


# ---- two inputs


def add(x, y, name=None) -> Tensor:
    """x + y."""
    return ops.add(*same_dtype(x, y, "add"))


def subtract(x, y, name=None) -> Tensor:
    """x - y."""
    return ops.subtract(*same_dtype(x, y, "subtract"))


def multiply(x, y, name=None) -> Tensor:
    """x · y, element by element."""
    return ops.multiply(*same_dtype(x, y, "multiply"))


def divide(x, y, name=None) -> Tensor:
    """x / y; ints are divided as float64."""
    x, y = same_dtype(x, y, "divide")
    if x.value.dtype.kind != "f":
        x, y = cast(x, "float64"), cast(y, "float64")
    return ops.divide(x, y)


def pow(x, y, name=None) -> Tensor:
    """x to the power y."""
    return ops.power(*same_dtype(x, y, "pow"))


def maximum(x, y, name=None) -> Tensor:
    """The larger of x and y, element by element."""
    return ops.maximum(*same_dtype(x, y, "maximum"))


def minimum(x, y, name=None) -> Tensor:
    """The smaller of x and y, element by element."""
    return ops.minimum(*same_dtype(x, y, "minimum"))


def equal(x, y, name=None) -> Tensor:
    """x == y, element by element."""
    return ops.equal(*same_dtype(x, y, "equal"))


def not_equal(x, y, name=None) -> Tensor:
    """x != y, element by element."""
    return ops.not_equal(*same_dtype(x, y, "not_equal"))


def greater(x, y, name=None) -> Tensor:
    """x > y, element by element."""
    return ops.greater(*same_dtype(x, y, "greater"))


def greater_equal(x, y, name=None) -> Tensor:
    """x >= y, element by element."""
    return ops.greater_equal(*same_dtype(x, y, "greater_equal"))


def less(x, y, name=None) -> Tensor:
    """x < y, element by element."""
    return ops.less(*same_dtype(x, y, "less"))


def less_equal(x, y, name=None) -> Tensor:
    """x <= y, element by element."""
    return ops.less_equal(*same_dtype(x, y, "less_equal"))


def clip_by_value(t, clip_value_min, clip_value_max, name=None) -> Tensor:
    """t within the two bounds."""
    t, low = same_dtype(t, clip_value_min, "clip_by_value")
    high = same_dtype(t, clip_value_max, "clip_by_value")[1]
    return ops.clip(t, low, high)


def matmul(a, b, transpose_a=False, transpose_b=False, name=None) -> Tensor:
    """The matrix product over the last two axes; either may be transposed first."""
    a, b = same_dtype(a, b, "matmul")
    if a.ndim < 2 or b.ndim < 2:
        raise ValueError(
            "tf.matmul expects matrices, of at least two axes. "
            f"Received: shapes {a.shape} and {b.shape}"
        )
    a = ops.swapaxes(a, -2, -1) if transpose_a else a
    b = ops.swapaxes(b, -2, -1) if transpose_b else b
    return ops.matmul(a, b)


# ---- reductions: `axis` is one axis, several, or None for all


def reduce_sum(input_tensor, axis=None, keepdims=False, name=None) -> Tensor:
    """The sum, in the dtype of the input."""
    return _reduce(ops.sum, np.sum, input_tensor, axis, keepdims, "reduce_sum")


def reduce_prod(input_tensor, axis=None, keepdims=False, name=None) -> Tensor:
    """The product, in the dtype of the input."""
    return _reduce(ops.prod, np.prod, input_tensor, axis, keepdims, "reduce_prod")


def reduce_max(input_tensor, axis=None, keepdims=False, name=None) -> Tensor:
    """The largest element."""
    tensor = numbers(input_tensor, "reduce_max")
    return ops.max(tensor, axis=_axes(axis), keepdims=keepdims)


def reduce_min(input_tensor, axis=None, keepdims=False, name=None) -> Tensor:
    """The smallest element."""
    tensor = numbers(input_tensor, "reduce_min")
    return ops.min(tensor, axis=_axes(axis), keepdims=keepdims)


def reduce_mean(input_tensor, axis=None, keepdims=False, name=None) -> Tensor:
    """The mean. That of ints is an int again, without the fraction."""
    tensor = numbers(input_tensor, "reduce_mean")
    if tensor.value.dtype.kind == "f":
        return ops.mean(tensor, axis=_axes(axis), keepdims=keepdims)
    total = np.sum(tensor.value, _axes(axis), dtype="int64", keepdims=keepdims)
    count = max(tensor.size // max(total.size, 1), 1)
    mean = np.sign(total) * (np.abs(total) // count)
    return Tensor(mean.astype(tensor.value.dtype))


def reduce_all(input_tensor, axis=None, keepdims=False, name=None) -> Tensor:
    """Whether all are true."""
    flags = convert_to_tensor(input_tensor, "bool").value
    return Tensor(np.all(flags, axis=_axes(axis), keepdims=keepdims))


def reduce_any(input_tensor, axis=None, keepdims=False, name=None) -> Tensor:
    """Whether any is true."""
    flags = convert_to_tensor(input_tensor, "bool").value
    return Tensor(np.any(flags, axis=_axes(axis), keepdims=keepdims))


def argmax(input, axis=None, output_type=int64, name=None) -> Tensor:
    """The index of the largest element along `axis` (default 0), nan passed over."""
    value = _without_nan(convert_to_tensor(input).value, -np.inf)
    return _index(np.argmax(value, 0 if axis is None else int(axis)), output_type)


def argmin(input, axis=None, output_type=int64, name=None) -> Tensor:
    """The index of the smallest element along `axis` (default 0), nan passed over."""
    value = _without_nan(convert_to_tensor(input).value, np.inf)
    return _index(np.argmin(value, 0 if axis is None else int(axis)), output_type)


def _reduce(op, integer_op, input_tensor, axis, keepdims, function) -> Tensor:
    tensor = numbers(input_tensor, function)
    dtype = tensor.value.dtype
    if dtype.kind == "f":
        return op(tensor, axis=_axes(axis), keepdims=keepdims)
    # Keras would widen small ints; TensorFlow lets them wrap around
    return Tensor(integer_op(tensor.value, _axes(axis), dtype=dtype, keepdims=keepdims))


def _axes(axis) -> tuple[int, ...] | None:
    return None if axis is None else dimensions(axis)


def _without_nan(value, replacement):
    if value.dtype.kind != "f":
        return value
    return np.where(np.isnan(value), value.dtype.type(replacement), value)


def _index(found, output_type) -> Tensor:
    return Tensor(np.asarray(found).astype(as_dtype(output_type).dtype))
