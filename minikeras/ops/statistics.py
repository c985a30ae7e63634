"""Counterpart: keras/src/ops/numpy.py. Weighted means, quantiles, counts in bins."""

import numpy as np

from minikeras.autodiff import Array, as_array, primitive
from minikeras.ops.arithmetic import add, divide, multiply
from minikeras.ops.comparison import isnan, where
from minikeras.ops.core import cast, convert_to_tensor
from minikeras.ops.dtypes import dtype_of, number, result_type
from minikeras.ops.indexing import take
from minikeras.ops.kinds import Number
from minikeras.ops.linalg import tensordot
from minikeras.ops.reduce import any, mean, sum
from minikeras.ops.shape import canonical_axes, reshape, transpose
from minikeras.ops.sorting import sort

METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def average(x, axis=None, weights=None):
    """Σ w·x / Σ w; the mean without `weights`.

    These have the shape of x, or the length of the one `axis`.
    """
    x = convert_to_tensor(x)
    if weights is None:
        return mean(x, axis=axis)
    weights = convert_to_tensor(weights)
    dtype = result_type(dtype_of(x.value), dtype_of(weights.value), float)
    x, weights = cast(x, dtype), cast(weights, dtype)
    if axis is None or x.ndim == weights.ndim:
        total = sum(multiply(x, weights), axis=axis)
        return divide(total, sum(weights, axis=axis))
    return divide(tensordot(x, weights, ((axis,), (0,))), sum(weights))


def median(x, axis=None, keepdims=False):
    """The middle of the sorted x, or the mean of the two in the middle."""
    return quantile(x, 0.5, axis=axis, keepdims=keepdims)


def quantile(x, q, axis=None, method="linear", keepdims=False):
    """What a share q of the n elements along `axis` lies below; nan if one is nan.

    The element at the place q·(n - 1) of the sorted ones. Between two of them
    `method` decides: their mix ("linear"), one of them ("lower", "higher",
    "nearest") or their mean ("midpoint"). q may be an array; its axes come first.
    """
    x = convert_to_tensor(x)
    x = cast(x, result_type(dtype_of(x.value), float))
    q = as_array(q).astype("float64")
    if method not in METHODS:
        raise ValueError(f"`method` must be one of {METHODS}. Received: {method!r}")
    if not np.all((q >= 0) & (q <= 1)):
        raise ValueError(f"`q` must lie between 0 and 1. Received: q={q}")
    axes = canonical_axes(range(x.ndim) if axis is None else axis, x.ndim)
    others = [i for i in range(x.ndim) if i not in axes]
    kept = tuple(x.shape[i] for i in others)
    n = int(np.prod([x.shape[i] for i in axes], dtype=int))
    if not n:
        raise ValueError(f"There is no quantile of nothing. Received: {x.shape=}")
    rows = reshape(transpose(x, (*others, *axes)), (*kept, n))
    y = _at_share(sort(rows), q.reshape(-1), n, method)
    y = where(any(isnan(rows), axis=-1, keepdims=True), np.nan, y)
    y = transpose(y, (len(kept), *range(len(kept))))
    if keepdims:
        kept = tuple(1 if i in axes else m for i, m in enumerate(x.shape))
    return reshape(y, q.shape + kept)


def _at_share(ordered, q, n, method):
    """The quantiles of the last axis, of length `n`, at each of `q`."""
    place = (n - 1) * q
    if method == "linear":
        # keras/src/backend/tensorflow/numpy.py mixes two neighbours even where the
        # place is whole, so that nan comes of an infinite neighbour
        low = np.maximum(np.ceil(place).astype(int) - 1, 0)
        high = np.minimum(low + 1, n - 1)
        share = (high - place).astype(ordered.dtype)
        return add(
            multiply(take(ordered, high, -1), 1 - share),
            multiply(take(ordered, low, -1), share),
        )
    low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
    if method == "midpoint":
        both = add(take(ordered, low, -1), take(ordered, high, -1))
        return multiply(both, 0.5)
    at = {"lower": low, "higher": high, "nearest": np.round(place).astype(int)}
    return take(ordered, at[method], -1)


@primitive
def bincount(x: Number, weights: Array = None, minlength=0, sparse=False):
    """How often each of 0, 1, … comes in x, or the sum of `weights` there.

    As long as the largest x needs, at least `minlength`. Of a matrix, row by row.
    dweights[i] = dy[x[i]].
    """
    if sparse:
        raise ValueError(f"Sparse tensors are not supported. Received: {sparse=}")
    dtype = None if weights is None else result_type(x.dtype, number(weights).dtype)
    places = x.astype("int64")
    if x.ndim not in (1, 2) or places.min(initial=0) < 0:
        raise ValueError(
            "`bincount` needs a vector or a matrix of numbers that are not negative. "
            f"Received: x={x!r}"
        )
    width = max(int(places.max(initial=-1)) + 1, int(minlength))
    rows = 1 if x.ndim == 1 else len(x)
    flat = (places.reshape(rows, -1) + width * np.arange(rows)[:, None]).ravel()
    given = None if weights is None else weights.ravel()
    y = np.bincount(flat, given, rows * width)
    y = y.reshape((*x.shape[:-1], width)).astype(dtype or "int32")
    return y, (None, lambda dy: dy.ravel()[flat].reshape(weights.shape))


@primitive
def searchsorted(sorted_sequence: Number, values: Array, side="left"):
    """The int32 places at which `values` fit into a sorted vector, on the given side
    of their equals."""
    ordered = sorted_sequence
    if ordered.ndim != 1:
        raise ValueError(
            "`sorted_sequence` must be a vector. "
            f"Received: sorted_sequence.shape={ordered.shape}"
        )
    if side not in ("left", "right"):
        raise ValueError(f"`side` must be 'left' or 'right'. Received: {side!r}")
    return np.searchsorted(ordered, values, side).astype("int32"), (None, None)


@primitive
def digitize(x: Number, bins):
    """The number of `bins` (float32, ascending) that are ≤ x, as int32."""
    bins = as_array(bins).astype("float32")
    if np.any(bins[1:] < bins[:-1]):
        raise ValueError(f"`bins` must ascend. Received: bins={bins}")
    return np.searchsorted(bins, x, "right").astype("int32"), (None,)
