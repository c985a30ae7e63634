"""Counterpart: keras/src/backend/tensorflow/nn.py's depthwise_conv, for images.

No channel meets another one, so there is no matrix product: each output is a sum over
the entries of the kernel, number by number.
"""

import numpy as np

from minikeras.ops.constants import sum_rows
from minikeras.ops.patches import Patches, crop_image, pad_image, positions, turned
from minikeras.parallel import run_parts


def depthwise2d(x, kernel, bias, strides, pads, dilation):
    """y[n,i,j,c·m+q] = Σ x[n, i·s + a·d, j·s + b·d, c] · kernel[a,b,c,q] + bias[c·m+q].

    Like `conv2d`, but channel by channel: value and (dx, dkernel, dbias).
    """
    window = (strides, pads, dilation)
    padded = pad_image(x, pads)
    return correlate(padded, kernel, bias, strides, dilation), (
        lambda dy: spread(dy, kernel, x.shape, *window),
        lambda dy: kernel_slope(padded, dy, kernel.shape, strides, dilation),
        lambda dy: sum_rows(dy.reshape(-1, dy.shape[-1])),
    )


def correlate(padded, kernel, bias=None, strides=(1, 1), dilation=(1, 1)):
    """The formula of `depthwise2d` for an image that has its zeros.

    j and c are one axis k: the longer what NumPy goes through at once, the better.
    """
    *size, channels, multiplier = kernel.shape
    whole = Patches(padded, size, strides, dilation).view
    y = np.empty((*whole.shape[:3], channels * multiplier), padded.dtype)
    lines = y.reshape(*y.shape[:2], y.shape[2] * y.shape[3])
    weights = np.tile(kernel.reshape(*size, -1), y.shape[2])

    def fill(images):
        image = _repeated(padded[images], multiplier)
        patches = Patches(image, size, strides, dilation).view
        patches = patches.transpose(0, 1, 3, 4, 2, 5).reshape(
            len(image), y.shape[1], *weights.shape
        )
        np.einsum("niabk,abk->nik", patches, weights, out=lines[images])
        if bias is not None:
            lines[images] += np.tile(bias, y.shape[2])

    run_parts(fill, len(y), whole.nbytes)
    return y


def kernel_slope(padded, dy, shape, strides, dilation):
    """dkernel[a,b,c,q] = Σ x[n, i·s + a·d, j·s + b·d, c] · dy[n,i,j,c·m+q]."""

    def part_of_sum(images):
        image = _repeated(padded[images], shape[3])
        patches = Patches(image, shape[:2], strides, dilation).view
        return np.einsum("nijabc,nijc->abc", patches, dy[images])

    parts = run_parts(part_of_sum, len(dy), dy.nbytes)
    return sum(parts[1:], parts[0]).reshape(shape)


def spread(dy, kernel, shape, strides, pads, dilation):
    """dx[n, i·s + a·d, j·s + b·d, c] += Σ_q dy[n,i,j,c·m+q] · kernel[a,b,c,q], for
    an image of `shape` without its zeros."""
    *size, channels, multiplier = kernel.shape
    weights = kernel.reshape(*size, channels * multiplier, 1)
    if strides == (1, 1):
        flipped, around = turned(weights, pads, dilation)
        dx = correlate(pad_image(dy, around), flipped, dilation=dilation)
        return _summed(dx, multiplier)
    (top, bottom), (left, right) = pads
    height, width = top + shape[1] + bottom, left + shape[2] + right
    dx = np.empty((len(dy), height, width, channels), dy.dtype)
    wide = (height, width, channels * multiplier)
    places = positions((len(dy), *wide), size, strides, dilation)

    def add(images):
        dimage = np.zeros((images.stop - images.start, *wide), dy.dtype)
        for entry, place in places:
            dimage[place] += dy[images] * weights[entry][:, 0]
        dx[images] = _summed(dimage, multiplier)

    run_parts(add, len(dy), dx.nbytes)
    return crop_image(dx, pads)


def _repeated(image, multiplier):
    """Each channel as often as it has outputs: then one number goes to one number."""
    return image if multiplier == 1 else np.repeat(image, multiplier, 3)


def _summed(dimage, multiplier):
    """The derivative of `_repeated`."""
    return sum(
        (dimage[..., q::multiplier] for q in range(1, multiplier)),
        dimage[..., ::multiplier],
    )
