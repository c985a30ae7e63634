"""Counterpart: keras/src/ops/nn.py's pooling. One value for each window of an input.

`_geometry` lists, for every place within the window, which inputs stand there
(a strided slice) and to which outputs they belong. Each op is then a loop over
these places with whole-array operations; padding is never written out.
"""

import itertools
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from minikeras.autodiff import primitive
from minikeras.autodiff.choose import where_true
from minikeras.config import standardize_data_format
from minikeras.ops.arguments import integer_tuple, standardize_padding
from minikeras.ops.core import shape as shape_of
from minikeras.ops.kinds import Float, Number


def max_pool(inputs, pool_size, strides=None, padding="valid", data_format=None):
    """The largest number of each window, for each channel.

    Inputs are (batch, …, channels), or (batch, channels, …) with "channels_first".
    `pool_size` and `strides` (by default the pool size) are ints or one int per
    axis between. "valid" keeps to whole windows; "same" gives ⌈size / stride⌉ of
    them, cut off at the border. ValueError where no window fits.
    """
    return _max_pool(
        inputs, *_arguments(inputs, pool_size, strides, padding, data_format)
    )


def average_pool(inputs, pool_size, strides=None, padding="valid", data_format=None):
    """The mean of each window's numbers, for each channel; arguments of `max_pool`.

    A window that is cut off at the border has fewer numbers.
    """
    return _average_pool(
        inputs, *_arguments(inputs, pool_size, strides, padding, data_format)
    )


@primitive
def _max_pool(x: Number, pool_size, strides, padding, axis):
    """y = max of a window, dx = dy at its first maximum. `axis`: the first to pool.

    As in TensorFlow (core/kernels/maxpooling_op.cc) nan is passed over and the
    least result is the least finite number; but a nan in first place gets the dy.
    """
    windows = _geometry(
        x.shape[axis : axis + len(pool_size)], pool_size, strides, padding, axis
    )
    y = _maxima(x, windows)
    if x.dtype.kind != "f":
        return y, (None,)
    return y, (lambda dy: _max_pool_slope(dy, x, y, windows),)


def _max_pool_slope(dy, x, y, windows):
    flat = x.ravel()
    ordinary = y.size and y.min() > np.finfo(x.dtype).min
    if not (windows.whole and ordinary) or np.isnan(flat.dot(flat)):
        return _to_first_maxima(dy, x, windows)
    if windows.apart:
        return _to_first_equal(dy, x, y, windows)
    return _to_first_equals(dy, x, y, windows)


def _to_first_equal(dy, x, y, windows):
    """dy to the first number that equals y; what is left goes on to the next place.

    Half the time of `_to_first_maxima`, for windows apart, without nan. dy is taken
    as bits: all ones where a number is chosen, none where not (inf · 0 is nan).
    """
    dx = np.zeros(x.shape, dy.dtype)
    integer = f"i{dy.itemsize}"
    bits, left = dx.view(integer), np.ascontiguousarray(dy).view(integer)
    for source, _ in windows.places[:-1]:
        chosen = np.negative(np.equal(x[source], y).view("i1"), dtype=integer)
        np.bitwise_and(left, chosen, out=bits[source])
        left = np.bitwise_and(left, np.invert(chosen, out=chosen), out=chosen)
    bits[windows.places[-1][0]] = left
    return dx


def _to_first_equals(dy, x, y, windows):
    """The same for windows that overlap: what several give is added up."""
    integer = f"i{dy.itemsize}"
    left, shares = np.ascontiguousarray(dy).view(integer), []
    for source, _ in windows.places[:-1]:
        chosen = np.negative(np.equal(x[source], y).view("i1"), dtype=integer)
        shares.append(np.bitwise_and(left, chosen))
        left = np.bitwise_and(left, np.invert(chosen, out=chosen), out=chosen)
    dx = np.zeros(x.shape, dy.dtype)
    for (source, _), share in zip(
        reversed(windows.places), [left, *reversed(shares)], strict=True
    ):
        dx[source] += share.view(dy.dtype)  # backwards: in the order of the windows
    return dx


def _first_of_each(x, windows):
    for axis, entry in enumerate(windows.first_entry, windows.axis):
        x = x[(slice(None),) * axis + (entry,)]
    return x


def _maxima(x, windows):
    """One axis after the other: fewer passes than over all places of a window."""
    least = (np.finfo if x.dtype.kind == "f" else np.iinfo)(x.dtype).min
    for axis, line in enumerate(windows.lines, windows.axis):
        lead = (slice(None),) * axis
        y = x[(*lead, line.first_entry)].copy()
        for source, target in line.slices[1:]:
            np.fmax(y[(*lead, target)], x[(*lead, source)], out=y[(*lead, target)])
        x = y
    if not x.min(initial=0) >= least:  # -inf, or nan alone
        x = np.fmax(x, x.dtype.type(least))
    return x


def _to_first_maxima(dy, x, windows):
    winner = _first_maxima(x, windows)
    dx = np.zeros(x.shape, dy.dtype)
    for place, (source, target) in reversed([*enumerate(windows.places)]):
        # Backwards, so that what several windows give is summed in their order.
        part = where_true(winner[target] == place, dy[target])
        if windows.apart:
            dx[source] = part
        else:
            dx[source] += part
    return dx


def _first_maxima(x, windows):
    """Which place in its window holds the first maximum, for each output."""
    best = _first_of_each(x, windows).copy()
    np.copyto(best, np.inf, where=best != best)  # a nan in first place stays the best
    winner = np.empty(best.shape, windows.first_place.dtype)
    winner[...] = windows.first_place
    for place, (source, target) in enumerate(windows.places[1:], 1):
        better = x[source] > best[target]
        np.fmax(best[target], x[source], out=best[target])
        later = np.multiply(better, place, dtype=winner.dtype)
        np.maximum(winner[target], later, out=winner[target])
    return winner


@primitive
def _average_pool(x: Float, pool_size, strides, padding, axis):
    """y = Σ x / n over a window of n numbers; dx = Σ dy / n over the windows of x."""
    windows = _geometry(
        x.shape[axis : axis + len(pool_size)], pool_size, strides, padding, axis
    )
    count = windows.held.astype(x.dtype)

    def pull(dy):
        dx = np.zeros(x.shape, dy.dtype)
        share = dy * (1 / count)
        for source, target in reversed(windows.places):
            if windows.apart:
                dx[source] = share[target]
            else:
                dx[source] += share[target]
        return dx

    return _sums(x, windows) / count, (pull,)


def _sums(x, windows):
    y = np.zeros(
        x.shape[: windows.axis] + windows.shape + x.shape[windows.end :], x.dtype
    )
    for source, target in windows.places:
        y[target] += x[source]
    return y


# Windows -----------------------------------------------------------------------


class Geometry(NamedTuple):
    """Where the windows lie, in indices for whole arrays.

    `places`: (inputs at that place, outputs they belong to), for each place in a
    window that holds a number anywhere, in order. Of each window: `held`, how
    many places hold a number; `first_place`, the first of these; `first_entry`,
    per axis, the input there. `lines`: the same for each axis alone. `whole`: no
    window is cut off. `apart`: no input is in two windows.
    """

    axis: int
    end: int
    shape: tuple
    places: list
    held: np.ndarray
    first_place: np.ndarray
    first_entry: tuple
    lines: list
    whole: bool
    apart: bool


@lru_cache(256)
def _geometry(sizes, pool_size, strides, padding, axis) -> Geometry:
    lines = [
        _along(*one, padding) for one in zip(sizes, pool_size, strides, strict=True)
    ]
    shape = tuple(line.windows for line in lines)
    channels = (1,) * (2 - axis)  # behind the pooled axes, for broadcasting
    inner = [
        tuple(zip(*place, strict=True))
        for place in itertools.product(*[line.slices for line in lines])
    ]
    held = np.zeros(shape, int)
    first_place = np.zeros(shape, np.min_scalar_type(-len(inner)))
    for place, (_, target) in reversed([*enumerate(inner)]):
        held[target] += 1
        first_place[target] = place
    lead = (slice(None),) * axis
    return Geometry(
        axis=axis,
        end=axis + len(sizes),
        shape=shape,
        places=[(lead + source, lead + target) for source, target in inner],
        held=held.reshape(shape + channels),
        first_place=first_place.reshape(shape + channels),
        first_entry=tuple(line.first_entry for line in lines),
        lines=lines,
        whole=bool((held == len(inner)).all()),
        apart=all(s >= k for s, k in zip(strides, pool_size, strict=True)),
    )


class Line(NamedTuple):
    """One axis: the number of windows, the first entry of each, and `places`."""

    windows: int
    first_entry: slice | np.ndarray
    slices: list


def _along(size, pool, stride, padding) -> Line:
    if padding == "valid":
        windows, before = (size - pool) // stride + 1, 0
    else:
        windows = -(-size // stride)
        before = max((windows - 1) * stride + pool - size, 0) // 2
    slices = []
    for place in range(pool):
        first = max(-((place - before) // stride), 0)
        last = min((size - 1 + before - place) // stride, windows - 1)
        if first <= last:
            source = first * stride + place - before
            end = source + (last - first) * stride + 1
            slices.append((slice(source, end, stride), slice(first, last + 1)))
    if not before:
        return Line(windows, slice(0, (windows - 1) * stride + 1, stride), slices)
    starts = np.maximum(np.arange(windows) * stride - before, 0)
    return Line(windows, starts, slices)


def pooled_sizes(sizes, pool_size, strides, padding, owner="") -> tuple:
    """How many windows there are along each axis; None for an axis of open size.

    ValueError, naming the `owner`, where not one fits.
    """
    numbers: list = []
    for size, pool, stride in zip(sizes, pool_size, strides, strict=True):
        if size is None:
            numbers.append(None)
        elif padding == "valid":
            numbers.append((size - pool) // stride + 1)
        else:
            numbers.append(-(-size // stride))
    if padding == "valid" and any(n is not None and n <= 0 for n in numbers):
        raise ValueError(
            f"{owner}The windows must fit into the input. Received: "
            f"spatial shape {tuple(sizes)} with pool_size={pool_size}, "
            f"strides={strides}, padding={padding!r}"
        )
    return tuple(numbers)


def _arguments(inputs, pool_size, strides, padding, data_format) -> tuple:
    """The options of the primitives: sizes as tuples, the first axis to pool."""
    shape = shape_of(inputs)
    if len(shape) not in (3, 4):
        raise ValueError(
            "Expected inputs with one or two axes besides batch and channels. "
            f"Received: shape {tuple(shape)}"
        )
    count = len(shape) - 2
    pool_size = integer_tuple("pool_size", pool_size, count)
    strides = pool_size if strides is None else strides
    strides = integer_tuple("strides", strides, count)
    padding = standardize_padding(padding)
    last = standardize_data_format(data_format) == "channels_last"
    axis = 1 if last else 2
    pooled_sizes(shape[axis : axis + count], pool_size, strides, padding)
    return pool_size, strides, padding, axis
