"""Pooling layers: the rows that every layer has, masks and mistakes."""

import numpy as np
import pytest

from minikeras import config, layers
from minikeras.autodiff import GradientTape, Tensor
from tests.layers.rows import CHECKS, labels
from tests.ops.test_pool import largest, naive_pool

FIRST = {"data_format": "channels_first"}


def windows(reduce, pool, strides=None, padding="valid", data_format="channels_last"):
    return naive_pool(reduce, pool, strides or pool, padding, data_format)


ROWS = [
    row
    for kind, reduce, whole in (("Max", largest, np.max), ("Average", np.mean, np.mean))
    for line, image, all_steps, all_pixels in [
        [
            getattr(layers, f"{prefix}{kind}Pooling{rank}D")
            for prefix in ("", "Global")
            for rank in (1, 2)
        ]
    ]
    for row in (
        (line, {"pool_size": 2}, [(3, 5, 2)], windows(reduce, (2,))),
        (
            line,
            {"pool_size": [3], "strides": 1, "padding": "same"},
            [(3, 5, 2)],
            windows(reduce, (3,), (1,), "same"),
        ),
        (
            line,
            {"pool_size": 2, "strides": (3,), **FIRST},
            [(3, 2, 5)],
            windows(reduce, (2,), (3,), "valid", "channels_first"),
        ),
        (image, {"pool_size": 2}, [(3, 5, 4, 2)], windows(reduce, (2, 2))),
        (
            image,
            {"pool_size": (3, 2), "strides": (1, 2), "padding": "same"},
            [(3, 5, 4, 2)],
            windows(reduce, (3, 2), (1, 2), "same"),
        ),
        (
            image,
            {"pool_size": [1, 3], **FIRST},
            [(3, 2, 5, 4)],
            windows(reduce, (1, 3), None, "valid", "channels_first"),
        ),
        (all_steps, {}, [(3, 5, 2)], lambda x, f=whole: f(x, 1)),
        (
            all_steps,
            {"keepdims": True, **FIRST},
            [(3, 5, 2)],
            lambda x, f=whole: f(x, 2, keepdims=True),
        ),
        (all_pixels, {}, [(3, 5, 4, 2)], lambda x, f=whole: f(x, (1, 2))),
        (all_pixels, FIRST, [(3, 2, 5, 4)], lambda x, f=whole: f(x, (2, 3))),
        (
            all_pixels,
            {"keepdims": True},
            [(3, 5, 4, 2)],
            lambda x, f=whole: f(x, (1, 2), keepdims=True),
        ),
    )
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=labels(ROWS))
def test_layer(row, check):
    check(*row)


def test_defaults():
    assert layers.MaxPooling1D().pool_size == layers.MaxPooling1D().strides == (2,)
    assert layers.MaxPooling2D().pool_size == layers.MaxPooling2D().strides == (2, 2)
    assert layers.MaxPooling2D(3).strides == (3, 3)
    assert layers.MaxPooling2D().padding == "valid"
    with pytest.raises(TypeError, match="pool_size"):
        layers.AveragePooling2D()
    named = layers.AveragePooling1D(2, None, "valid", None, "mine")
    assert named.name == "mine"


def test_second_names():
    for rank in (1, 2):
        for prefix in ("", "Global"):
            for long, short in (("Max", "Max"), ("Average", "Avg")):
                cls = getattr(layers, f"{prefix}{long}Pooling{rank}D")
                assert getattr(layers, f"{prefix}{short}Pool{rank}D") is cls


def test_the_configured_format():
    config.set_image_data_format("channels_first")
    try:
        made = layers.MaxPooling2D(), layers.GlobalMaxPooling2D()
    finally:
        config.set_image_data_format("channels_last")
    for layer in made:
        assert layer.data_format == "channels_first"
    assert made[0](np.zeros((1, 3, 4, 4))).shape == (1, 3, 2, 2)
    assert made[1](np.zeros((1, 3, 4, 4))).shape == (1, 3)
    assert layers.MaxPooling2D(data_format="Channels_First").padding == "valid"


def test_open_axes_stay_open():
    shape = layers.MaxPooling2D().compute_output_shape((None, None, 5, 3))
    assert shape == (None, None, 2, 3)
    same = layers.AveragePooling1D(2, padding="same")
    assert same.compute_output_shape((4, 5, None)) == (4, 3, None)


# Masks -------------------------------------------------------------------------

X = np.arange(12, dtype="float32").reshape(2, 3, 2)
MASK = np.array([[True, False, True], [False, True, False]])


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("keepdims", [False, True])
def test_the_mean_of_the_steps_that_count(data_format, keepdims):
    first = data_format == "channels_first"
    layer = layers.GlobalAveragePooling1D(data_format, keepdims)
    y = layer(X.swapaxes(1, 2) if first else X, mask=MASK).value
    expected = np.float32([[2, 3], [8, 9]])
    if keepdims:
        expected = expected[:, :, None] if first else expected[:, None]
    np.testing.assert_array_equal(y, expected)


def test_the_mask_comes_with_the_tensor_and_goes():
    x = Tensor(X)
    x._keras_mask = Tensor(MASK)
    layer = layers.GlobalAveragePooling1D()
    with GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    np.testing.assert_array_equal(y.value, np.float32([[2, 3], [8, 9]]))
    assert y._keras_mask is None
    dx = tape.gradient(y, x).value
    assert dx[:, :, 0].tolist() == [[0.5, 0, 0.5], [0, 1, 0]]


def test_a_sample_without_steps_that_count_is_nan():
    y = layers.GlobalAveragePooling1D()(X, mask=np.zeros((2, 3), bool)).value
    assert np.isnan(y).all()


# Mistakes ----------------------------------------------------------------------


@pytest.mark.parametrize("cls", [layers.MaxPooling2D, layers.AveragePooling2D])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pool_size": 0}, "pool_size=0"),
        ({"pool_size": (2, -1)}, r"pool_size=\(2, -1\)"),
        ({"pool_size": (2,)}, r"pool_size=\(2,\)"),
        ({"pool_size": 1.5}, "pool_size=1.5"),
        ({"pool_size": None}, "pool_size=None"),
        ({"pool_size": 2, "strides": 0}, "strides=0"),
        ({"pool_size": 2, "padding": "full"}, "'valid', 'same'.*padding='full'"),
        ({"pool_size": 2, "data_format": "last"}, "data_format='last'"),
        ({"pool_size": 2, "stride": 1}, "stride"),
    ],
)
def test_impossible_arguments(cls, options, message):
    with pytest.raises(ValueError, match=message):
        cls(**options)


@pytest.mark.parametrize("cls", [layers.MaxPooling2D, layers.AveragePooling2D])
def test_the_window_must_fit(cls):
    layer = cls((2, 5), name="mine")
    for call in (
        lambda: layer(np.zeros((1, 4, 4, 1), "float32")),
        lambda: layer.compute_output_shape((None, 4, 4, 1)),
    ):
        with pytest.raises(ValueError, match=r"'mine'.*\(4, 4\).*\(2, 5\)"):
            call()
    assert layer(np.zeros((1, 4, 5, 1), "float32")).shape == (1, 2, 1, 1)


@pytest.mark.parametrize(
    ("cls", "shape"),
    [
        (layers.MaxPooling1D, (2, 4)),
        (layers.MaxPooling2D, (2, 4, 4)),
        (layers.GlobalMaxPooling1D, (2, 4, 4, 1)),
        (layers.GlobalAveragePooling2D, (2, 4, 4)),
    ],
)
def test_the_rank(cls, shape):
    with pytest.raises(ValueError, match=f"'mine'.*expected ndim.*{len(shape)}"):
        cls(name="mine")(np.zeros(shape, "float32"))
