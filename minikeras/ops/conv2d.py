"""Counterpart: keras/src/backend/tensorflow/nn.py. Convolution as a matrix product.

The patches of the image that the kernel meets are written out as the rows of one
matrix ("im2col"). Then y = rows · kernel, dkernel = rowsᵀ · dy, and dx spreads each
dy over the patch that it came from. patches.py writes them out block by block.
"""

import math

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.constants import sum_rows
from minikeras.ops.patches import (
    Patches,
    blocks,
    crop_image,
    pad_image,
    positions,
    turned,
)
from minikeras.parallel import run_parts


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
    window = (strides, pads, dilation)
    padded = pad_image(x, pads)
    return correlate(padded, kernel, bias, strides, dilation), (
        lambda dy: spread(dy, kernel, x.shape[1:3], *window),
        lambda dy: kernel_slope(padded, dy, kernel.shape, strides, dilation),
        lambda dy: sum_rows(dy.reshape(-1, dy.shape[-1])),
    )


def correlate(padded, kernel, bias=None, strides=(1, 1), dilation=(1, 1)):
    """The formula of `conv2d` for an image that has its zeros: rows · kernel + bias."""
    filters = kernel.shape[3]
    patches = Patches(padded, kernel.shape[:2], strides, dilation)
    matrix = kernel.reshape(-1, filters)
    y = np.empty((*patches.view.shape[:3], filters), padded.dtype)

    def fill(images):
        for block, ((rows, part), *others) in patches.terms(images):
            out = y[block].reshape(-1, filters)
            np.dot(rows, matrix[part], out=out)
            for rows, part in others:
                out += np.dot(rows, matrix[part])
            if bias is not None:
                y[block] += bias

    run_parts(fill, len(y), patches.view.nbytes)
    return y


def kernel_slope(padded, dy, shape, strides, dilation):
    """dkernel[a,b,c,f] = Σ x[n, i·s + a·d, j·s + b·d, c] · dy[n,i,j,f]: rowsᵀ · dy."""
    patches = Patches(padded, shape[:2], strides, dilation)

    def part_of_sum(images):
        total = np.zeros((math.prod(shape[:3]), shape[3]), dy.dtype)
        for block, terms in patches.terms(images):
            rows_of_dy = dy[block].reshape(-1, shape[3])
            for rows, part in terms:
                total[part] += np.dot(rows.T, rows_of_dy)
        return total

    parts = run_parts(part_of_sum, len(dy), patches.view.nbytes)
    return sum(parts[1:], parts[0]).reshape(shape)


def spread(dy, kernel, sizes, strides, pads, dilation):
    """dx[n, i·s + a·d, j·s + b·d, c] += Σ_f dy[n,i,j,f] · kernel[a,b,c,f], for images
    of `sizes` without their zeros."""
    if strides == (1, 1):
        flipped, around = turned(kernel, pads, dilation)
        padded = pad_image(dy, around)
        return correlate(padded, flipped.swapaxes(2, 3), dilation=dilation)
    channels, filters = kernel.shape[2:]
    (top, bottom), (left, right) = pads
    shape = (len(dy), top + sizes[0] + bottom, left + sizes[1] + right, channels)
    dx = np.zeros(shape, dy.dtype)
    places = positions(shape, kernel.shape[:2], strides, dilation)

    def add(images):
        for block in blocks(images, dx[:1].nbytes):
            rows = dy[block].reshape(-1, filters)
            for entry, place in places:
                share = np.dot(rows, kernel[entry].T)
                dx[block][place] += share.reshape(*dy[block].shape[:3], channels)

    run_parts(add, len(dy), dx.nbytes)
    return crop_image(dx, pads)
