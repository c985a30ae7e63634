"""Convolutions beside loops over single numbers."""

import itertools

import numpy as np
import pytest

from minikeras import config, ops
from minikeras.autodiff import GradientTape, Tensor
from minikeras.ops import conv_shapes
from minikeras.ops.conv import convolve, convolve_depthwise
from minikeras.ops.conv_transpose import convolve_transposed
from tests.ops.naive_conv import (
    naive_conv,
    naive_depthwise,
    naive_transpose,
    steps,
)
from tests.ops.rows import CHECKS, CLOSE, labelled, numbers, row

# Rows ----------------------------------------------------------------------------

FORMATS = ("channels_last", "channels_first")
INPUTS = {
    ("channels_last", 1): numbers(2, 7, 4, seed=1),
    ("channels_last", 2): numbers(2, 5, 6, 4, seed=2),
}
# So many channels that their numbers are copied in another way.
WIDE = {
    ("channels_last", 1): numbers(2, 7, 9, seed=1),
    ("channels_last", 2): numbers(2, 5, 6, 9, seed=2),
}
for inputs in (INPUTS, WIDE):
    inputs |= {
        ("channels_first", axes): np.ascontiguousarray(np.moveaxis(x, -1, 1))
        for (_, axes), x in inputs.items()
    }
IMAGE = INPUTS["channels_last", 2]

# (kernel size, strides, padding, dilation)
WINDOWS = [
    ((3,), (1,), "valid", (1,)),
    ((2,), (2,), "same", (1,)),
    ((4,), (3,), "same", (1,)),
    ((2,), (1,), "valid", (3,)),
    ((3,), (1,), "same", (2,)),
    ((1,), (2,), "valid", (1,)),
    ((3, 3), (1, 1), "valid", (1, 1)),
    ((2, 3), (2, 2), "same", (1, 1)),
    ((4, 2), (1, 3), "same", (1, 1)),
    ((2, 1), (3, 1), "valid", (1, 1)),
    ((2, 3), (1, 1), "same", (2, 2)),
    ((1, 2), (1, 1), "valid", (2, 3)),
    ((1, 1), (1, 1), "valid", (1, 1)),
    ((5, 6), (1, 1), "valid", (1, 1)),
    ((7, 9), (2, 2), "same", (1, 1)),
]
# Those that only some take: causal, and strides with a dilation.
CAUSAL = [((3,), (s,), "causal", (d,)) for s, d in ((1, 1), (2, 1), (1, 2))]
BOTH = [
    ((2,), (2,), "same", (2,)),
    ((3,), (3,), "valid", (2,)),
    ((2, 3), (2, 1), "same", (2, 3)),
    ((2, 2), (1, 2), "valid", (3, 1)),
]
# (kernel size, strides, padding, output padding)
OUTPUT_PADDINGS = [
    ((3,), (2,), "valid", (1,)),
    ((2,), (3,), "same", (2,)),
    ((3, 2), (2, 2), "same", (0, 1)),
    ((1, 4), (2, 3), "valid", (1, 0)),
]


def conv_rows(name, op, naive, shapes, windows, inputs=INPUTS):
    """A row of each window, data format and shape (of the kernel's last two axes).

    The op of x, kernel and bias: derivatives with respect to all three.
    """
    for size, strides, padding, dilation in windows:
        for data_format in FORMATS:
            for (a, b), outputs in shapes.items():
                options = (strides, padding, data_format, dilation)
                yield row(
                    name,
                    lambda x, k, bias, o=options: op(x, k, bias, *o),
                    naive(strides, padding, dilation, data_format),
                    inputs[data_format, len(size)],
                    numbers(*size, a, b, seed=4),
                    numbers(outputs, seed=5),
                    batch=False,
                )


def transpose_rows():
    windows = [(size, s, p, None, d) for size, s, p, d in WINDOWS]
    windows += [(size, s, p, extra, None) for size, s, p, extra in OUTPUT_PADDINGS]
    for size, strides, padding, extra, dilation in windows:
        dilation = dilation or (1,) * len(size)
        for data_format in FORMATS:
            options = (strides, padding, extra, data_format, dilation)
            yield row(
                "conv_transpose",
                lambda x, k, bias, o=options: convolve_transposed(x, k, bias, *o),
                naive_transpose(strides, padding, extra, dilation, data_format),
                INPUTS[data_format, len(size)],
                numbers(*size, 3, 4, seed=4),
                numbers(3, seed=5),
                batch=False,
            )


ROWS = [
    *labelled(
        conv_rows(
            "conv",
            convolve,
            naive_conv,
            {(4, 3): 3, (2, 6): 6, (1, 4): 4},  # 1, 2 and 4 groups
            WINDOWS + CAUSAL,
        )
    ),
    *(
        r._replace(label=f"wide-{i}")
        for i, r in enumerate(
            conv_rows("conv", convolve, naive_conv, {(9, 2): 2}, WINDOWS[1:11:3], WIDE)
        )
    ),
    *labelled(
        conv_rows(
            "depthwise_conv",
            convolve_depthwise,
            naive_depthwise,
            {(4, 1): 4, (4, 3): 12},
            WINDOWS + BOTH,
        )
    ),
    *labelled(transpose_rows()),
]
every_row = pytest.mark.parametrize("row", ROWS, ids=repr)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@every_row
def test_op(row, check):
    check(row)


@every_row
def test_few_rows(row):
    x, *weights = row.arrays
    whole = row.call(*map(Tensor, row.arrays)).value
    for count in (0, 1):
        inputs = [Tensor(array) for array in (x[:count], *weights)]
        with GradientTape() as tape:
            tape.watch(inputs)
            y = row.call(*inputs)
        assert y.shape == (count, *whole.shape[1:])
        np.testing.assert_allclose(y.value, whole[:count], **CLOSE)
        for array, gradient in zip(inputs, tape.gradient(y, inputs), strict=True):
            assert gradient.shape == array.shape
            assert count or (gradient.value == 0).all()


@every_row
def test_arrays_are_left_alone(row):
    inputs = [Tensor(array.copy()) for array in row.arrays]
    for tensor in inputs:
        tensor.value.flags.writeable = False
    with GradientTape() as tape:
        tape.watch(inputs)
        y = row.call(*inputs)
    dy = numbers(*y.shape)
    dy.flags.writeable = False
    gradients = tape.gradient(y, inputs, output_gradients=dy)
    for tensor, array in zip(inputs, row.arrays, strict=True):
        np.testing.assert_array_equal(tensor.value, array)
        assert not np.shares_memory(y.value, tensor.value)
    for gradient in gradients:
        assert not np.shares_memory(gradient.value, dy)


# The functions of keras.ops -----------------------------------------------------


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("axes", [1, 2])
def test_functions(axes, data_format):
    x = INPUTS[data_format, axes]
    size, both, ones = (3, 2)[:axes], (2, 1)[:axes], (1,) * axes
    options = {"padding": "Same", "data_format": data_format.upper()}
    deep, wide = numbers(*size, 4, 2, seed=6), numbers(*size, 2, 6, seed=7)
    point, back = numbers(*ones, 8, 3, seed=8), numbers(*size, 3, 4, seed=9)

    def agree(y, expected):
        np.testing.assert_allclose(y.value, expected, **CLOSE)

    strides = [*both]
    plain = naive_conv(both, "same", None, data_format)
    agree(ops.conv(x, wide, strides, **options), plain(x, wide))
    depthwise = naive_depthwise(both, "same", None, data_format)(x, deep)
    agree(ops.depthwise_conv(x, deep, strides, **options), depthwise)
    mixed = naive_conv(ones, "valid", None, data_format)(depthwise, point)
    agree(ops.separable_conv(x, deep, point, strides, **options), mixed)
    spread = naive_transpose((2, 2)[:axes], "valid", (1, 1)[:axes], None, data_format)
    options["padding"] = "VALID"
    agree(ops.conv_transpose(x, back, 2, output_padding=1, **options), spread(x, back))


def test_the_defaults():
    x, kernel = IMAGE, numbers(2, 2, 4, 4)
    first = np.moveaxis(x, -1, 1)
    one = naive_conv((1, 1))(x, kernel)
    np.testing.assert_allclose(ops.conv(x, kernel).value, one, **CLOSE)
    config.set_image_data_format("channels_first")
    try:
        y = ops.conv(first, kernel).value
    finally:
        config.set_image_data_format("channels_last")
    np.testing.assert_allclose(np.moveaxis(y, 1, -1), one, **CLOSE)


@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool"])
def test_whole_numbers_become_the_kernels_dtype(dtype):
    x = (IMAGE > 0).astype(dtype)
    kernel = np.ones((2, 2, 4, 1), "float32")
    expected = naive_conv((1, 1))(x, kernel)
    for y in (ops.conv(x, kernel), ops.conv(x.tolist(), kernel.astype(int))):
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y.value, expected)  # small whole numbers
    assert ops.depthwise_conv(x, kernel).dtype == np.float32
    assert ops.conv_transpose(x, kernel.swapaxes(2, 3)).dtype == np.float32


def test_infinities_give_no_warning():
    x = np.full((1, 3, 3, 1), np.inf, "float32")
    kernel = np.float32([[[[1.0]]], [[[-1.0]]]])
    for op in (ops.conv, ops.depthwise_conv, ops.conv_transpose):
        inputs = Tensor(x), Tensor(kernel)
        with GradientTape() as tape:
            tape.watch(inputs)
            y = op(*inputs)
        assert np.isnan(y.value).any()
        dx, dkernel = tape.gradient(y, inputs, output_gradients=y.value)
        assert np.isnan(dx.value).any() and np.isnan(dkernel.value).any()


@pytest.mark.parametrize("name", ["conv", "depthwise_conv", "conv_transpose"])
def test_what_is_untracked_is_not_computed(name):
    """With only the kernel tracked, the image never gets a derivative."""
    called = []
    kernel = Tensor(numbers(2, 2, 4, 4))
    with GradientTape() as tape:
        tape.watch(kernel)
        y = getattr(ops, name)(IMAGE, kernel)
    ((output, inputs, vjp),) = tape._entries
    spied = [lambda dy, i=i, f=f: called.append(i) or f(dy) for i, f in enumerate(vjp)]
    tape._entries[:] = [(output, inputs, tuple(spied))]
    assert tape.gradient(y, kernel).shape == kernel.shape
    assert called == [1]


def test_float32_is_as_good_as_its_roundings():
    """A product of n float32 terms is off by at most n half ulps of Σ |terms|."""
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(8, 12, 12, 16)), rng.normal(size=(3, 3, 16, 8))
    small = rng.normal(size=(8, 10, 10, 8))
    for op, image, terms in (
        (ops.conv, x, (9 * 16, 9 * 8, 8 * 10 * 10)),
        (ops.conv_transpose, small, (9 * 8, 9 * 16, 8 * 10 * 10)),
    ):
        found, bounds = {}, {}
        for dtype, sign in (("float32", 1), ("float64", 1), ("float64", 0)):
            values = [v.astype(dtype) if sign else np.abs(v) for v in (image, kernel)]
            inputs = [Tensor(v) for v in values]
            with GradientTape() as tape:
                tape.watch(inputs)
                y = op(*inputs)
            seed = np.random.default_rng(1).normal(size=y.shape).astype(dtype)
            seed = seed if sign else np.abs(seed)
            gradients = tape.gradient(y, inputs, output_gradients=seed)
            results = [y.value, *(g.value for g in gradients)]
            (found if sign else bounds)[dtype] = results
        half_ulp = np.finfo("float32").eps / 2
        for single, double, size, n in zip(
            found["float32"], found["float64"], bounds["float64"], terms, strict=True
        ):
            # and half an ulp for each of the three roundings to float32 at first
            assert (np.abs(single - double) <= (n + 3) * half_ulp * size).all()


# Sizes ----------------------------------------------------------------------------


def test_sizes_of_all_small_windows():
    """`conv_sizes` and `pads_for` by counting, `transposed_sizes` as their inverse."""
    for size, k, s, d, padding in itertools.product(
        range(1, 9), range(1, 5), range(1, 4), range(1, 4), ("valid", "same")
    ):
        reach = (k - 1) * d + 1
        if padding == "valid" and reach > size:
            continue
        window = ((k,), (s,), padding, (d,))
        places, count = steps(size, k, s, padding, d)
        assert conv_shapes.conv_sizes((size,), *window) == (count,)
        ((before, after),) = conv_shapes.pads_for((size,), *window)
        if padding == "same":
            assert after - before in (0, 1)
            assert (size + before + after - reach) // s + 1 == count
        for extra in (None, *range(s)):
            if extra == 0 and padding == "same" and reach % 2 == 0:
                continue
            paddings = None if extra is None else (extra,)
            large = conv_shapes.transposed_sizes((size,), *window[:3], paddings, (d,))
            assert conv_shapes.conv_sizes(large, *window) == (size,)


def test_open_sizes_stay_open():
    window = ((2, 3), (1, 2), "valid", (1, 1))
    assert conv_shapes.conv_sizes((None, 7), *window) == (None, 3)
    large = conv_shapes.transposed_sizes((4, None), *window[:3], None, (1, 1))
    assert large == (5, None)


# Mistakes -------------------------------------------------------------------------

KERNEL = numbers(2, 2, 4, 4)
MISTAKES = [
    ("conv", (0,), "strides=0"),
    ("conv", ((1, 2, 3),), r"strides=\(1, 2, 3\)"),
    ("conv", (1.5,), "strides=1.5"),
    ("conv", (1, "causal"), "'valid', 'same'.*padding='causal'"),
    ("conv", (1, None), "padding=None"),
    ("conv", (1, "valid", "last"), "data_format='last'"),
    ("conv", (1, "valid", None, 0), "dilation_rate=0"),
    ("conv", (2, "valid", None, 2), r"both.*strides=\(2, 2\), dilation_rate=\(2, 2\)"),
    ("conv", (1, "valid", None, 5), r"fit.*\(5, 6\).*dilation_rate=\(5, 5\)"),
    ("depthwise_conv", (-1,), "strides=-1"),
    ("depthwise_conv", (1, "valid", None, 5), r"fit.*kernel_size=\(2, 2\)"),
    ("conv_transpose", (2, "valid", 2), r"output_padding=\(2, 2\)"),
    ("conv_transpose", (2, "valid", -1), "output_padding=-1"),
    ("conv_transpose", (2, "same", 0), r"at least 1.*output_padding=\(0, 0\)"),
    ("conv_transpose", (2, "same", None, None, 2), "both"),
]


@pytest.mark.parametrize(("name", "options", "message"), MISTAKES)
def test_impossible_options(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(ops, name)(IMAGE, KERNEL, *options)


@pytest.mark.parametrize(
    ("name", "shape", "kernels", "message"),
    [
        ("conv", (2, 5, 4), [(2, 2, 4, 3)], r"\(2, 5, 4\).*\(2, 2, 4, 3\)"),
        ("conv", (2, 5), [(5, 4)], r"one or two axes.*\(2, 5\)"),
        ("conv", (1, 2, 2, 2, 3), [(1, 1, 1, 3, 3)], "one or two axes"),
        ("conv", (1, 2, 2, 4), [(1, 1, 3, 3)], r"4 channels.*\(1, 1, 3, 3\)"),
        ("conv", (1, 2, 2, 4), [(1, 1, 2, 3)], r"4 channels.*\(1, 1, 2, 3\)"),
        ("conv", (1, 2, 2, 4), [(1, 1, 0, 3)], r"\(1, 1, 0, 3\)"),
        ("conv", (1, 2, 2, 4), [(3, 1, 4, 3)], r"fit.*kernel_size=\(3, 1\)"),
        ("depthwise_conv", (1, 2, 2, 4), [(1, 1, 2, 3)], "4 channels"),
        ("conv_transpose", (1, 2, 2, 4), [(1, 1, 4, 3)], "4 channels"),
        ("separable_conv", (1, 2, 4), [(1, 4, 2), (1, 7, 3)], "8 channels"),
        ("separable_conv", (1, 2, 4), [(1, 4, 2), (2, 8, 3)], r"size 1.*\(2, 8, 3\)"),
    ],
)
def test_impossible_shapes(name, shape, kernels, message):
    with pytest.raises(ValueError, match=message):
        getattr(ops, name)(np.zeros(shape), *[np.zeros(k) for k in kernels])
