"""Counterpart: the lookup in keras/src/layers/core/embedding.py. Rows of a table."""

import numpy as np

from minikeras.autodiff import Array, Slices, Variable, primitive
from minikeras.autodiff.recording import stays


def embedding(indices, table, owner="embedding"):
    """y[b, t, :] = table[indices[b, t], :], for indices of any shape.

    Fractions are cut off, as Keras casts to int32. An index below 0 or beyond the
    table is a ValueError that names the layer `owner`. (keras/src/backend/tensorflow/
    numpy.py lets -1 stand for the last row: here it is taken for a mistake.)
    """
    return _embedding(table, indices, owner, isinstance(table, Variable))


@primitive
def _embedding(table: Array, indices: Array, owner, as_slices):
    """The derivative adds dy[b, t, :] to row indices[b, t] of zeros, in the order of
    the indices; `as_slices` for a variable, whose gradient only the optimizer reads."""
    size, width = table.shape
    rows = _checked(indices, size, owner)

    def dtable(dy):
        slices = Slices(dy.reshape(rows.size, width), rows.ravel(), table.shape)
        return slices if as_slices else slices.dense()

    return table.take(rows, 0), (dtable, None)


@stays
def _checked(indices, size: int, owner: str) -> np.ndarray:
    """The indices as integers; ValueError for one that is no row."""
    rows = _whole(indices)
    _check(rows, indices, size, owner)
    return rows


def _whole(indices) -> np.ndarray:
    indices = np.asarray(indices)
    if indices.dtype.kind == "i":
        return indices
    if indices.dtype.kind == "f":  # what no int32 can be becomes -1: also an error
        indices = np.where(np.abs(indices) < 2**31, indices, -1)
    return indices.astype("int64")


def _check(rows, indices, size: int, owner: str) -> None:
    if not rows.size or (rows.min() >= 0 and rows.max() < size):
        return
    first = int(np.argmax((rows < 0) | (rows >= size)))
    place = tuple(int(i) for i in np.unravel_index(first, rows.shape))
    index = np.asarray(indices)[place].item()
    if index == rows[place]:  # 7 rather than 7.0
        index = rows[place]
    raise ValueError(
        f"Layer '{owner}' can look up indices from 0 to {size - 1} (its input_dim is "
        f"{size}). Received: {index} at place {place} of an input of shape {rows.shape}"
    )
