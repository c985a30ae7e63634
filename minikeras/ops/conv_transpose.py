"""Counterpart: keras/src/ops/nn.py's conv_transpose. A convolution backwards.

What `conv2d` does to a cotangent on its way to the image is here the function: each
input is spread over the outputs that lie under the kernel.
"""

from minikeras.autodiff import Array, primitive
from minikeras.ops.arguments import integer_tuple
from minikeras.ops.constants import sum_rows
from minikeras.ops.conv2d import correlate, kernel_slope, spread
from minikeras.ops.conv_shapes import (
    check_output_padding,
    check_strides,
    conv_options,
    from_image,
    pads_for,
    split_shape,
    to_image,
    to_plane,
    transposed_sizes,
)
from minikeras.ops.core import shape as shape_of
from minikeras.ops.dtypes import promote_floats
from minikeras.ops.patches import pad_image


def conv_transpose(
    inputs,
    kernel,
    strides=1,
    padding="valid",
    output_padding=None,
    data_format=None,
    dilation_rate=1,
):
    """Each input times the kernel, added to the outputs around `strides` · its place.

    Inputs as in `conv`; the kernel is (…, filters, channels). Of the sizes that
    `conv` would make the inputs' size of, `output_padding` (below `strides`) chooses
    one: `transposed_sizes` has the formula. ValueError where nothing fits.
    """
    strides, padding, data_format, dilation_rate = conv_options(
        inputs, kernel, strides, padding, data_format, dilation_rate
    )
    check_strides(strides, dilation_rate)
    _, channels = split_shape(shape_of(inputs), data_format)
    *size, _, expected = shape_of(kernel)
    if channels != expected:
        raise ValueError(
            "The channels of the inputs must be those of the kernel's last axis. "
            f"Received: {channels} channels, kernel of shape {tuple(shape_of(kernel))}"
        )
    if output_padding is not None:
        output_padding = integer_tuple("output_padding", output_padding, len(size), 0)
        check_output_padding(
            output_padding, strides, tuple(size), padding, dilation_rate
        )
    options = (strides, padding, output_padding, data_format, dilation_rate)
    return convolve_transposed(inputs, kernel, None, *options)


@primitive
def convolve_transposed(
    x: Array,
    kernel: Array,
    bias: Array = None,
    strides=(1, 1),
    padding="valid",
    output_padding=None,
    data_format="channels_last",
    dilation_rate=(1, 1),
):
    """`transposed2d` of lines or images in either layout; options are not checked."""
    x, kernel = promote_floats(x, kernel)
    sizes, _ = split_shape(x.shape, data_format)
    window = (kernel.shape[:-2], strides, padding)
    outputs = transposed_sizes(sizes, *window, output_padding, dilation_rate)
    pads = pads_for(outputs, *window, dilation_rate)
    y, (dx, dkernel, dbias) = transposed2d(
        to_image(x, data_format),
        kernel if x.ndim == 4 else kernel[None],
        bias,
        to_plane(outputs, 1),
        to_plane(strides, 1),
        to_plane(pads, (0, 0)),
        to_plane(dilation_rate, 1),
    )
    return from_image(y, x.ndim, data_format), (
        lambda dy: from_image(dx(to_image(dy, data_format)), x.ndim, data_format),
        lambda dy: dkernel(to_image(dy, data_format)).reshape(kernel.shape),
        lambda dy: dbias(to_image(dy, data_format)),
    )


def transposed2d(x, kernel, bias, sizes, strides, pads, dilation):
    """y[n, i·s + a·d, j·s + b·d, f] += Σ_c x[n,i,j,c] · kernel[a,b,f,c], then + bias.

    x (n, i, j, c), kernel (a, b, f, c), y (n, *sizes, f): the y around which a
    convolution puts `pads`, which are cut off. So dx is the convolution of dy with
    the kernel, and dkernel that convolution's.
    """

    def value():
        y = spread(x, kernel, sizes, strides, pads, dilation)
        return y if bias is None else y + bias

    def dx(dy):
        return correlate(pad_image(dy, pads), kernel, None, strides, dilation)

    def dkernel(dy):
        padded = pad_image(dy, pads)
        return kernel_slope(padded, x, kernel.shape, strides, dilation)

    def dbias(dy):
        return sum_rows(dy.reshape(-1, dy.shape[-1]))

    return value(), (dx, dkernel, dbias)
