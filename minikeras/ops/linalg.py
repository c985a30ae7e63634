"""Counterpart: keras/src/ops/numpy.py, keras/src/ops/linalg.py. Products and norms."""

import builtins
import math

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.arithmetic import multiply, power
from minikeras.ops.broadcast import unbroadcast
from minikeras.ops.comparison import not_equal
from minikeras.ops.core import cast, convert_to_tensor
from minikeras.ops.dtypes import as_float, number
from minikeras.ops.elementwise import absolute, sqrt
from minikeras.ops.indexing import diagonal, get_item
from minikeras.ops.kinds import Pair
from minikeras.ops.reduce import max, min, sum
from minikeras.ops.shape import canonical_axes, moveaxis, pad, ravel, reshape


@primitive
def matmul(x1: Pair, x2: Pair):
    """The matrix product over the last two axes; those before them broadcast.

    A vector counts as a row on the left and as a column on the right.
    dx1 = dy·x2ᵀ, dx2 = x1ᵀ·dy.
    """
    y = np.matmul(x1, x2)
    if x1.ndim == x2.ndim == 2:
        return y, (lambda dy: np.matmul(dy, x2.T), lambda dy: np.matmul(x1.T, dy))
    left = x1 if x1.ndim > 1 else x1[None]
    right = x2 if x2.ndim > 1 else x2[:, None]
    rows_and_columns = y.shape[: y.ndim - (x1.ndim > 1) - (x2.ndim > 1)] + (
        left.shape[-2],
        right.shape[-1],
    )

    def dx1(dy):
        dy = dy.reshape(rows_and_columns)
        dx = np.matmul(dy, right.swapaxes(-1, -2))
        return unbroadcast(dx, left.shape).reshape(x1.shape)

    def dx2(dy):
        dy = dy.reshape(rows_and_columns)
        if right.ndim == 2:  # one product instead of one per matrix and their sum
            rows = left.reshape(-1, left.shape[-1])
            dx = np.matmul(rows.T, dy.reshape(len(rows), -1))
        else:
            dx = np.matmul(left.swapaxes(-1, -2), dy)
        return unbroadcast(dx, right.shape).reshape(x2.shape)

    return y, (dx1, dx2)


@primitive
def tensordot(x1: Pair, x2: Pair, axes=2):
    """Σ x1·x2 over pairs of axes: the last of x1 with the first of x2 where `axes`
    is how many, or (axes of x1, axes of x2). The other axes of both remain."""
    x1, x2 = number(x1), number(x2)
    axes1, axes2 = _pairs(axes, x1, x2)
    order1 = [i for i in range(x1.ndim) if i not in axes1] + axes1
    order2 = axes2 + [i for i in range(x2.ndim) if i not in axes2]
    moved1, moved2 = x1.transpose(order1), x2.transpose(order2)
    free1, free2 = moved1.shape[: x1.ndim - len(axes1)], moved2.shape[len(axes2) :]
    inner = math.prod([x1.shape[i] for i in axes1])
    m1 = moved1.reshape(math.prod(free1), inner)
    m2 = moved2.reshape(inner, math.prod(free2))
    y = np.matmul(m1, m2).reshape(free1 + free2)

    def dx1(dy):
        dx = dy.reshape(m1.shape[0], m2.shape[1]) @ m2.T
        return dx.reshape(moved1.shape).transpose(np.argsort(order1))

    def dx2(dy):
        dx = m1.T @ dy.reshape(m1.shape[0], m2.shape[1])
        return dx.reshape(moved2.shape).transpose(np.argsort(order2))

    return y, (dx1, dx2)


def _pairs(axes, a, b):
    if isinstance(axes, (list, tuple)):
        axes1, axes2 = ([n] if np.ndim(n) == 0 else list(n) for n in axes)
    else:
        if axes > a.ndim or axes > b.ndim:
            raise ValueError(
                f"axes={axes} is more than the axes of shapes {a.shape} and {b.shape}"
            )
        axes1, axes2 = list(range(a.ndim - axes, a.ndim)), list(range(axes))
    axes1 = list(canonical_axes(axes1, a.ndim))
    axes2 = list(canonical_axes(axes2, b.ndim))
    if [a.shape[i] for i in axes1] != [b.shape[i] for i in axes2]:
        raise ValueError(
            f"The lengths of the paired axes differ. Received: shapes {a.shape} and "
            f"{b.shape}, axes {axes1} and {axes2}"
        )
    return axes1, axes2


def dot(x1, x2):
    """Σ x1·x2 over the last axis of x1 and the last but one (or only) of x2."""
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    if not x1.ndim or not x2.ndim:
        return multiply(x1, x2)
    return tensordot(x1, x2, axes=((-1,), (-1 if x2.ndim == 1 else -2,)))


def inner(x1, x2):
    """Σ x1·x2 over the last axis of both."""
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    if not x1.ndim or not x2.ndim:
        return multiply(x1, x2)
    return tensordot(x1, x2, axes=((-1,), (-1,)))


def outer(x1, x2):
    """y[i, j] = x1[i]·x2[j] of the elements of both, each in one row."""
    return multiply(reshape(x1, (-1, 1)), reshape(x2, (1, -1)))


def vdot(x1, x2):
    """Σ x1·x2 of the elements of both, each in one row."""
    return dot(ravel(x1), ravel(x2))


def kron(x1, x2):
    """Each element of x1 times all of x2: y[i·n + k] = x1[i]·x2[k] along each axis
    (n the length of x2 there). Missing axes in front count as 1."""
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    rank = builtins.max(x1.ndim, x2.ndim)
    outer = (1,) * (rank - x1.ndim) + x1.shape
    inner = (1,) * (rank - x2.ndim) + x2.shape
    blocks = tuple(n for length in outer for n in (length, 1))
    within = tuple(n for length in inner for n in (1, length))
    y = multiply(reshape(x1, blocks), reshape(x2, within))
    return reshape(y, tuple(i * k for i, k in zip(outer, inner, strict=True)))


def cross(x1, x2, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """The vector at right angles to x1 and x2, which stand along `axisa` and `axisb`
    (`axis` names all three axes at once); the result stands along `axisc`.

    y₀ = a₁b₂ - a₂b₁ and so on in turn. A vector of 2 gets a third element 0; of two
    such, only y₂ is left. dx1 = x2 × dy, dx2 = dy × x1.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = moveaxis(x1, axisa, -1), moveaxis(x2, axisb, -1)
    for x in (x1, x2):
        if x.shape[-1] not in (2, 3):
            raise ValueError(
                "Expected vectors of 2 or 3 elements. "
                f"Received: {x.shape[-1]} elements along the axis"
            )
    y = _cross(_in_space(x1), _in_space(x2))
    if x1.shape[-1] == x2.shape[-1] == 2:
        return get_item(y, (..., 2))
    return moveaxis(y, -1, axisc)


def _in_space(x):
    if x.shape[-1] == 3:
        return x
    return pad(x, [(0, 0)] * (x.ndim - 1) + [(0, 1)])


@primitive
def _cross(x1: Pair, x2: Pair):
    return np.cross(x1, x2), (lambda dy: np.cross(x2, dy), lambda dy: np.cross(dy, x1))


def trace(x, offset=0, axis1=0, axis2=1):
    """Σ of the `offset`-th diagonal of the matrices in two axes of x.

    Small ints and bools are summed in 32 bits.
    """
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)


def norm(x, ord=None, axis=None, keepdims=False):
    """The length of vectors (one axis) or of matrices (two axes, or all of x).

    Vectors: ord None or 2, inf, -inf, 0 (how many are nonzero), else
    (Σ|x|^ord)^(1/ord). Matrices: None or "fro", 1 and inf (largest sum of a column,
    of a row), "nuc", 2 (sum, largest of the singular values), -1, -inf, -2 (smallest).
    The gradient at 0 is nan, as in TensorFlow.
    """
    x = convert_to_tensor(x)
    axes = canonical_axes(range(x.ndim) if axis is None else axis, x.ndim)
    x = cast(x, as_float(x.value).dtype)
    if (
        ord is None
        or (ord == 2 and len(axes) == 1)
        or (ord == "fro" and len(axes) == 2)
    ):
        return sqrt(sum(multiply(x, x), axis=axes, keepdims=keepdims))
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise ValueError(f"ord={ord!r} needs one or two axes. Received: axis={axis}")


def _vector_norm(x, ord, axis, keepdims):
    if isinstance(ord, str):
        raise ValueError(f"Invalid `ord` for a vector norm. Received: ord={ord!r}")
    if ord == 0:
        return sum(cast(not_equal(x, 0), x.dtype), axis=axis, keepdims=keepdims)
    size = absolute(x)
    if ord in (np.inf, -np.inf):
        return (max if ord > 0 else min)(size, axis=axis, keepdims=keepdims)
    ord = float(ord)
    return power(sum(power(size, ord), axis=axis, keepdims=keepdims), 1 / ord)


def _matrix_norm(x, ord, axes, keepdims):
    if ord not in (1, -1, np.inf, -np.inf, 2, -2, "nuc"):
        raise ValueError(f"Invalid `ord` for a matrix norm. Received: ord={ord!r}")
    if ord in (2, -2, "nuc"):
        values = _singular_values(x, axes)
        y = {"nuc": sum, 2: max, -2: min}[ord](values, axis=-1)
    else:
        rows, columns = axes
        summed, other = (rows, columns) if ord in (1, -1) else (columns, rows)
        sums = sum(absolute(x), axis=summed, keepdims=True)
        y = (max if ord > 0 else min)(sums, axis=(summed, other))
    if not keepdims:
        return y
    return reshape(y, tuple(1 if i in axes else n for i, n in enumerate(x.shape)))


@primitive
def _singular_values(x: Array, axes):
    u, s, vt = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)

    def dx(dy):
        return np.moveaxis((u * dy[..., None, :]) @ vt, (-2, -1), axes)

    return s, (dx,)
