"""Counterpart: keras/src/backend/tensorflow/nn.py. Convolution as a matrix product.

The patches of the image that the kernel meets are written out as the rows of one
matrix ("im2col"). Then y = rows · kernel, dkernel = rowsᵀ · dy, and only dx has to
find its way back into the image.
"""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minikeras.autodiff import Array, primitive
from minikeras.ops.constants import sum_rows
from minikeras.ops.quiet import hush, quiet

# From so many numbers on that lie together, one copy through a view with six axes is
# faster than one copy per position of the kernel.
_LONG_RUN = 8


@primitive
def conv2d(
    x: Array,
    kernel: Array,
    bias: Array = None,
    strides=(1, 1),
    pads=((0, 0), (0, 0)),
    dilation=(1, 1),
):
    """y[n,i,j,f] = Σ x[n, i·s + a·d, j·s + b·d, c] · kernel[a,b,c,f] + bias[f].

    x (n, height, width, c), with `pads` zeros around it; kernel (a, b, c, f); bias
    (f,) or None. s and d are strides and dilation along the axis.
    """
    padded = pad_image(x, pads)
    size, channels, filters = kernel.shape[:2], kernel.shape[2], kernel.shape[3]
    places = positions(padded.shape, size, strides, dilation)
    shape = (len(x), *_counts(padded.shape, size, strides, dilation), filters)
    rows = _patches(padded, places, shape[1:3], (*size, channels), strides, dilation)
    matrix = kernel.reshape(-1, filters)
    y = quiet.run(np.dot, rows, matrix)
    if bias is not None:
        y += bias

    def dx(dy):
        dy = dy.reshape(-1, filters)
        dpadded = np.zeros_like(padded)
        for (a, b), place in places:
            share = np.dot(dy, kernel[a, b].T)
            dpadded[place] += share.reshape(*shape[:3], channels)
        return crop_image(dpadded, pads)

    def dkernel(dy):
        return np.dot(rows.T, dy.reshape(-1, filters)).reshape(kernel.shape)

    def dbias(dy):
        return sum_rows(dy.reshape(-1, filters))

    return y.reshape(shape), (hush(dx), hush(dkernel), hush(dbias))


def _counts(shape, size, strides, dilation) -> tuple:
    """How many positions the kernel takes along height and width."""
    return tuple(
        max((n - (k - 1) * d - 1) // s + 1, 0)
        for n, k, s, d in zip(shape[1:3], size, strides, dilation, strict=True)
    )


def positions(shape, size, strides, dilation) -> list:
    """For each entry (a, b) of the kernel the slices of the image that it meets."""
    counts = _counts(shape, size, strides, dilation)

    def along(axis, offset):
        first, step = offset * dilation[axis], strides[axis]
        return slice(first, first + (counts[axis] - 1) * step + 1, step)

    return [
        ((a, b), (slice(None), along(0, a), along(1, b)))
        for a in range(size[0])
        for b in range(size[1])
    ]


def _patches(x, places, counts, patch, strides, dilation):
    """The patches of x as rows: (n · counts, all numbers of a patch)."""
    if x.shape[-1] < _LONG_RUN:
        rows = np.empty((len(x), *counts, *patch), x.dtype)
        for (a, b), place in places:
            rows[:, :, :, a, b] = x[place]
    else:
        n, down, right, c = x.strides
        steps = (down * strides[0], right * strides[1])
        within = (down * dilation[0], right * dilation[1], c)
        shape = (len(x), *counts, *patch)
        rows = as_strided(x, shape, (n, *steps, *within), writeable=False)
    return rows.reshape(-1, math.prod(patch))


def pad_image(x, pads):
    """x with zeros around height and width; x itself where there are none."""
    if not any(map(any, pads)):
        return x
    (top, bottom), (left, right) = pads
    n, height, width, c = x.shape
    padded = np.zeros((n, top + height + bottom, left + width + right, c), x.dtype)
    padded[:, top : top + height, left : left + width] = x
    return padded


def crop_image(dx, pads):
    (top, bottom), (left, right) = pads
    return dx[:, top : dx.shape[1] - bottom, left : dx.shape[2] - right]
