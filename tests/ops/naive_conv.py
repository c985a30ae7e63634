"""Convolutions as loops over single numbers: the naive twins."""

import itertools

import numpy as np


def steps(size, kernel, stride, padding, dilation):
    """[(output, entry of the kernel, input)] along one axis, and the number of outputs.

    Written from TensorFlow's description of its paddings.
    """
    reach = dilation * (kernel - 1) + 1
    if padding == "valid":
        count, before = int(np.ceil((size - reach + 1) / stride)), 0
    else:
        count = int(np.ceil(size / stride))
        if size % stride == 0:
            lacking = max(reach - stride, 0)
        else:
            lacking = max(reach - size % stride, 0)
        before = reach - 1 if padding == "causal" else lacking // 2
    found = [
        (o, k, o * stride + k * dilation - before)
        for o in range(count)
        for k in range(kernel)
    ]
    return [(o, k, i) for o, k, i in found if 0 <= i < size], count


def walk(sizes, kernel_size, strides, padding, dilation):
    """[(output, entry, input)] as index tuples, and the sizes of the output."""
    lines, counts = zip(
        *[
            steps(*one[:3], padding, one[3])
            for one in zip(sizes, kernel_size, strides, dilation, strict=True)
        ],
        strict=True,
    )
    places = [tuple(zip(*p, strict=True)) for p in itertools.product(*lines)]
    return places, counts


def last(naive):
    """The twin for either data format, from one for channels_last."""

    def twin(x, *kernels, data_format="channels_last"):
        if data_format == "channels_last":
            return naive(x, *kernels)
        return np.moveaxis(naive(np.moveaxis(x, 1, -1), *kernels), -1, 1)

    return twin


def naive_conv(strides, padding="valid", dilation=None, data_format="channels_last"):
    dilation = dilation or (1,) * len(strides)

    def convolved(x, kernel, bias=None):
        *size, share, filters = kernel.shape
        places, counts = walk(x.shape[1:-1], size, strides, padding, dilation)
        y = np.zeros((len(x), *counts, filters))
        per_group = filters // (x.shape[-1] // share)
        for output, entry, place in places:
            for n, f, c in np.ndindex(len(x), filters, share):
                channel = f // per_group * share + c
                y[(n, *output, f)] += x[(n, *place, channel)] * kernel[(*entry, c, f)]
        return y if bias is None else y + bias

    return lambda *arrays: last(convolved)(*arrays, data_format=data_format)


def naive_depthwise(
    strides, padding="valid", dilation=None, data_format="channels_last"
):
    dilation = dilation or (1,) * len(strides)

    def convolved(x, kernel, bias=None):
        *size, channels, multiplier = kernel.shape
        places, counts = walk(x.shape[1:-1], size, strides, padding, dilation)
        y = np.zeros((len(x), *counts, channels * multiplier))
        for output, entry, place in places:
            for n, c, q in np.ndindex(len(x), channels, multiplier):
                product = x[(n, *place, c)] * kernel[(*entry, c, q)]
                y[(n, *output, c * multiplier + q)] += product
        return y if bias is None else y + bias

    return lambda *arrays: last(convolved)(*arrays, data_format=data_format)


def naive_transpose(
    strides, padding, output_padding, dilation=None, data_format="channels_last"
):
    """Every input to the outputs that a convolution of these outputs takes it from."""
    dilation = dilation or (1,) * len(strides)

    def spread(x, kernel, bias=None):
        *size, filters, channels = kernel.shape
        sizes = []
        for axis, n in enumerate(x.shape[1:-1]):
            k = dilation[axis] * (size[axis] - 1) + 1
            s = strides[axis]
            extra = output_padding and output_padding[axis]
            if padding == "valid":
                full = (n - 1) * s + max(k, s)
                sizes.append(full if extra is None else (n - 1) * s + k + extra)
            else:
                sizes.append(n * s if extra is None else (n - 1) * s + k % 2 + extra)
        places, counts = walk(sizes, size, strides, padding, dilation)
        assert counts == x.shape[1:-1]
        y = np.zeros((len(x), *sizes, filters))
        for small, entry, large in places:
            for n, f, c in np.ndindex(len(x), filters, channels):
                y[(n, *large, f)] += x[(n, *small, c)] * kernel[(*entry, f, c)]
        return y if bias is None else y + bias

    return lambda *arrays: last(spread)(*arrays, data_format=data_format)
