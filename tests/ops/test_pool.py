"""Pooling and enlarging: loops over single numbers as the naive twins."""

import itertools

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from minikeras.ops import image
from tests.ops.rows import CHECKS, labelled, numbers, row

LOWEST = np.finfo("float64").min


def windows_of(shape, pool, strides, padding):
    """For each output the list of the inputs in its window, both as index tuples."""
    lines = []
    for size, k, s in zip(shape, pool, strides, strict=True):
        if padding == "valid":
            count, before = (size - k) // s + 1, 0
        else:
            count = -(-size // s)
            before = max((count - 1) * s + k - size, 0) // 2
        lines.append(
            [
                [i for i in range(o * s - before, o * s - before + k) if 0 <= i < size]
                for o in range(count)
            ]
        )
    for output in itertools.product(*[range(len(line)) for line in lines]):
        inside = [line[o] for line, o in zip(lines, output, strict=True)]
        yield output, list(itertools.product(*inside))


def naive_pool(reduce, pool, strides, padding, data_format):
    def pooled(x):
        if data_format == "channels_first":
            x = np.moveaxis(x, 1, -1)
        found = dict(windows_of(x.shape[1:-1], pool, strides, padding))
        shape = tuple(1 + np.max(list(found), axis=0))
        y = np.zeros((len(x), *shape, x.shape[-1]))
        for output, window in found.items():
            for n, c in np.ndindex(len(x), x.shape[-1]):
                y[(n, *output, c)] = reduce([x[(n, *i, c)] for i in window])
        return np.moveaxis(y, -1, 1) if data_format == "channels_first" else y

    return pooled


def largest(values):
    return max([LOWEST, *(v for v in values if v == v)])


OPTIONS = [
    (pool, strides, padding, data_format)
    for pool, strides in [
        ((2, 2), (2, 2)),
        ((3, 2), (2, 1)),
        ((2, 1), (3, 2)),
        ((1, 3), (1, 1)),
        ((4, 5), (1, 4)),
    ]
    for padding in ("valid", "same")
    for data_format in ("channels_last", "channels_first")
] + [((9, 7), (2, 3), "same", "channels_last")]
X = numbers(2, 5, 6, 5, seed=3)
LINE = numbers(2, 7, 6, seed=4)

ROWS = [
    *labelled(
        row(
            name,
            lambda x, o=options, op=op: op(x, *o),
            naive_pool(reduce, *options),
            X,
        )
        for name, op, reduce in (
            ("max_pool", ops.max_pool, largest),
            ("average_pool", ops.average_pool, np.mean),
        )
        for options in OPTIONS
    ),
    *labelled(
        row(
            name,
            lambda x, o=options, op=op: op(x, *o),
            naive_pool(reduce, (options[0],), (options[1],), *options[2:]),
            LINE,
        )
        for name, op, reduce in (
            ("max_pool", ops.max_pool, largest),
            ("average_pool", ops.average_pool, np.mean),
        )
        for options in (
            (2, 2, "valid", "channels_last"),
            (3, 1, "same", "channels_last"),
            (3, 2, "same", "channels_first"),
        )
    ),
]


def naive_repeat(factor, axis):
    def repeated(x):
        index = [i // factor for i in range(x.shape[axis] * factor)]
        return np.stack([np.moveaxis(x, axis, 0)[i] for i in index], axis)

    return repeated


def triangle(d):
    return max(1 - abs(d), 0)


def cubic(d, a=-0.5):
    d = abs(d)
    if d < 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0


def lanczos(radius):
    def kernel(d):
        if d == 0:
            return 1
        p = np.pi * d
        return radius * np.sin(p) * np.sin(p / radius) / p**2 if abs(d) < radius else 0

    return kernel


KERNELS = {
    "bilinear": triangle,
    "bicubic": cubic,
    "lanczos3": lanczos(3),
    "lanczos5": lanczos(5),
}


def naive_enlarge(factor, axis, interpolation):
    def enlarged(x):
        lines = np.moveaxis(x, axis, 0)
        rows = []
        for i in range(len(lines) * factor):
            place = (i + 0.5) / factor - 0.5
            if interpolation == "bicubic":
                place = round(place * 1024) / 1024
            w = [KERNELS[interpolation](place - j) for j in range(len(lines))]
            parts = [w[j] * lines[j] for j in range(len(lines))]
            rows.append(sum(parts) / sum(w))
        return np.stack(rows, axis)

    return enlarged


ROWS += [
    *labelled(
        row(
            "repeat_each",
            lambda x, f=factor, a=axis: image.repeat_each(x, f, a),
            naive_repeat(factor, axis),
            X,
        )
        for factor, axis in ((1, 1), (2, 1), (3, 2), (2, 3))
    ),
    *labelled(
        row(
            "enlarge",
            lambda x, f=factor, a=axis, k=kind: image.enlarge(x, f, a, k),
            naive_enlarge(factor, axis, kind),
            X,
        )
        for kind in KERNELS
        for factor, axis in ((1, 1), (2, 1), (3, 2), (4, 3))
    ),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_op(row, check):
    check(row)


# Ties, nan and infinities ------------------------------------------------------


def gradient_of(x, dy, *options):
    x = Tensor(x)
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.max_pool(x, *options)
    return y.value, tape.gradient(y, x, output_gradients=dy).value


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("pool", "strides"), [((2, 2), (2, 2)), ((3, 2), (1, 2))])
def test_the_first_maximum_gets_the_gradient(pool, strides, padding):
    """A nan in first place stays first; else nan is passed over."""
    rng = np.random.default_rng(0)
    odd = [np.nan, -np.inf, 0.0, 1.0, 2.0, np.inf]
    x = rng.choice(odd, (3, 7, 6, 2), p=[0.4, 0.3, 0.1, 0.1, 0.05, 0.05])
    found = dict(windows_of((7, 6), pool, strides, padding))
    shape = (3, *(1 + np.max(list(found), axis=0)), 2)
    dy = rng.integers(1, 9, shape).astype("float64")
    expected = np.zeros_like(x)
    for output, window in found.items():
        for n, c in np.ndindex(3, 2):
            first = window[0]
            for place in window[1:]:
                if x[(n, *place, c)] > x[(n, *first, c)]:
                    first = place
            expected[(n, *first, c)] += dy[(n, *output, c)]
    y, dx = gradient_of(x, dy, pool, strides, padding)
    naive = naive_pool(largest, pool, strides, padding, "channels_last")
    np.testing.assert_array_equal(y, naive(x))
    np.testing.assert_array_equal(dx, expected)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_infinite_cotangent_stays_at_the_maximum(dtype, value):
    x = np.arange(4, dtype=dtype).reshape(1, 2, 2, 1)
    dy = np.full((1, 1, 1, 1), value, dtype)
    _, dx = gradient_of(x, dy, 2)
    np.testing.assert_array_equal(dx.ravel(), [0, 0, 0, value])
    assert dx.dtype == dtype


def test_the_least_maximum_is_finite():
    x = np.full((1, 2, 1), -np.inf, "float32")
    y, dx = gradient_of(x, np.ones((1, 1, 1), "float32"), 2)
    assert y.item() == np.finfo("float32").min
    assert dx.ravel().tolist() == [1, 0]


def test_large_windows_are_counted_in_more_bits():
    x = numbers(1, 40, 40, 1, seed=5)
    dy = numbers(1, 3, 3, 1, seed=6)
    _, dx = gradient_of(x, dy, 20, 10)
    hit = np.argwhere(dx != 0)
    windows = dict(windows_of((40, 40), (20, 20), (10, 10), "valid"))
    firsts = {max(w, key=lambda i: x[(0, *i, 0)]) for w in windows.values()}
    assert {(i, j) for _, i, j, _ in hit.tolist()} == firsts


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_whole_numbers(dtype):
    x = np.array([3, 1, 2, 5], dtype).reshape(1, 4, 1)
    assert ops.max_pool(x, 2).value.ravel().tolist() == [3, 5]
    assert ops.max_pool(x, 2).dtype == dtype
    mean = ops.average_pool(x, 2)
    assert mean.value.ravel().tolist() == [2.0, 3.5]
    assert mean.dtype == "float32"


def test_arrays_are_left_alone():
    x, dy = numbers(1, 4, 4, 2), numbers(1, 2, 2, 2)
    kept = x.copy(), dy.copy()
    for array in (x, dy):
        array.flags.writeable = False
    for op in (ops.max_pool, ops.average_pool):
        tensor = Tensor(x)
        with GradientTape() as tape:
            tape.watch(tensor)
            y = op(tensor, 2)
        tape.gradient(y, tensor, output_gradients=dy)
        assert not np.shares_memory(y.value, x)
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(dy, kept[1])


def test_the_strides_are_the_pool_size_and_channels_are_last():
    for op in (ops.max_pool, ops.average_pool):
        np.testing.assert_array_equal(
            op(X, (2, 3)).value,
            op(X, [2, 3], (2, 3), "VALID", "channels_last").value,
        )


@pytest.mark.parametrize("op", [ops.max_pool, ops.average_pool])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((0,), "pool_size=0"),
        ((-2,), "pool_size=-2"),
        ((2.0,), "pool_size=2.0"),
        ((True,), "pool_size=True"),
        (("22",), "pool_size='22'"),
        (((2, 2, 2),), r"pool_size=\(2, 2, 2\)"),
        ((2, 0), "strides=0"),
        ((2, (1, -1)), r"strides=\(1, -1\)"),
        ((2, 2, "full"), "padding='full'"),
        ((2, 2, None), "padding=None"),
        ((2, 2, "valid", "last"), "data_format='last'"),
        ((6,), r"fit.*\(5, 6\).*pool_size=\(6, 6\)"),
        ((7, 1, "valid", "channels_first"), r"fit.*\(6, 5\)"),
    ],
)
def test_impossible_arguments(op, options, message):
    with pytest.raises(ValueError, match=message):
        op(X, *options)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 2, 2, 2, 1)])
def test_impossible_ranks(shape):
    with pytest.raises(ValueError, match="one or two axes"):
        ops.max_pool(np.zeros(shape), 1)
