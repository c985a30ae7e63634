"""Counterpart: keras/src/ops/core.py. A box of an array, read and written.

Python's `slice` is hidden in this module.
"""

import builtins

import numpy as np

from minikeras.autodiff import as_array, primitive
from minikeras.ops.dtypes import number
from minikeras.ops.kinds import Number, Pair
from minikeras.ops.shape import lengths


def slice(inputs, start_indices, shape):
    """The box of `shape` whose first corner is at `start_indices`, one per axis.

    A length of -1 goes to the end. The box must lie inside of `inputs`.
    """
    return _slice(inputs, _corner(start_indices), lengths(as_array(shape), "shape"))


@primitive
def _slice(inputs: Number, start, shape):
    box = _box(inputs.shape, start, shape)

    def dx(dy):
        out = np.zeros(inputs.shape, dy.dtype)
        out[box] = dy
        return out

    return inputs[box], (dx,)


def slice_update(inputs, start_indices, updates):
    """`inputs` with `updates` written over the box that starts at `start_indices`.

    The gradient of what was written over is 0.
    """
    return _slice_update(inputs, updates, _corner(start_indices))


@primitive
def _slice_update(inputs: Pair, updates: Pair, start):
    inputs, updates = number(inputs), number(updates)
    box = _box(inputs.shape, start, updates.shape)

    def outside(dy):
        dy = dy.copy()
        dy[box] = 0
        return dy

    y = inputs.copy()
    y[box] = updates
    return y, (outside, lambda dy: dy[box])


def _corner(start_indices) -> tuple:
    return lengths(as_array(start_indices), "start_indices")


def _box(outer, start, shape) -> tuple:
    """The index of a box in an array of shape `outer`."""
    if not len(outer) == len(start) == len(shape):
        raise ValueError(
            f"Expected one start and one length for each of {len(outer)} axes. "
            f"Received: start_indices={start}, shape={shape}"
        )
    box = []
    for n, first, length in zip(outer, start, shape, strict=True):
        end = n if length == -1 else first + length
        if not 0 <= first <= end <= n:
            raise ValueError(
                f"The box must lie inside of shape {outer}. "
                f"Received: start_indices={start}, shape={shape}"
            )
        box.append(builtins.slice(first, end))
    return tuple(box)
