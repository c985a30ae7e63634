"""Counterpart: keras/src/ops/numpy.py. The same elements in another shape or order.

The derivative of each op moves the cotangent's elements back.
"""

import numpy as np

from minikeras.autodiff import primitive
from minikeras.ops.broadcast import unbroadcast
from minikeras.ops.kinds import Number

PAD_MODES = ("constant", "reflect", "symmetric")


def lengths(shape, argument) -> tuple:
    """`shape` (an int, a sequence, an array) as a tuple of Python ints."""
    if np.ndim(shape) == 0:
        shape = (shape,)
    try:
        return tuple([n.__index__() for n in shape])
    except (AttributeError, TypeError):
        raise ValueError(
            f"`{argument}` must hold integers. Received: {shape!r}"
        ) from None


def canonical_axis(axis, ndim: int) -> int:
    """An axis counted from the front; ValueError where there is no such axis."""
    if not -ndim <= axis < ndim:
        raise ValueError(f"axis {axis} is out of bounds for an array of rank {ndim}")
    return int(axis % ndim)


def canonical_axes(axis, ndim: int) -> tuple:
    """`axis` (an int or several) as a tuple counted from the front."""
    axes = axis if isinstance(axis, (list, tuple, range)) else (axis,)
    return tuple(canonical_axis(a, ndim) for a in axes)


@primitive
def reshape(x: Number, newshape):
    """The elements of x in the same order in another shape; one length may be -1."""
    newshape = lengths(newshape, "newshape")
    if newshape.count(-1) > 1:
        raise ValueError(
            f"At most one length in `newshape` may be -1. Received: newshape={newshape}"
        )
    return x.reshape(newshape), (lambda dy: dy.reshape(x.shape),)


@primitive
def ravel(x: Number):
    """The elements of x in one axis."""
    return x.reshape(-1), (lambda dy: dy.reshape(x.shape),)


@primitive
def transpose(x: Number, axes=None):
    """x with its axes in another order: reversed, or as `axes` lists them."""
    if axes is None:
        return np.transpose(x), (np.transpose,)
    axes = canonical_axes(axes, x.ndim)
    if sorted(axes) != list(range(x.ndim)):
        raise ValueError(
            f"`axes` must name each of {x.ndim} axes once. Received: axes={axes}"
        )
    return x.transpose(axes), (lambda dy: dy.transpose(np.argsort(axes)),)


@primitive
def moveaxis(x: Number, source, destination):
    """x with the axes `source` moved to `destination`; the others keep their order."""
    source = canonical_axes(source, x.ndim)
    destination = canonical_axes(destination, x.ndim)
    if len(source) != len(destination):
        raise ValueError(
            "`source` and `destination` must be equally many axes. "
            f"Received: source={source}, destination={destination}"
        )
    y = np.moveaxis(x, source, destination)
    return y, (lambda dy: np.moveaxis(dy, destination, source),)


@primitive
def swapaxes(x: Number, axis1, axis2):
    """x with two axes exchanged."""
    a, b = canonical_axes((axis1, axis2), x.ndim)
    return x.swapaxes(a, b), (lambda dy: dy.swapaxes(a, b),)


@primitive
def expand_dims(x: Number, axis):
    """x with new axes of length 1 at the places `axis` of the result."""
    count = len(axis) if isinstance(axis, (list, tuple)) else 1
    axes = canonical_axes(axis, x.ndim + count)
    return np.expand_dims(x, axes), (lambda dy: dy.reshape(x.shape),)


@primitive
def squeeze(x: Number, axis=None):
    """x without its axes of length 1: all of them, or those of `axis`."""
    if axis is not None:
        axis = canonical_axes(axis, x.ndim)
        for a in axis:
            if x.shape[a] != 1:
                raise ValueError(
                    f"Cannot squeeze axis={a}: its length is not 1. "
                    f"Received: x.shape={x.shape}"
                )
    return np.squeeze(x, axis), (lambda dy: dy.reshape(x.shape),)


@primitive
def broadcast_to(x: Number, shape):
    """x repeated along new axes and axes of length 1. dx sums over the copies."""
    y = np.broadcast_to(x, lengths(shape, "shape"))
    return y, (lambda dy: unbroadcast(dy, x.shape),)


@primitive
def flip(x: Number, axis=None):
    """x backwards along `axis` (one or several; all by default)."""
    axes = None if axis is None else canonical_axes(axis, x.ndim)
    return np.flip(x, axes), (lambda dy: np.flip(dy, axes),)


@primitive
def roll(x: Number, shift, axis=None):
    """x with its elements moved by `shift`, those at the end coming in at the start.

    Without `axis` the elements move as if they stood in one row.
    """
    back = tuple(-s for s in shift) if isinstance(shift, (list, tuple)) else -shift
    return np.roll(x, shift, axis), (lambda dy: np.roll(dy, back, axis),)


@primitive
def tile(x: Number, repeats):
    """x laid out repeats[i] times along axis i; missing axes count as 1."""
    repeats = lengths(repeats, "repeats")
    ndim = max(x.ndim, len(repeats))
    repeats = (1,) * (ndim - len(repeats)) + repeats
    shape = (1,) * (ndim - x.ndim) + x.shape
    split = tuple(n for pair in zip(repeats, shape, strict=True) for n in pair)

    def dx(dy):
        copies = tuple(range(0, 2 * ndim, 2))
        return np.add.reduce(dy.reshape(split), copies).reshape(x.shape)

    return np.tile(x, repeats), (dx,)


@primitive
def pad(x: Number, pad_width, mode="constant", constant_values=None):
    """x with a margin: of a constant (0), or of x mirrored.

    `pad_width` is (before, after) for each axis, one pair for all, or one number.
    "reflect" mirrors without the edge, "symmetric" with it.
    """
    if mode not in PAD_MODES:
        raise ValueError(f"`mode` must be one of {PAD_MODES}. Received: mode={mode!r}")
    if constant_values is not None and mode != "constant":
        raise ValueError(
            "`constant_values` needs mode='constant'. "
            f"Received: mode={mode!r}, constant_values={constant_values}"
        )
    widths = np.broadcast_to(np.asarray(pad_width, int), (x.ndim, 2)).tolist()
    if mode == "constant":
        inside = tuple(
            slice(a, a + n) for (a, _), n in zip(widths, x.shape, strict=True)
        )
        y = np.pad(x, widths, mode, constant_values=constant_values or 0)
        return y, (lambda dy: dy[inside],)

    def dx(dy):
        for axis, (n, width) in enumerate(zip(x.shape, widths, strict=True)):
            source = np.pad(np.arange(n), width, mode)
            folded = np.zeros(dy.shape[:axis] + (n,) + dy.shape[axis + 1 :], dy.dtype)
            np.add.at(folded, (slice(None),) * axis + (source,), dy)
            dy = folded
        return dy

    return np.pad(x, widths, mode), (dx,)
