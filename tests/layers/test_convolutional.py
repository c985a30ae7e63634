"""Convolution layers beside the loops of tests/ops/naive_conv.py, and their mistakes.

A row is (layer class, its arguments, input shape, naive twin of weights by name and x).
"""

import random

import numpy as np
import pytest

from minikeras import activations, layers
from minikeras.autodiff import GradientTape
from minikeras.graph import KerasTensor
from tests.gradients import check_gradient
from tests.ops.naive_conv import naive_conv, naive_depthwise, naive_transpose

LINE, IMAGE = (3, 7, 4), (3, 5, 6, 4)
FIRST = {"data_format": "channels_first"}


def plain(naive, after=lambda y: y):
    return lambda w, x: after(naive(x, w["kernel"], w["bias"]))


def without_bias(naive):
    return lambda w, x: naive(x, w["kernel"])


def separable(depthwise, pointwise):
    return lambda w, x: pointwise(
        depthwise(x, w["depthwise_kernel"]), w["pointwise_kernel"], w["bias"]
    )


def with_bias_first(naive):
    """channels_first: the twin moves the axes, so the bias comes after."""
    return lambda w, x: (
        naive(x, w["kernel"]) + w["bias"].reshape(-1, *(1,) * (x.ndim - 2))
    )


RANDOM_BIAS = {"bias_initializer": "random_normal"}
ROWS = [
    (
        layers.Conv1D,
        {"filters": 3, "kernel_size": 3, **RANDOM_BIAS},
        LINE,
        plain(naive_conv((1,))),
    ),
    (
        layers.Conv1D,
        {"filters": 4, "kernel_size": 2, "strides": 2, "padding": "same", "groups": 2},
        LINE,
        plain(naive_conv((2,), "same")),
    ),
    (
        layers.Conv1D,
        {"filters": 2, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
        LINE,
        plain(naive_conv((1,), "causal", (2,))),
    ),
    (
        layers.Conv1D,
        {"filters": 2, "kernel_size": 2, "padding": "CAUSAL", **RANDOM_BIAS, **FIRST},
        (3, 4, 7),
        with_bias_first(naive_conv((1,), "causal", (1,), "channels_first")),
    ),
    (
        layers.Conv2D,
        {"filters": 3, "kernel_size": (2, 3), **RANDOM_BIAS, "activation": "tanh"},
        IMAGE,
        plain(naive_conv((1, 1)), np.tanh),
    ),
    (
        layers.Conv2D,
        {"filters": 3, "kernel_size": 2, "strides": (2, 1), "padding": "same"},
        IMAGE,
        plain(naive_conv((2, 1), "same")),
    ),
    (
        layers.Conv2D,
        {"filters": 4, "kernel_size": 2, "groups": 4, "use_bias": False},
        IMAGE,
        without_bias(naive_conv((1, 1))),
    ),
    (
        layers.Conv2D,
        {"filters": 3, "kernel_size": 2, "dilation_rate": 2, **RANDOM_BIAS, **FIRST},
        (3, 4, 5, 6),
        with_bias_first(naive_conv((1, 1), "valid", (2, 2), "channels_first")),
    ),
    (
        layers.DepthwiseConv1D,
        {"kernel_size": 3, "strides": 2, "dilation_rate": 2, **RANDOM_BIAS},
        LINE,
        plain(naive_depthwise((2,), "valid", (2,))),
    ),
    (
        layers.DepthwiseConv2D,
        {
            "kernel_size": (3, 2),
            "padding": "same",
            "depth_multiplier": 2,
            **RANDOM_BIAS,
        },
        IMAGE,
        plain(naive_depthwise((1, 1), "same")),
    ),
    (
        layers.SeparableConv1D,
        {
            "filters": 3,
            "kernel_size": 2,
            "strides": 2,
            "padding": "same",
            **RANDOM_BIAS,
        },
        LINE,
        separable(naive_depthwise((2,), "same"), naive_conv((1,))),
    ),
    (
        layers.SeparableConv2D,
        {"filters": 3, "kernel_size": 2, "depth_multiplier": 2, "dilation_rate": 2},
        IMAGE,
        separable(naive_depthwise((1, 1), "valid", (2, 2)), naive_conv((1, 1))),
    ),
    (
        layers.Conv1DTranspose,
        {
            "filters": 3,
            "kernel_size": 3,
            "strides": 2,
            "padding": "same",
            **RANDOM_BIAS,
        },
        LINE,
        plain(naive_transpose((2,), "same", None)),
    ),
    (
        layers.Conv2DTranspose,
        {"filters": 3, "kernel_size": (2, 3), "strides": 2, "output_padding": (0, 1)},
        (3, 4, 2, 4),
        plain(naive_transpose((2, 2), "valid", (0, 1))),
    ),
    (
        layers.Conv2DTranspose,
        {"filters": 2, "kernel_size": 2, "dilation_rate": 2, **RANDOM_BIAS, **FIRST},
        (3, 4, 2, 3),
        with_bias_first(
            naive_transpose((1, 1), "valid", None, (2, 2), "channels_first")
        ),
    ),
]
LABELS = [f"{cls.__name__}-{i}" for i, (cls, *_) in enumerate(ROWS)]
every_row = pytest.mark.parametrize(
    ("cls", "options", "shape", "naive"), ROWS, ids=LABELS
)
CLASSES = {cls.__name__: cls for cls, *_ in ROWS}
every_class = pytest.mark.parametrize("cls", CLASSES.values(), ids=CLASSES)


def numbers(shape):
    return np.random.default_rng(0).normal(size=shape)


def made(cls, **options):
    """A layer of that class with the least arguments."""
    options.setdefault("kernel_size", 2)
    if "Depthwise" not in cls.__name__:
        options.setdefault("filters", 4)
    return cls(**options)


def shape_for(cls):
    return LINE if "1D" in cls.__name__ else IMAGE


@every_row
def test_value(cls, options, shape, naive):
    layer = cls(**options, dtype="float64")
    x = numbers(shape)
    y = layer(x)
    weights = {v.name: v.value for v in layer.weights} | (
        {} if layer.use_bias else {"bias": None}
    )
    # float64: roundings of sums of up to 36 products of size 1
    np.testing.assert_allclose(y.value, naive(weights, x), rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(x, numbers(shape))


@every_row
def test_derivative(cls, options, shape, naive):
    layer = cls(**options, dtype="float64")
    x = numbers(shape)
    layer(x)
    names = [v.name for v in layer.weights]

    def function(x, *weights):
        layer.__dict__.update(zip(names, weights, strict=True))
        return layer.call(x)

    check_gradient(function, x, *[v.value for v in layer.weights])


@every_row
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8"])
def test_float32_comes_out(cls, options, shape, naive, dtype):
    layer = cls(**options)
    with GradientTape() as tape:
        y = layer(np.abs(numbers(shape)).astype(dtype))
    assert y.dtype == np.float32
    assert {v.dtype for v in layer.weights} == {"float32"}
    gradients = tape.gradient(y, layer.trainable_weights)
    assert {g.dtype for g in gradients} == {np.dtype("float32")}


@every_row
def test_few_rows_and_shapes(cls, options, shape, naive):
    layer = cls(**options, dtype="float64")
    x = numbers(shape)
    layer(x[:0])  # built by no rows
    whole = layer(x).value
    for count in (0, 1):
        few = layer(x[:count]).value
        assert few.shape == (count, *whole.shape[1:])
        np.testing.assert_allclose(few, whole[:count], rtol=1e-12, atol=1e-13)
    opened = (None, *shape[1:])
    assert cls(**options).compute_output_shape(opened) == (None, *whole.shape[1:])
    assert layer.compute_output_shape(shape) == whole.shape
    symbolic = cls(**options)(KerasTensor(opened))
    assert (symbolic.shape, symbolic.dtype) == ((None, *whole.shape[1:]), "float32")


@every_row
def test_config(cls, options, shape, naive):
    layer = cls(**options, name="mine", trainable=False, dtype="float64")
    written = layer.get_config()
    assert cls.from_config(written).get_config() == written
    restored = layers.deserialize(layers.serialize(layer))
    assert type(restored) is cls
    assert layers.serialize(restored) == layers.serialize(layer)
    assert restored(numbers(shape)).shape == layer(numbers(shape)).shape


# Weights ------------------------------------------------------------------------


@every_class
def test_options_reach_the_weights(cls):
    layer = made(cls)
    kernels = [n[: -len("_initializer")] for n in layer.get_config() if "_init" in n]
    options = {"bias_initializer": "ones"}
    for kernel in kernels:
        options |= {f"{kernel}_regularizer": "l2", f"{kernel}_constraint": "non_neg"}
    layer = made(cls, activity_regularizer="l1", **options)
    layer(numbers(shape_for(cls)))
    assert [type(v.regularizer).__name__ for v in layer.weights] == ["L2"] * len(
        kernels
    )
    assert {type(v.constraint).__name__ for v in layer.weights} == {"NonNeg"}
    assert (layer.weights[-1].value == 1).all()
    assert layer.weights[-1].name == "bias"
    assert len(layer.losses) == 1 + len(kernels)
    again = cls.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    again(numbers(shape_for(cls)))
    for old, new in zip(layer.weights, again.weights, strict=True):
        assert type(new.regularizer) is type(old.regularizer)
        assert type(new.constraint) is type(old.constraint)


@every_class
def test_seeds_are_drawn_in_the_order_of_the_weights(cls):
    """Python's random gives one seed to each initializer that has none."""
    config = made(cls).get_config()
    # As in the constructor, where the kernels come before the bias.
    names = ["kernel", "depthwise", "pointwise", "bias"]
    names = [n for n in names if f"{n}_initializer" in config]
    random.seed(5)
    layer = made(cls, **{f"{n}_initializer": "random_uniform" for n in names})
    drawn = [getattr(layer, f"{n}_initializer").seed for n in names]
    random.seed(5)
    assert drawn == [random.randint(1, 10**9) for _ in names]


@pytest.mark.parametrize(
    ("name", "options", "shapes"),
    [
        ("Conv1D", {"filters": 6, "groups": 2}, [(2, 2, 6), (6,)]),
        ("Conv2D", {"filters": 3}, [(2, 2, 4, 3), (3,)]),
        ("Conv2D", {"filters": 8, "groups": 4}, [(2, 2, 1, 8), (8,)]),
        ("DepthwiseConv1D", {"depth_multiplier": 3}, [(2, 4, 3), (12,)]),
        ("DepthwiseConv2D", {}, [(2, 2, 4, 1), (4,)]),
        (
            "SeparableConv1D",
            {"filters": 3, "depth_multiplier": 2},
            [(2, 4, 2), (1, 8, 3), (3,)],
        ),
        ("SeparableConv2D", {"filters": 3}, [(2, 2, 4, 1), (1, 1, 4, 3), (3,)]),
        ("Conv1DTranspose", {"filters": 3}, [(2, 3, 4), (3,)]),
        ("Conv2DTranspose", {"filters": 3}, [(2, 2, 3, 4), (3,)]),
    ],
)
def test_the_shapes_of_the_weights(name, options, shapes):
    layer = made(CLASSES[name], **options)
    layer.build((None, *shape_for(CLASSES[name])[1:]))
    assert [v.shape for v in layer.weights] == shapes


@every_class
def test_no_bias(cls):
    layer = made(cls, use_bias=False)
    layer(numbers(shape_for(cls)))
    assert layer.bias is None
    assert "bias" not in {v.name for v in layer.weights}


@pytest.mark.parametrize(
    "name", ["Conv1D", "Conv2D", "SeparableConv1D", "SeparableConv2D"]
)
def test_second_names(name):
    second = name.replace("Conv", "Convolution")
    assert getattr(layers, second) is CLASSES[name]
    if not name.startswith("Separable"):
        assert getattr(layers, f"{second}Transpose") is CLASSES[f"{name}Transpose"]


def test_the_activation_acts_on_all():
    x = numbers(IMAGE)
    linear = layers.Conv2D(3, 2, kernel_initializer="ones")
    rectified = layers.Conv2D(3, 2, kernel_initializer="ones", activation="relu")
    expected = np.maximum(linear(x).value, 0)
    np.testing.assert_array_equal(rectified(x).value, expected)
    assert linear.activation is activations.linear


def test_nothing_later_reaches_a_causal_output():
    layer = layers.Conv1D(2, 3, padding="causal", dilation_rate=2)
    x = numbers(LINE).astype("float32")
    before = layer(x).value
    x[:, 4:] += 1
    after = layer(x).value
    np.testing.assert_array_equal(after[:, :4], before[:, :4])
    assert (after[:, 4:] != before[:, 4:]).all()


@every_class
def test_open_axes_stay_open(cls):
    shape = shape_for(cls)
    opened = (None, *(None,) * (len(shape) - 2), 4)
    outputs = made(cls)(KerasTensor(opened)).shape
    assert outputs == opened
