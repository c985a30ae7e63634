"""Counterpart: keras/src/ops/nn.py. The dense product and what acts along an axis.

Its functions of single elements are in nn_smooth.py and nn_piecewise.py.
"""

import math

import numpy as np

from minikeras.autodiff import Array, Tensor, as_array, primitive
from minikeras.caller import warn
from minikeras.ops.constants import batch_constants, sum_rows
from minikeras.ops.kinds import Float
from minikeras.ops.nn_smooth import logistic
from minikeras.ops.products import LEAST_WORK, product, sum_of_products

# Up to this many classes a transposed copy pays: NumPy is slow over short rows.
_FEW_CLASSES = 32


@primitive
def dense(x: Array, kernel: Array, bias: Array = None):
    """x · kernel + bias. (The call of keras/src/layers/core/dense.py.)

    x (…, n) and kernel (n, units) give (…, units); bias (units,) may be None.
    dx = dy · kernelᵀ, dkernel = xᵀ · dy, dbias = Σ dy over the rows. Integers
    in x become the kernel's dtype.
    """
    if x.ndim != 2:
        return _dense_by_rows(x, kernel, bias)
    if x.dtype.kind != "f":
        x = x.astype(kernel.dtype)
    if len(x) * kernel.size >= LEAST_WORK:
        return _large_dense(x, kernel, bias)
    return _affine(x, kernel, bias), (
        lambda dy: dy.dot(kernel.T),
        lambda dy: x.T.dot(dy),
        sum_rows,
    )


def _affine(x, kernel, bias):
    y = x.dot(kernel)  # dot costs half of what @ does
    if bias is not None:
        y += bias
    return y


def _large_dense(x, kernel, bias):
    """`dense` in parts."""
    y = product(x, kernel)
    if bias is not None:
        y += bias
    return y, (
        lambda dy: product(dy, kernel.T),
        lambda dy: sum_of_products(x, dy),
        sum_rows,
    )


def _dense_by_rows(x, kernel, bias):
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    y, (to_rows, to_kernel, to_bias) = dense.raw(rows, kernel, bias)
    shape = y.shape
    return y.reshape(*x.shape[:-1], shape[-1]), (
        lambda dy: to_rows(dy.reshape(shape)).reshape(x.shape),
        lambda dy: to_kernel(dy.reshape(shape)),
        lambda dy: to_bias(dy.reshape(shape)),
    )


def softmax(x, axis=-1):
    """exp(x) / Σ exp(x) along an axis (None: over everything, or a tuple of axes).

    The result keeps `x` as its `logits`, which the cross-entropies then use; not
    for a tuple, whose normalisation they could not repeat. A row with +inf or nan
    in it is nan throughout (TensorFlow's oneDNN kernel leaves zeros in it).
    """
    rank = getattr(x, "ndim", None)
    if rank and axis in (-1, rank - 1) and x.shape[-1]:
        y = _softmax_of_rows(x)
        y.is_softmax = True
    else:
        y = _softmax(x, axis)
    if type(axis) is not tuple:
        y.logits = x if isinstance(x, Tensor) else Tensor(as_array(x))
    return y


@primitive
def _softmax_of_rows(x: Float):
    """exp(x - m) / Σ exp(x - m), m the largest of a row. dx = (dy - Σ dy · y) y."""
    if x.shape[-1] == 1:
        _warn_of_single(-1, x.shape)
    if x.ndim == 2:
        y = _normalized_rows(x)
        return y, (lambda dy: _slope_of_rows(y, dy),)
    rows = _normalized_rows(x.reshape(-1, x.shape[-1]))

    def pull(dy):
        return _slope_of_rows(rows, dy.reshape(rows.shape)).reshape(x.shape)

    return rows.reshape(x.shape), (pull,)


def _slope_of_rows(y, dy):
    one_per_class = batch_constants(y.shape, y.dtype).one_per_class
    return (dy - (dy * y).dot(one_per_class)[:, None]) * y


def _normalized_rows(rows):
    starts, one_per_class, _ = batch_constants(rows.shape, rows.dtype)
    # argmax costs a third of max where rows are short; to both, nan is the largest
    largest = rows.ravel()[rows.argmax(1) + starts]
    y = rows - largest[:, None]
    np.exp(y, y)
    y /= y.dot(one_per_class)[:, None]
    return y


def _warn_of_single(axis, shape):
    warn(
        f"softmax over axis {axis} of a tensor of shape {shape}: that axis has "
        "size 1, so the result is always 1. Is sigmoid meant?"
    )


@primitive
def _softmax(x: Float, axis):
    """exp(x - m) / Σ exp(x - m) with m = max x. dx = (dy - Σ dy · y) y."""
    columns = _classes_first(x, axis)
    if isinstance(axis, int) and x.shape[axis] == 1:
        _warn_of_single(axis, x.shape)
    y = _normalized_exponentials(columns)

    def pull(dy):
        dy = _classes_first(dy, axis)
        dx = (dy - sum_rows(dy * y)) * y
        return _classes_back(dx, axis, x.shape)

    return _classes_back(y, axis, x.shape), (pull,)


def _normalized_exponentials(columns):
    y = columns - np.maximum.reduce(columns, 0, initial=-np.inf)
    np.exp(y, y)
    y /= sum_rows(y)
    return y


@primitive
def log_softmax(x: Float, axis=-1):
    """x - m - log Σ exp(x - m) with m = max x. dx = dy - exp(y) Σ dy."""
    y = _log_normalized(_classes_first(x, axis))

    def pull(dy):
        dy = _classes_first(dy, axis)
        return _classes_back(dy - np.exp(y) * np.add.reduce(dy), axis, x.shape)

    return _classes_back(y, axis, x.shape), (pull,)


def _log_normalized(columns):
    shifted = columns - np.maximum.reduce(columns, 0, initial=-np.inf)
    return shifted - np.log(np.add.reduce(np.exp(shifted)))


def _classes_first(x, axis):
    """x with `axis` in front; all of `axis` in one, if it is a tuple or None."""
    if axis is None or type(axis) is tuple:
        axes = range(x.ndim) if axis is None else axis
        front = np.moveaxis(x, axes, range(len(axes)))
        classes, rest = front.shape[: len(axes)], front.shape[len(axes) :]
        columns = front.reshape(math.prod(classes), *rest)
    else:
        columns = x.swapaxes(axis, 0)
    return columns.copy() if len(columns) <= _FEW_CLASSES else columns


def _classes_back(columns, axis, shape):
    """The inverse of `_classes_first`."""
    if axis is None or type(axis) is tuple:
        axes = range(len(shape)) if axis is None else axis
        front = [shape[i] for i in axes]
        columns = columns.reshape(*front, *columns.shape[1:])
        return np.moveaxis(columns, range(len(axes)), axes)
    return columns.swapaxes(axis, 0)


@primitive
def sparsemax(x: Float, axis=-1):
    """max(x - τ, 0), where τ is chosen from the largest x along the axis.

    With z = x in descending order, s its running sums and k the number of ranks i
    with z_i - (s_i - 1) / i > 0, Keras takes τ = (s_1 + … + s_k - 1) / k. The
    paper (Martins and Astudillo, 2016) has s_k for that sum, so that y sums to
    one; for k > 1 Keras's does not. Parity with keras/src/backend/tensorflow/nn.py.
    """
    y, pull = _sparsemax_of_columns(x.swapaxes(axis, 0))
    return y.swapaxes(axis, 0), (
        lambda dy: pull(dy.swapaxes(axis, 0)).swapaxes(axis, 0),
    )


def _sparsemax_of_columns(x):
    keys = np.where(x == x, -x, -np.inf)  # nan comes first, and then supports nothing
    order = keys.argsort(0, kind="stable")
    ordered = np.take_along_axis(x, order, 0)
    sums = np.cumsum(ordered, 0)
    rank = np.arange(1, len(x) + 1, dtype=x.dtype).reshape(-1, *[1] * (x.ndim - 1))
    support = ordered - (sums - 1) / rank > 0
    count = np.add.reduce(support, 0, x.dtype)
    excess = x - (np.add.reduce(np.where(support, sums, 0)) - 1) / count

    def pull(dy):
        dx = np.where(excess >= 0, dy, 0)
        dsums = np.where(support, -np.add.reduce(dx) / count, 0)
        dordered = np.cumsum(dsums[::-1], 0)[::-1]
        dsorted = np.empty_like(dx)
        np.put_along_axis(dsorted, order, dordered, 0)
        return dx + dsorted

    return np.maximum(excess, 0), pull


@primitive
def glu(x: Float, axis=-1):
    """a σ(b), where a and b are the halves of x along the axis.

    da = dy σ(b), db = dy a σ(b) (1 - σ(b)). An odd size raises ValueError.
    """
    if x.shape[axis] % 2:
        raise ValueError(
            f"The size of axis {axis} must be divisible by 2. "
            f"Received: x.shape={x.shape} with axis={axis}"
        )
    a, b = np.split(x, 2, axis)
    gate = logistic(b)

    def pull(dy):
        return np.concatenate([dy * gate, dy * a * (1 - gate) * gate], axis)

    return a * gate, (pull,)
