"""Counterpart: keras/src/ops/nn.py. Subtract a mean, divide by a deviation.

Over a batch (`normalize_batch`, by moments of its own; `batch_normalization`, by
given ones) a channel is one set of numbers; in `layer_normalization` a sample is.
Moments are biased: divided by the count n, not n - 1.
"""

import math

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.caller import warn
from minikeras.config import epsilon as default_epsilon
from minikeras.ops.arithmetic import add, multiply
from minikeras.ops.broadcast import match
from minikeras.ops.constants import batch_constants, sum_rows
from minikeras.ops.core import cast, convert_to_tensor
from minikeras.ops.dtypes import as_float, result_type
from minikeras.ops.elementwise import rsqrt, square
from minikeras.ops.kinds import Float
from minikeras.ops.reduce import mean, var
from minikeras.ops.shape import canonical_axes, canonical_axis, reshape


@primitive
def normalize_batch(
    x: Array, gamma: Array, beta: Array, mask: Array, axis, epsilon, fuzz=1e-7
):
    """(y, m, v): y = γ·i·(x - m) + β, i = 1 / √(v + ε), m and v each channel's moments.

    `axis` holds the channels; γ, β may be None. A `mask` (x.shape[:-1]) says what
    counts in the moments, whose n then grows by `fuzz` so as not to be 0.
    dβ = Σ dy, dγ = i·Σ dy (x - m), and what m and v get goes back to all that count:
    dx = γ·i·dy + (dm - γ·i·dβ + (2·dv - γ·i²·dγ)·(x - m)) / n.
    """
    rows = _by_channel(as_float(x), axis)
    counts = None
    if mask is not None:
        counts = _by_channel(np.broadcast_to(mask[..., None], x.shape), axis)
    m, v, centred, n = _channel_moments(rows, counts, fuzz)
    inverse = 1 / np.sqrt(v + epsilon)
    scale = inverse if gamma is None else inverse * gamma
    y = _affine(centred, _along(scale, rows), beta, rows)

    def pull(cotangents):
        dy, dm, dv = cotangents
        dy = _by_channel(dy, axis)
        dbeta = _channel_sums(dy)
        dgamma = _channel_sums(dy * centred) * inverse
        slope = (2 * dv - scale * inverse * dgamma) / n
        dx = centred * _along(slope, rows)
        dx += _along((dm - scale * dbeta) / n, rows)
        if counts is not None:
            dx = np.where(counts, dx, 0)  # not a product: 0·nan is nan
        dx += dy * _along(scale, rows)
        unused = gamma is None, beta is None
        return dx.reshape(x.shape), *_unless(unused, dgamma, dbeta), None

    return (y.reshape(x.shape), m, v), pull


def _by_channel(x, axis):
    """x as (before, channels, after), or (before, channels) where nothing is after."""
    axis = canonical_axis(axis, x.ndim)
    before, after = math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    shape = (before, x.shape[axis], after)
    return x.reshape(shape[:2] if axis == x.ndim - 1 else shape)


def _along(vector, rows):
    """A number per channel, to be broadcast against `rows`."""
    return vector if rows.ndim == 2 else vector[:, None]


_BLOCK = 1024  # rows added up at a time: one long sum of float32 loses digits


def _channel_sums(rows):
    if rows.ndim == 3:
        return np.add.reduce(np.add.reduce(rows, 2), 0)
    blocks = len(rows) // _BLOCK
    if blocks < 2:
        return sum_rows(rows)
    whole = rows[: blocks * _BLOCK].reshape(blocks, _BLOCK, rows.shape[1])
    sums = np.matmul(np.ones(_BLOCK, rows.dtype), whole)
    return sum_rows(sums) + sum_rows(rows[blocks * _BLOCK :])


def _channel_moments(rows, counts, fuzz):
    """(mean, variance, rows - mean, n) of the entries that count."""
    if counts is None:
        # No rows at all have moments 0: 0/0 would spoil the gradients of the rest.
        n = rows.size // (rows.shape[1] or 1) or 1
        m = _channel_sums(rows) / n
        centred = rows - _along(m, rows)
        return m, _channel_sums(centred * centred) / n, centred, n
    n = _channel_sums(counts.astype(rows.dtype)) + rows.dtype.type(fuzz)
    m = _channel_sums(np.where(counts, rows, 0)) / n
    centred = rows - _along(m, rows)
    # m lies off the mean by a share of `fuzz`: v's slope by m is left out as 0.
    return m, _channel_sums(np.where(counts, centred, 0) ** 2) / n, centred, n


def _affine(centred, scale, beta, rows):
    y = centred * scale
    if beta is not None:
        y += _along(beta, rows)
    return y


def _unless(unused, *gradients) -> tuple:
    return tuple([None if no else g for no, g in zip(unused, gradients, strict=True)])


def batch_normalization(x, mean, variance, axis, offset=None, scale=None, epsilon=1e-3):
    """x normalised by given moments: scale·(x - mean) / √(variance + ε) + offset.

    The four are vectors along `axis`; for axis -1 anything that broadcasts.
    """
    return normalize_by(x, mean, variance, offset, scale, axis, epsilon)


@primitive
def normalize_by(
    x: Float, mean: Array, variance: Array, offset: Array, scale: Array, axis, epsilon
):
    """x·f + (offset - mean·f) with f = scale·i, i = 1 / √(variance + ε).

    dx = f·dy, dmean = -Σ f·dy, doffset = Σ dy, dscale = Σ i·(x - mean)·dy,
    dvariance = -½ Σ f·i²·(x - mean)·dy, each Σ over what shares the number.
    """
    given = [
        None if v is None else as_float(v) for v in (mean, variance, offset, scale)
    ]
    mean, variance, offset, scale = [_placed(v, x.ndim, axis) for v in given]
    inverse = 1 / np.sqrt(variance + epsilon)
    factor = inverse if scale is None else inverse * scale
    shift = -mean * factor if offset is None else offset - mean * factor
    y = x * factor.astype(x.dtype, copy=False)
    y += shift.astype(x.dtype, copy=False)
    pulls = [
        lambda dy: -dy * factor,
        lambda dy: dy * (x - mean) * (-0.5 * inverse * inverse * factor),
        lambda dy: dy,
        lambda dy: dy * (x - mean) * inverse,
    ]
    back = [_to_shape_of(v, axis, x, p) for v, p in zip(given, pulls, strict=True)]
    return y, (lambda dy: match(dy * factor, x), *back)


def _placed(vector, ndim, axis):
    """A vector along `axis`, to be broadcast against an array of `ndim` axes."""
    if vector is None or axis == -1:
        return vector
    shape = [1] * ndim
    shape[canonical_axis(axis, ndim)] = -1
    return vector.reshape(shape)


def _to_shape_of(vector, axis, x, pull):
    """The vjp whose `pull` gives one number per entry of x, summed up for `vector`."""
    if vector is None:
        return None
    placed = _placed(vector, x.ndim, axis)
    return lambda dy: match(pull(dy), placed).reshape(vector.shape)


def layer_normalization(
    x, gamma=None, beta=None, axis=-1, epsilon=None, rms_scaling=False
):
    """γ·(x - mean) / √(variance + ε) + β with the moments of each sample over `axis`.

    γ and β have the lengths of `axis`, in ascending order. Half precision is computed
    in float32, and the result has x's dtype, also an integer one, as in Keras.
    `rms_scaling` (deprecated) leaves out the mean and β.
    """
    epsilon = default_epsilon() if epsilon is None else epsilon
    x = convert_to_tensor(x)
    wide = cast(x, result_type(x.value.dtype, "float32"))
    gamma, beta = (
        None if v is None else cast(convert_to_tensor(v), wide.value.dtype)
        for v in (gamma, beta)
    )
    axes = tuple(sorted(axis)) if isinstance(axis, (list, tuple)) else (axis,)
    if rms_scaling:
        warn(
            "`rms_scaling=True` is deprecated: it divides by the deviation, not by the "
            "root mean square. Use `rms_normalization` instead."
        )
        y = multiply(wide, rsqrt(add(var(wide, axes, True), epsilon)))
        y = y if gamma is None else multiply(y, _over(gamma, wide, axes))
    elif _fit(gamma, wide, axes) and _fit(beta, wide, axes):
        y = normalize_layer(wide, gamma, beta, axes, epsilon)
    else:  # gamma or beta of another shape, which only has to broadcast
        y = normalize_layer(wide, None, None, axes, epsilon)
        y = y if gamma is None else multiply(y, _over(gamma, wide, axes))
        y = y if beta is None else add(y, _over(beta, wide, axes))
    return cast(y, x.value.dtype)


def _fit(vector, x, axes) -> bool:
    """Whether a vector has one number for each normalised entry of a sample."""
    sizes = [x.shape[a] for a in canonical_axes(axes, x.ndim)]
    return vector is None or (
        vector.size == math.prod(sizes) and (vector.ndim == len(sizes))
    )


def _over(vector, x, axes):
    """γ or β to be broadcast against x (keras/src/ops/nn.py, _layer_normalization)."""
    axes = canonical_axes(axes, x.ndim)
    if vector.ndim == x.ndim or axes == (x.ndim - 1,):
        return vector
    return reshape(vector, [n if i in axes else 1 for i, n in enumerate(x.shape)])


@primitive
def normalize_layer(x: Float, gamma: Array, beta: Array, axes, epsilon):
    """γ·z + β, z = (x - m)·i, i = 1 / √(v + ε), m and v the moments over `axes`.

    γ and β hold a number per entry of `axes`, or are None. With dz = γ·dy and means
    over `axes`: dx = i·(dz - mean dz - z·mean(dz·z)), dγ = Σ z·dy, dβ = Σ dy.
    """
    rows = _samples(x, axes)
    n = rows.shape[1] or 1
    scale, offset = [None if v is None else v.ravel() for v in (gamma, beta)]
    z = rows - (_row_sums(rows) / n)[:, None]
    inverse = 1 / np.sqrt(np.vecdot(z, z) / n + epsilon)
    z *= inverse[:, None]
    y = z if scale is None else z * scale
    y = y if offset is None else y + offset

    def pull(dy):
        dy = _samples(dy, axes)
        dz = dy if scale is None else dy * scale
        dx = dz - (_row_sums(dz) / n)[:, None]
        dx -= z * (np.vecdot(dz, z) / n)[:, None]
        dx *= inverse[:, None]
        back = [_samples_back(dx, x.shape, axes)]
        for vector, terms in ((gamma, lambda: dy * z), (beta, lambda: dy)):
            given = vector is not None
            back.append(sum_rows(terms()).reshape(vector.shape) if given else None)
        return tuple(back)

    return _samples_back(y, x.shape, axes), pull


def _row_sums(rows):
    return rows.dot(batch_constants(rows.shape, rows.dtype).one_per_class)


def _samples(x, axes):
    """x as (samples, entries): `axes` moved behind the others and made one."""
    axes = sorted(canonical_axes(axes, x.ndim))
    moved = np.moveaxis(x, axes, range(x.ndim - len(axes), x.ndim))
    entries = math.prod(x.shape[a] for a in axes)
    return moved.reshape(math.prod(moved.shape[: x.ndim - len(axes)]), entries)


def _samples_back(rows, shape, axes):
    """The inverse of `_samples`."""
    axes = sorted(canonical_axes(axes, len(shape)))
    others = [n for i, n in enumerate(shape) if i not in axes]
    moved = rows.reshape(*others, *[shape[a] for a in axes])
    return np.moveaxis(moved, range(len(others), len(shape)), axes)


def rms_normalization(x, scale=None, axis=-1, epsilon=None):
    """scale·x / √(mean x² + ε), the mean over `axis`.

    Half precision is computed in float32; the result has x's dtype.
    """
    epsilon = default_epsilon() if epsilon is None else epsilon
    x = convert_to_tensor(x)
    wide = cast(x, result_type(x.value.dtype, "float32"))
    wide = wide if wide.ndim else reshape(wide, (1,))
    axis = tuple(axis) if isinstance(axis, list) else axis
    y = multiply(wide, rsqrt(add(mean(square(wide), axis, True), epsilon)))
    if scale is not None:
        y = multiply(y, cast(convert_to_tensor(scale), wide.value.dtype))
    return cast(y, x.value.dtype)
