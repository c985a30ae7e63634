"""KerasTensor: a shape and a dtype, and no values."""

import numpy as np
import pytest

from minikeras import Input, naming
from minikeras.graph import KerasTensor, example, spec_of
from minikeras.layers import InputLayer


def test_what_it_knows():
    naming.reset_uids()
    spec = KerasTensor([None, 3], np.float64)
    assert (spec.shape, spec.dtype, spec.ndim) == ((None, 3), "float64", 2)
    assert (spec.name, KerasTensor(()).name) == ("keras_tensor", "keras_tensor_1")
    assert repr(KerasTensor((None, 3), name="k")) == (
        "<KerasTensor shape=(None, 3), dtype=float32, sparse=False, ragged=False, "
        "name=k>"
    )


def test_it_has_no_values():
    spec = KerasTensor((None, 3))
    with pytest.raises(ValueError, match="symbolic"):
        np.asarray(spec)
    with pytest.raises(TypeError, match="boolean"):
        bool(spec)
    with pytest.raises(ValueError, match="symbolic"):
        float(spec)


@pytest.mark.parametrize(
    ("arguments", "shape", "dtype"),
    [
        ({"shape": (3,)}, (None, 3), "float32"),
        ({"shape": [3, None]}, (None, 3, None), "float32"),
        ({"shape": (), "dtype": "int32"}, (None,), "int32"),
        ({"shape": (np.int64(3),), "batch_size": 2}, (2, 3), "float32"),
        ({"batch_shape": (5, 3)}, (5, 3), "float32"),
    ],
)
def test_input(arguments, shape, dtype):
    tensor = Input(**arguments, name="i")
    assert (tensor.shape, tensor.dtype, tensor.name) == (shape, dtype, "i")
    layer = tensor._keras_history.operation
    assert isinstance(layer, InputLayer)
    assert layer.batch_shape == shape
    assert layer.built and layer.output is tensor
    again = InputLayer.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert list(layer.get_config()) == [
        "batch_shape",
        "dtype",
        "sparse",
        "ragged",
        "name",
        "optional",
    ]


def test_example():
    array = example(KerasTensor((None, 2, None), "int32"), 5, 6)
    assert (array.shape, array.dtype) == ((5, 2, 6), np.int32)
    assert not array.any()


@pytest.mark.parametrize(
    ("first", "second", "shape"),
    [
        ((2, 4), (3, 4), (None, 4)),
        ((2, 2), (3, 3), (None, None)),
        ((4,), (4,), (4,)),
        ((), (), ()),
    ],
)
def test_spec_of(first, second, shape):
    spec = spec_of(np.zeros(first, "float64"), np.zeros(second, "float64"))
    assert (spec.shape, spec.dtype) == (shape, "float64")


def test_a_rank_that_varies():
    with pytest.raises(ValueError, match=r"\(2, 1\) and \(3,\)"):
        spec_of(np.zeros((2, 1)), np.zeros(3))
