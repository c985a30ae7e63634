"""Counterpart: keras/src/ops/numpy.py. Several arrays into one, and one into several.

Keras's functions take or return lists; beneath each is a primitive over `*xs`.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.core import convert_to_tensor
from minikeras.ops.core import shape as shape_of
from minikeras.ops.dtypes import dtype_of, result_type
from minikeras.ops.indexing import take
from minikeras.ops.kinds import Number
from minikeras.ops.shape import canonical_axis, ravel


def concatenate(xs, axis=0):
    """The arrays one after the other along an existing axis, in their common dtype."""
    return _concatenate(*_several(xs, "concatenate"), axis=axis)


def stack(x, axis=0):
    """Arrays of one shape side by side along a new axis, in their common dtype."""
    return _stack(*_several(x, "stack"), axis=axis)


def hstack(xs):
    """`concatenate` along the second axis, or the only one."""
    xs = _several(xs, "hstack")
    return concatenate(xs, axis=0 if len(shape_of(xs[0])) == 1 else 1)


def vstack(xs):
    """`concatenate` along the first axis."""
    return concatenate(xs, axis=0)


def _several(xs, name) -> list:
    xs = list(xs)
    if not xs:
        raise ValueError(f"{name} needs at least one array. Received: {xs}")
    return [convert_to_tensor(x) for x in xs]


def _common(xs) -> list:
    dtype = result_type(*(dtype_of(x) for x in xs))
    return [x if x.dtype == dtype else x.astype(dtype) for x in xs]


def _as_given(pieces, xs) -> tuple:
    """Each piece in the dtype of the input it belongs to."""
    return tuple(
        piece if x.dtype.kind != "f" else piece.astype(x.dtype, copy=False)
        for piece, x in zip(pieces, xs, strict=True)
    )


@primitive
def _concatenate(*xs: Array, axis=0):
    y = np.concatenate(_common(xs), axis)
    ends = np.cumsum([x.shape[axis] for x in xs])[:-1]
    return y, lambda dy: _as_given(np.split(dy, ends, axis), xs)


@primitive
def _stack(*xs: Array, axis=0):
    y = np.stack(_common(xs), axis)
    return y, lambda dy: _as_given(np.moveaxis(dy, axis, 0), xs)


def split(x, indices_or_sections, axis=0) -> list:
    """x cut along `axis`: into so many equal parts, or before the given indices."""
    return list(_split(x, indices_or_sections, axis))


@primitive
def _split(x: Number, indices_or_sections, axis):
    axis = canonical_axis(axis, x.ndim)
    sections = np.asarray(indices_or_sections)
    if not sections.ndim and (sections < 1 or x.shape[axis] % sections):
        raise ValueError(
            f"Cannot split an axis of length {x.shape[axis]} into equal parts. "
            f"Received: indices_or_sections={indices_or_sections}, axis={axis}"
        )
    parts = np.split(x, sections if sections.ndim else int(sections), axis)
    return tuple(parts), (lambda dy: np.concatenate(dy, axis),)


def unstack(x, num=None, axis=0) -> list:
    """The slices of x along `axis`, which is gone; `num` can only confirm how many."""
    found = shape_of(x)[axis]
    if num is not None and num != found:
        raise ValueError(f"There are {found} slices along {axis=}. Received: {num=}")
    return list(_unstack(x, axis))


@primitive
def _unstack(x: Number, axis):
    parts = tuple(np.moveaxis(x, axis, 0))
    return parts, (lambda dy: np.stack(dy, axis),)


def repeat(x, repeats, axis=None):
    """Each element along `axis` so many times; without `axis`, of x in one row.

    `repeats` is a number, or one per element.
    """
    if axis is None:
        x, axis = ravel(x), 0
    index = np.repeat(np.arange(shape_of(x)[axis]), np.asarray(repeats))
    return take(x, index, axis)
