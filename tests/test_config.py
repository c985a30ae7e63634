"""Settings: defaults, changes, what is refused, and how dtypes are spelled."""

import numpy as np
import pytest

from minikeras import config, layers, ops, utils
from minikeras.autodiff import Tensor, Variable


@pytest.fixture(autouse=True)
def settings_as_before():
    before = dict(config._settings)
    config.forget_layer_dtype()
    yield
    config._settings.update(before)


def test_defaults():
    assert config.floatx() == "float32"
    assert config.epsilon() == 1e-7
    assert config.image_data_format() == "channels_last"
    assert config.backend() == "numpy"


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_floatx_is_the_dtype_of_what_has_none(name):
    config.set_floatx(name)
    assert config.floatx() == name
    assert config.standardize_dtype(None) == name
    assert ops.one_hot([0, 1], 2).dtype == name
    assert Variable(np.zeros, shape=(2,)).dtype == name
    layer = layers.Dense(2)
    assert layer(np.ones((1, 3))).dtype == name
    assert layer.kernel.dtype == name


@pytest.mark.parametrize("name", ["float16", "float64"])
def test_what_floatx_does_not_change(name):
    """As in Keras on TensorFlow: the dtype of layers is that of the first."""
    layers.Dense(2, dtype="float32")  # names one: it is not the first
    config.set_floatx(name)
    assert ops.convert_to_tensor([0.5]).dtype == "float32"
    assert ops.mean(np.array([1, 2])).dtype == "float32"
    assert Variable(0.5).dtype == "float32"
    assert layers.Dense(2).dtype == name
    config.set_floatx("float32")
    assert layers.Dense(2).dtype == name
    assert layers.Input((2,)).dtype == "float32"
    utils.clear_session()
    assert layers.Dense(2).dtype == "float32"


def test_python_numbers_are_exact_in_a_dtype_that_is_given():
    assert Variable(0.1, dtype="float64").value == np.float64(0.1)
    assert ops.convert_to_tensor([0.1], dtype="float64").value[0] == np.float64(0.1)


@pytest.mark.parametrize("wrong", ["int32", "float", "bfloat16", "", None, 32])
def test_floatx_refuses(wrong):
    with pytest.raises(ValueError, match="Unknown floatx") as info:
        config.set_floatx(wrong)
    assert repr(wrong) in str(info.value)
    assert config.floatx() == "float32"


def test_epsilon():
    config.set_epsilon(1e-3)
    assert config.epsilon() == 1e-3


def test_image_data_format():
    config.set_image_data_format("channels_first")
    assert config.image_data_format() == "channels_first"
    assert layers.Flatten().data_format == "channels_first"
    with pytest.raises(ValueError, match="'channels'"):
        config.set_image_data_format("channels")
    assert config.image_data_format() == "channels_first"


SPELLINGS = [
    ("float32", "float32"),
    ("f4", "float32"),
    ("int64", "int64"),
    (np.float64, "float64"),
    (np.dtype(">f8"), "float64"),
    (np.dtype("bool"), "bool"),
    (bool, "bool"),
    (float, "float64"),
    (Tensor(np.int8(1)).dtype, "int8"),
    (Variable(1.0).dtype, "float32"),
    (None, "float32"),
]


@pytest.mark.parametrize(("spelling", "name"), SPELLINGS, ids=repr)
def test_standardize_dtype(spelling, name):
    found = config.standardize_dtype(spelling)
    assert found == name
    assert type(found) is str


@pytest.mark.parametrize("wrong", ["flaot32", object(), [1]], ids=str)
def test_standardize_dtype_refuses(wrong):
    with pytest.raises(ValueError, match="Invalid dtype"):
        config.standardize_dtype(wrong)
