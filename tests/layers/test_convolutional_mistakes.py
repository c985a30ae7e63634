"""What convolution layers refuse: ValueErrors that name the layer, and no weights."""

import numpy as np
import pytest

from minikeras import layers
from minikeras.autodiff import Tensor
from tests.layers.test_convolutional import CLASSES, IMAGE, every_class, made, shape_for

IMPOSSIBLE = [
    ({"kernel_size": 0}, "kernel_size=0"),
    ({"kernel_size": 2.5}, "kernel_size=2.5"),
    ({"kernel_size": (1, 2, 3)}, r"kernel_size=\(1, 2, 3\)"),
    ({"strides": -1}, "strides=-1"),
    ({"dilation_rate": 0}, "dilation_rate=0"),
    ({"padding": "full"}, "'valid', 'same'.*padding='full'"),
    ({"data_format": "last"}, "data_format='last'"),
]
SOME = [
    ("Conv1D", {"filters": 0}, "filters=0"),
    ("Conv2D", {"filters": 2.0}, "filters=2.0"),
    ("Conv2D", {"filters": None}, "filters=None"),
    ("Conv2D", {"padding": "causal"}, "padding='causal'"),
    ("Conv2D", {"padding": [1, 1]}, r"padding=\[1, 1\]"),
    ("Conv1D", {"padding": "full"}, "'causal'.*padding='full'"),
    ("Conv2D", {"groups": 0}, "groups=0"),
    ("Conv2D", {"groups": 3}, "groups=3, filters=4"),
    ("Conv2D", {"strides": 2, "dilation_rate": 2}, "both be above 1.*dilation_rate"),
    ("Conv2DTranspose", {"strides": (1, 2), "dilation_rate": 2}, "both be above 1"),
    ("Conv2DTranspose", {"filters": -2}, "filters=-2"),
    ("Conv2DTranspose", {"output_padding": 1}, r"output_padding=\(1, 1\)"),
    ("Conv1DTranspose", {"strides": 2, "output_padding": -1}, "output_padding=-1"),
    (
        "Conv2DTranspose",
        {"strides": 2, "padding": "same", "output_padding": 0},
        "at least 1 and below `strides`",
    ),
    ("DepthwiseConv2D", {"depth_multiplier": 0}, "depth_multiplier=0"),
    ("SeparableConv1D", {"depth_multiplier": -1}, "depth_multiplier=-1"),
    ("SeparableConv2D", {"filters": 0}, "filters=0"),
]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [(name, *row) for name in CLASSES for row in IMPOSSIBLE] + SOME,
)
def test_impossible_arguments(name, options, message):
    with pytest.raises(ValueError, match=f"'mine'.*{message}"):
        made(CLASSES[name], name="mine", **options)


@every_class
def test_impossible_inputs_make_no_weights(cls):
    shape = shape_for(cls)
    layer = made(cls, name="mine")
    for wrong in (shape[1:], (*shape, 2), ()):
        with pytest.raises(ValueError, match=f"'mine'.*ndim.*{len(wrong)}"):
            layer(np.zeros(wrong))
    for call in (layer.build, layer.compute_output_shape):
        with pytest.raises(ValueError, match=r"'mine'.*rank.*\(None, 4\)"):
            call((None, 4))
    with pytest.raises(ValueError, match=r"'mine'.*channels must be known.*None\)"):
        layer.build((*shape[:-1], None))
    assert layer.weights == []
    assert not layer.built
    layer(np.zeros(shape))
    before = layer.get_weights()
    with pytest.raises(ValueError, match="'mine'.*axis -1.*value 4"):
        layer(np.zeros((*shape[:-1], 5)))
    assert len(layer.weights) == len(before)


@every_class
def test_a_kernel_that_does_not_fit(cls):
    shape = shape_for(cls)
    layer = made(cls, name="mine", dilation_rate=8)
    x = Tensor(np.zeros(shape, "float32"))
    if "Transpose" in cls.__name__:
        assert layer(x).shape[1] == shape[1] + 8
        return
    for call in (layer, lambda x: layer.compute_output_shape(x.shape)):
        with pytest.raises(ValueError, match=r"'mine'.*must fit.*dilation_rate=\(8"):
            call(x)
    assert layer.weights == []
    layer = made(cls, name="mine")
    layer(x)
    with pytest.raises(ValueError, match="'mine'.*must fit"):
        layer(x.value[:, :1])


def test_groups_that_do_not_divide_the_channels():
    layer = layers.Conv2D(6, 2, groups=3, name="mine")
    with pytest.raises(ValueError, match="'mine'.*groups=3, an input with 4 channels"):
        layer(np.zeros(IMAGE, "float32"))
    assert layer.weights == []
