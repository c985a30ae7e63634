"""Reshaping layers: the rows that every layer has, and mistakes."""

import numpy as np
import pytest

from minikeras import layers
from tests.layers.rows import CHECKS, labels
from tests.ops.test_pool import naive_enlarge, naive_repeat

STEPS, IMAGES = [(2, 5, 3)], [(2, 4, 5, 3)]
FIRST = {"data_format": "channels_first"}


def padded(*widths):
    def pad(x):
        shape = [n + sum(w) for n, w in zip(x.shape, widths, strict=True)]
        y = np.zeros(shape)
        for index in np.ndindex(x.shape):
            y[tuple(i + w[0] for i, w in zip(index, widths, strict=True))] = x[index]
        return y

    return pad


def enlarged(rows, columns, kind, axes=(1, 2)):
    def enlarge(x):
        for factor, axis in zip((rows, columns), axes, strict=True):
            naive = (
                naive_repeat(factor, axis)
                if kind == "nearest"
                else naive_enlarge(factor, axis, kind)
            )
            x = naive(x)
        return x

    return enlarge


ROWS = [
    (layers.ZeroPadding1D, {}, STEPS, padded((0, 0), (1, 1), (0, 0))),
    (
        layers.ZeroPadding1D,
        {"padding": [0, 2], **FIRST},
        STEPS,
        padded((0, 0), (0, 0), (0, 2)),
    ),
    (layers.ZeroPadding2D, {}, IMAGES, padded((0, 0), (1, 1), (1, 1), (0, 0))),
    (
        layers.ZeroPadding2D,
        {"padding": [1, (2, 0)], **FIRST},
        IMAGES,
        padded((0, 0), (0, 0), (1, 1), (2, 0)),
    ),
    (layers.Cropping1D, {}, STEPS, lambda x: x[:, 1:4]),
    (layers.Cropping1D, {"cropping": (0, 2)}, STEPS, lambda x: x[:, :3]),
    (layers.Cropping2D, {}, IMAGES, lambda x: x),
    (layers.Cropping2D, {"cropping": 1}, IMAGES, lambda x: x[:, 1:3, 1:4]),
    (
        layers.Cropping2D,
        {"cropping": ((1, 0), (2, 1)), **FIRST},
        [(2, 3, 4, 5)],
        lambda x: x[:, :, 1:, 2:4],
    ),
    (layers.UpSampling1D, {}, STEPS, naive_repeat(2, 1)),
    (layers.UpSampling1D, {"size": 3}, STEPS, naive_repeat(3, 1)),
    (layers.UpSampling2D, {}, IMAGES, enlarged(2, 2, "nearest")),
    (
        layers.UpSampling2D,
        {"size": (1, 3), "interpolation": "area", **FIRST},
        IMAGES,
        enlarged(1, 3, "nearest", (2, 3)),
    ),
    *[
        (
            layers.UpSampling2D,
            {"size": (3, 2), "interpolation": kind, "data_format": place},
            IMAGES,
            enlarged(3, 2, kind, axes),
        )
        for kind in ("bilinear", "bicubic", "lanczos3", "lanczos5")
        for place, axes in (("channels_last", (1, 2)), ("channels_first", (2, 3)))
    ],
    (layers.Reshape, {"target_shape": (3, 5)}, STEPS, lambda x: x.reshape(2, 3, 5)),
    (layers.Reshape, {"target_shape": [-1, 5]}, STEPS, lambda x: x.reshape(2, 3, 5)),
    (layers.Reshape, {"target_shape": (3, None)}, STEPS, lambda x: x.reshape(2, 3, 5)),
    (layers.Reshape, {"target_shape": ()}, [(3, 1)], lambda x: x.reshape(3)),
    (layers.Permute, {"dims": (2, 1)}, STEPS, lambda x: x.transpose(0, 2, 1)),
    (layers.Permute, {"dims": [3, 1, 2]}, IMAGES, lambda x: x.transpose(0, 3, 1, 2)),
    (
        layers.RepeatVector,
        {"n": 3},
        [(2, 5)],
        lambda x: np.stack([x, x, x], axis=1),
    ),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=labels(ROWS))
def test_layer(row, check):
    check(*row)


@pytest.mark.parametrize("dtype", ["int32", "bool", "uint8"])
def test_whole_numbers_stay_whole(dtype):
    x = (np.arange(60) % 2).reshape(1, 4, 5, 3).astype(dtype)
    for layer in (
        layers.ZeroPadding2D(),
        layers.Cropping2D(1),
        layers.UpSampling2D(),
        layers.Reshape((-1,)),
        layers.Permute((3, 1, 2)),
    ):
        assert layer(x).dtype == dtype


def test_open_axes_stay_open():
    reshape = layers.Reshape((-1, 2))
    assert reshape.compute_output_shape((None, None, 3)) == (None, None, 2)
    assert reshape.compute_output_shape((4, 3, 2)) == (4, 3, 2)
    assert layers.UpSampling1D().compute_output_shape((1, None, 2)) == (1, None, 2)
    shape = layers.Cropping2D(1).compute_output_shape((None, None, 4, 1))
    assert shape == (None, None, 2, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.ZeroPadding1D(-1), "padding=-1"),
        (lambda: layers.ZeroPadding1D((1, 2, 3)), r"padding=\(1, 2, 3\)"),
        (lambda: layers.ZeroPadding1D({"a": 1, "b": 2}), "padding={'a'"),
        (lambda: layers.ZeroPadding1D(1, "last"), "data_format='last'"),
        (lambda: layers.ZeroPadding2D(-1), "padding=-1"),
        (lambda: layers.ZeroPadding2D(1.5), "padding=1.5"),
        (lambda: layers.ZeroPadding2D((1, 2, 3)), r"padding=\(1, 2, 3\)"),
        (lambda: layers.ZeroPadding2D("ab"), "padding='ab'"),
        (lambda: layers.Cropping1D(-1), "cropping=-1"),
        (lambda: layers.Cropping2D((-1, 0)), "cropping=-1"),
        (lambda: layers.Cropping2D(True), "cropping=True"),
        (lambda: layers.UpSampling1D(0), "size=0"),
        (lambda: layers.UpSampling1D(1.5), "size=1.5"),
        (lambda: layers.UpSampling2D((1, 0)), r"size=\(1, 0\)"),
        (lambda: layers.UpSampling2D(2, interpolation="cubic"), "'bicubic'.*'cubic'"),
        (lambda: layers.UpSampling2D(2, interpolation=None), "interpolation=None"),
        (lambda: layers.Reshape(3), "target_shape=3"),
        (lambda: layers.Reshape((-1, -1)), r"target_shape=\(-1, -1\)"),
        (lambda: layers.Reshape((-2,)), r"target_shape=\(-2,\)"),
        (lambda: layers.Reshape((2.5,)), r"target_shape=\(2.5,\)"),
        (lambda: layers.Permute((0, 1)), r"dims=\(0, 1\)"),
        (lambda: layers.Permute((1, 3)), r"dims=\(1, 3\)"),
        (lambda: layers.Permute((1, "2")), r"dims=\(1, '2'\)"),
        (lambda: layers.Permute(2), "dims=2"),
        (lambda: layers.RepeatVector(0), "n=0"),
        (lambda: layers.RepeatVector(2.5), "n=2.5"),
        (lambda: layers.RepeatVector(True), "n=True"),
    ],
)
def test_impossible_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (layers.Cropping1D(2, name="mine"), (1, 4, 2), r"\(1, 4, 2\).*\(2, 2\)"),
        (layers.Cropping2D((0, 2), name="mine"), (1, 4, 4, 2), r"\(1, 4, 4, 2\)"),
        (layers.Reshape((3,), name="mine"), (2, 4), r"target_shape=\(3,\).*\(2, 4\)"),
        (layers.Reshape((3, -1), name="mine"), (2, 4), r"target_shape=\(3, -1\)"),
        (layers.Reshape((0, -1), name="mine"), (2, 0), r"target_shape=\(0, -1\)"),
    ],
)
def test_what_does_not_fit(layer, shape, message):
    for call in (
        lambda: layer(np.zeros(shape, "float32")),
        lambda: layer.compute_output_shape(shape),
    ):
        with pytest.raises(ValueError, match=f"'mine'.*{message}"):
            call()


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.ZeroPadding1D(), (2, 3, 4, 1)),
        (layers.ZeroPadding2D(), (2, 3, 4)),
        (layers.Cropping1D(), (2, 3)),
        (layers.Cropping2D(), (2, 3, 4)),
        (layers.UpSampling1D(), (2, 3)),
        (layers.UpSampling2D(), (2, 3, 4)),
        (layers.Permute((2, 1)), (2, 3)),
        (layers.RepeatVector(2), (2, 3, 4)),
    ],
)
def test_the_rank(layer, shape):
    with pytest.raises(ValueError, match=f"'{layer.name}'.*ndim={len(shape)}"):
        layer(np.zeros(shape, "float32"))
