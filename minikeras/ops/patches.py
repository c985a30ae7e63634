"""What a kernel meets of an image (n, height, width, channels), in pieces that stay in
a core's cache. A reader of the maths can skip this file."""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

# From so many numbers on that lie together, one copy through a view with six axes is
# faster than one copy per position of the kernel.
_LONG_RUN = 8
# From so many pixels in an image, and numbers in a line of a patch, on one product per
# line of the kernel is worth that the others' lines are not written out.
_MANY_PIXELS, _LONG_LINE = 256, 64
_BLOCK_BYTES = 1 << 20  # of patches, or of what else a loop goes through


class Patches:
    """The patches that a kernel of `size` meets, as the `view` (n, i, j, a, b, c)."""

    def __init__(self, padded, size, strides, dilation):
        n, down, right, c = padded.strides
        self.view = as_strided(
            padded,
            (len(padded), *counts(padded.shape, size, strides, dilation), *size)
            + padded.shape[3:],
            (n, down * strides[0], right * strides[1])
            + (down * dilation[0], right * dilation[1], c),
            writeable=False,
        )

        steps = (n, down, right * strides[1], right * dilation[1], c)
        shape = (*padded.shape[:2], self.view.shape[2], size[1], padded.shape[3])
        self._lines = as_strided(padded, shape, steps, writeable=False)
        self._line_step = dilation[0]
        self._by_lines = (
            strides[0] == 1
            and size[0] > 1
            and math.prod(self.view.shape[1:3]) >= _MANY_PIXELS
            and size[1] * padded.shape[3] >= _LONG_LINE
        )

    def terms(self, images: slice):
        """(index of a block of outputs, its terms), block after block. The block's
        product with a matrix is Σ rows · matrix[part] over its terms (rows, part)."""
        of_images = self._terms_by_lines if self._by_lines else self._whole_terms
        return of_images(images)

    def _whole_terms(self, images):
        """One term: the patches as the rows of a matrix."""
        height, width = self.view.shape[1:3]
        length = math.prod(self.view.shape[3:])
        line_bytes = width * length * self.view.itemsize
        for few in blocks(images, height * line_bytes):
            lines = slice(0, height)
            bands = [lines] if few.stop - few.start > 1 else blocks(lines, line_bytes)
            for band in bands:
                rows = self._written(self.view[few, band]).reshape(-1, length)
                yield (few, band), [(rows, slice(None))]

    def _terms_by_lines(self, images):
        """A term for each line of the kernel: what lies beside each other is written
        out once, and the lines of the kernel meet the same lines of it, shifted."""
        length = math.prod(self._lines.shape[3:])
        line_bytes = self._lines.shape[2] * length * self._lines.itemsize
        first_lines = range(0, self.view.shape[3] * self._line_step, self._line_step)
        for image in range(images.start, images.stop):
            for band in blocks(slice(0, self.view.shape[1]), line_bytes):
                met = slice(band.start, band.stop + first_lines[-1])
                lines = self._lines[image, met].copy()
                count = band.stop - band.start
                yield (
                    (slice(image, image + 1), band),
                    [
                        (
                            lines[first : first + count].reshape(-1, length),
                            slice(number * length, (number + 1) * length),
                        )
                        for number, first in enumerate(first_lines)
                    ],
                )

    def _written(self, patches):
        if patches.shape[-1] >= _LONG_RUN:
            return patches.copy()
        rows = np.empty(patches.shape, patches.dtype)
        for a in range(patches.shape[3]):
            for b in range(patches.shape[4]):
                rows[:, :, :, a, b] = patches[:, :, :, a, b]
        return rows


def blocks(items: slice, nbytes: int):
    """The items, of `nbytes` each, in slices that a core's cache holds."""
    size = max(_BLOCK_BYTES // max(nbytes, 1), 1)
    for first in range(items.start, items.stop, size):
        yield slice(first, min(first + size, items.stop))


def counts(shape, size, strides, dilation) -> tuple:
    """How many positions the kernel takes along height and width."""
    return tuple(
        max((n - (k - 1) * d - 1) // s + 1, 0)
        for n, k, s, d in zip(shape[1:3], size, strides, dilation, strict=True)
    )


def positions(shape, size, strides, dilation) -> list:
    """For each entry (a, b) of the kernel the slices of the image that it meets."""
    number = counts(shape, size, strides, dilation)

    def along(axis, offset):
        first, step = offset * dilation[axis], strides[axis]
        return slice(first, first + (number[axis] - 1) * step + 1, step)

    return [
        ((a, b), (slice(None), along(0, a), along(1, b)))
        for a in range(size[0])
        for b in range(size[1])
    ]


def turned(kernel, pads, dilation) -> tuple:
    """(the kernel from its other end, the zeros around dy): with strides of 1 each dx
    meets all entries of the kernel, so it is a convolution of dy."""
    reach = [(k - 1) * d for k, d in zip(kernel.shape, dilation, strict=False)]
    around = tuple(
        (r - before, r - after) for r, (before, after) in zip(reach, pads, strict=True)
    )
    return kernel[::-1, ::-1], around


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
