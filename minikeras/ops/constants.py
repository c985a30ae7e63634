"""Constant arrays of a batch's shape, and the sums that they make cheap.

On the short rows of a small batch np.sum costs three times what a product with
ones costs. The constants are kept for small shapes; nobody writes into them.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from minikeras.parallel import run_parts

_MOST_KEPT = 4096  # entries; making larger ones costs nothing beside the maths


def sum_rows(x):
    """Σ over the first axis. It may warn of overflow: call it by `quiet.run`."""
    if x.ndim > 2:
        return np.add.reduce(x, 0)
    if len(x) <= _MOST_KEPT:
        return np.dot(_kept_ones(len(x), x.dtype), x)

    def sum_part(part):
        return np.ones(part.stop - part.start, x.dtype).dot(x[part])

    parts = run_parts(sum_part, len(x), x.nbytes)
    return sum(parts[1:], parts[0])


_kept_ones = functools.lru_cache(16)(np.ones)


def zeros(shape: tuple, dtype):
    """Zeros for reading."""
    return (_kept_zeros if math.prod(shape) <= 8 * _MOST_KEPT else np.zeros)(
        shape, dtype
    )


_kept_zeros = functools.lru_cache(16)(np.zeros)


class BatchConstants(NamedTuple):
    """For (rows, classes): where each row starts in the flat array, and ones."""

    starts: np.ndarray
    one_per_class: np.ndarray
    one_per_row: np.ndarray


def batch_constants(shape: tuple, dtype) -> BatchConstants:
    """The constants of a batch of that shape."""
    make = _kept_constants if shape[0] * shape[1] <= _MOST_KEPT else _new_constants
    return make(shape, dtype)


def _new_constants(shape, dtype):
    count, classes = shape
    starts = np.arange(0, count * classes, classes)
    return BatchConstants(starts, np.ones(classes, dtype), np.ones(count, dtype))


_kept_constants = functools.lru_cache(16)(_new_constants)
