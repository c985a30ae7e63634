"""Counterpart: compute_conv_output_shape and compute_conv_transpose_output_shape of
keras/src/ops/operation_utils.py and keras/src/backend/common/backend_utils.py.

How many positions a kernel takes along each axis, and the zeros that go around the
input for it. A kernel of k entries, d apart, reaches over (k - 1)·d + 1 inputs.
"""

import numpy as np

from minikeras.config import standardize_data_format
from minikeras.ops.arguments import integer_tuple, standardize_padding
from minikeras.ops.core import shape as shape_of

VALID, SAME, CAUSAL = "valid", "same", "causal"


def reaches(kernel_size, dilation_rate) -> tuple:
    """Over how many inputs the kernel reaches, per axis."""
    return tuple(
        (k - 1) * d + 1 for k, d in zip(kernel_size, dilation_rate, strict=True)
    )


def pads_for(sizes, kernel_size, strides, padding, dilation_rate) -> tuple:
    """Zeros (before, after) per axis.

    "same" takes as many as the ⌈size / stride⌉ positions need, the odd one after;
    "causal" puts all before, so that no output sees a later input.
    """
    reach = reaches(kernel_size, dilation_rate)
    if padding == CAUSAL:
        return tuple((r - 1, 0) for r in reach)
    if padding == VALID:
        return ((0, 0),) * len(reach)
    pads = []
    for size, r, stride in zip(sizes, reach, strides, strict=True):
        lacking = max((-(-size // stride) - 1) * stride + r - size, 0)
        pads.append((lacking // 2, lacking - lacking // 2))
    return tuple(pads)


def conv_sizes(sizes, kernel_size, strides, padding, dilation_rate, owner="") -> tuple:
    """How many outputs there are along each axis; None for an axis of open size.

    ValueError, naming the `owner`, where a "valid" kernel does not fit.
    """
    numbers: list = []
    reach = reaches(kernel_size, dilation_rate)
    for size, r, stride in zip(sizes, reach, strides, strict=True):
        if size is None:
            numbers.append(None)
        else:
            room = size - r if padding == VALID else size - 1
            numbers.append(room // stride + 1)
    if padding == VALID and any(n is not None and n <= 0 for n in numbers):
        raise ValueError(
            f"{owner}With padding='valid' the kernel must fit into the input. "
            f"Received: spatial shape {tuple(sizes)} with kernel_size={kernel_size}, "
            f"strides={strides}, dilation_rate={dilation_rate}"
        )
    return tuple(numbers)


def transposed_sizes(
    sizes, kernel_size, strides, padding, output_padding, dilation_rate
) -> tuple:
    """Along each axis the size of an image that a convolution makes `sizes` of.

    Several are possible, since strides pass over the rest of a division. With
    n inputs, stride s and reach r: (n - 1)·s + r + p for "valid",
    (n - 1)·s + r mod 2 + p for "same", p being the `output_padding`; without one
    max(r, s) in place of r + p, or n·s. None stays None.
    """
    paddings = (None,) * len(sizes) if output_padding is None else output_padding
    found: list = []
    reach = reaches(kernel_size, dilation_rate)
    for n, r, s, extra in zip(sizes, reach, strides, paddings, strict=True):
        if n is None:
            found.append(None)
        elif padding == VALID:
            found.append((n - 1) * s + (max(r, s) if extra is None else r + extra))
        else:
            found.append(n * s if extra is None else (n - 1) * s + r % 2 + extra)
    return tuple(found)


def check_strides(strides, dilation_rate) -> None:
    """Refuses what Keras refuses for all kernels but depthwise ones."""
    if max(strides) > 1 and max(dilation_rate) > 1:
        raise ValueError(
            "`strides` and `dilation_rate` cannot both be above 1. Received: "
            f"strides={strides}, dilation_rate={dilation_rate}"
        )


def check_output_padding(
    output_padding, strides, kernel_size, padding, dilation_rate
) -> None:
    """Refuses a size that a convolution would not make the inputs' size of.

    With `extra` at s or above it would make one more, and with "same" and an even
    reach, where the size is (n - 1)·s + extra, at 0 one less. There Keras leaves the
    error to TensorFlow (ConvBackpropComputeDimensions).
    """
    reach = reaches(kernel_size, dilation_rate)
    for extra, r, s in zip(output_padding, reach, strides, strict=True):
        least = 1 if padding == SAME and r % 2 == 0 else 0
        if not least <= extra < s:
            raise ValueError(
                f"`output_padding` must be at least {least} and below `strides` along "
                f"each axis. Received: output_padding={output_padding}, strides="
                f"{strides}, kernel_size={kernel_size}, padding={padding!r}"
            )


def conv_options(inputs, kernel, strides, padding, data_format, dilation_rate) -> tuple:
    """(strides, padding, data_format, dilation_rate) as tuples and lower-case names.

    ValueError for a rank other than 3 and 4 and for what is no option.
    """
    shape, kernel_shape = shape_of(inputs), shape_of(kernel)
    if len(shape) not in (3, 4) or len(kernel_shape) != len(shape):
        raise ValueError(
            "Expected inputs with one or two axes besides batch and channels, and a "
            "kernel of the same rank. Received: inputs of shape "
            f"{tuple(shape)}, kernel of shape {tuple(kernel_shape)}"
        )
    axes = len(shape) - 2
    return (
        integer_tuple("strides", strides, axes),
        standardize_padding(padding),
        standardize_data_format(data_format),
        integer_tuple("dilation_rate", dilation_rate, axes),
    )


def split_shape(shape, data_format) -> tuple:
    """(spatial sizes, channels) of a shape in that format."""
    if data_format == "channels_last":
        return tuple(shape[1:-1]), shape[-1]
    return tuple(shape[2:]), shape[1]


def join_shape(rows, sizes, channels, data_format) -> tuple:
    """The inverse of `split_shape`, with the number of rows in front."""
    if data_format == "channels_last":
        return (rows, *sizes, channels)
    return (rows, channels, *sizes)


def to_image(x, data_format):
    """A view (n, height, width, channels) of x; a line is an image of height 1."""
    if data_format == "channels_first":
        x = np.moveaxis(x, 1, -1)
    return x[:, None] if x.ndim == 3 else x


def from_image(image, ndim, data_format):
    """The inverse of `to_image`, for an x of `ndim` axes."""
    if ndim == 3:
        image = image[:, 0]
    return np.moveaxis(image, -1, 1) if data_format == "channels_first" else image


def to_plane(per_axis, neutral) -> tuple:
    """A pair for height and width of an option per axis; `neutral` for the height
    of a line."""
    return per_axis if len(per_axis) == 2 else (neutral, *per_axis)
