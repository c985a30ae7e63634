"""Counterpart: keras/src/ops/nn.py's conv, depthwise_conv and separable_conv.

All of them come down to images (n, height, width, channels): to `conv2d`, one matrix
product, or to `depthwise2d`, one product of single numbers per entry of the kernel.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.conv2d import conv2d
from minikeras.ops.conv_shapes import (
    check_strides,
    conv_options,
    conv_sizes,
    from_image,
    pads_for,
    split_shape,
    to_image,
    to_plane,
)
from minikeras.ops.core import shape as shape_of
from minikeras.ops.depthwise2d import depthwise2d
from minikeras.ops.dtypes import promote_floats


def conv(inputs, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    """Each output is Σ of the inputs under the kernel times the kernel.

    Inputs are (batch, …, channels), or (batch, channels, …) with "channels_first",
    with one axis or two between; the kernel (…, channels / groups, filters): its
    shape says how many groups of channels there are, each with its share of the
    filters. `strides` and `dilation_rate` are ints or one per axis, and not both
    above 1. ValueError where nothing fits.
    """
    options = conv_options(inputs, kernel, strides, padding, data_format, dilation_rate)
    check_strides(options[0], options[3])
    sizes, channels = split_shape(shape_of(inputs), options[2])
    *size, share, filters = shape_of(kernel)
    if not share or channels % share or filters % (channels // share):
        raise ValueError(
            "The channels of the inputs must be those of the kernel or a multiple, "
            "the number of groups, which divides the filters. Received: "
            f"{channels} channels, kernel of shape {(*size, share, filters)}"
        )
    conv_sizes(sizes, tuple(size), options[0], options[1], options[3])
    return convolve(inputs, kernel, None, *options)


def depthwise_conv(
    inputs, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1
):
    """Each channel convolved with kernels of its own, and not with other channels.

    The kernel (…, channels, m) gives m outputs a channel: output c·m + q belongs to
    channel c. Arguments as in `conv`; strides may differ from axis to axis and go
    with a dilation.
    """
    options = conv_options(inputs, kernel, strides, padding, data_format, dilation_rate)
    sizes, channels = split_shape(shape_of(inputs), options[2])
    kernel_shape = tuple(shape_of(kernel))
    if channels != kernel_shape[-2]:
        raise ValueError(
            "The channels of the inputs must be those of the kernel. Received: "
            f"{channels} channels, kernel of shape {kernel_shape}"
        )
    conv_sizes(sizes, kernel_shape[:-2], options[0], options[1], options[3])
    return convolve_depthwise(inputs, kernel, None, *options)


def separable_conv(
    inputs,
    depthwise_kernel,
    pointwise_kernel,
    strides=1,
    padding="valid",
    data_format=None,
    dilation_rate=1,
):
    """`depthwise_conv`, then `conv` with a kernel (1, …, channels · m, filters)."""
    size = shape_of(pointwise_kernel)[:-2]
    if any(k != 1 for k in size):
        raise ValueError(
            "The pointwise kernel must have the spatial size 1. Received: "
            f"a kernel of shape {tuple(shape_of(pointwise_kernel))}"
        )
    channels = depthwise_conv(
        inputs, depthwise_kernel, strides, padding, data_format, dilation_rate
    )
    return conv(channels, pointwise_kernel, data_format=data_format)


@primitive
def convolve(
    x: Array,
    kernel: Array,
    bias: Array = None,
    strides=(1, 1),
    padding="valid",
    data_format="channels_last",
    dilation_rate=(1, 1),
):
    """y = x ∗ kernel + bias, over lines or images, in groups of channels.

    `padding` is "valid", "same" or "causal". The options are not checked here.
    """
    options = (strides, padding, data_format, dilation_rate)
    return _on_images(_by_groups, x, kernel, bias, *options)


@primitive
def convolve_depthwise(
    x: Array,
    kernel: Array,
    bias: Array = None,
    strides=(1, 1),
    padding="valid",
    data_format="channels_last",
    dilation_rate=(1, 1),
):
    """y = x ∗ kernel + bias, channel by channel, over lines or images."""
    options = (strides, padding, data_format, dilation_rate)
    return _on_images(depthwise2d, x, kernel, bias, *options)


def _on_images(
    convolution, x, kernel, bias, strides, padding, data_format, dilation_rate
):
    """`convolution` of x as images, and its derivatives in the layout of x."""
    x, kernel = promote_floats(x, kernel)
    sizes, _ = split_shape(x.shape, data_format)
    pads = pads_for(sizes, kernel.shape[:-2], strides, padding, dilation_rate)
    y, (to_image_dx, to_dkernel, to_dbias) = convolution(
        to_image(x, data_format),
        kernel if x.ndim == 4 else kernel[None],
        bias,
        to_plane(strides, 1),
        to_plane(pads, (0, 0)),
        to_plane(dilation_rate, 1),
    )
    if x.ndim == 4 and data_format == "channels_last":
        return y, (to_image_dx, to_dkernel, to_dbias)
    return from_image(y, x.ndim, data_format), (
        lambda dy: from_image(
            to_image_dx(to_image(dy, data_format)), x.ndim, data_format
        ),
        lambda dy: to_dkernel(to_image(dy, data_format)).reshape(kernel.shape),
        lambda dy: to_dbias(to_image(dy, data_format)),
    )


def _by_groups(x, kernel, bias, strides, pads, dilation):
    """`conv2d` of each group of channels with its share of the filters."""
    groups = x.shape[-1] // kernel.shape[2]
    if groups == 1:
        return conv2d.raw(x, kernel, bias, strides, pads, dilation)
    kernels = np.split(kernel, groups, -1)
    biases = [None] * groups if bias is None else np.split(bias, groups)
    ys, vjps = zip(
        *[
            conv2d.raw(*arrays, strides, pads, dilation)
            for arrays in zip(np.split(x, groups, -1), kernels, biases, strict=True)
        ],
        strict=True,
    )

    def joined(argument):
        def pull(dy):
            parts = zip(vjps, np.split(dy, groups, -1), strict=True)
            return np.concatenate([vjp[argument](part) for vjp, part in parts], -1)

        return pull

    return np.concatenate(ys, -1), (joined(0), joined(1), joined(2))
