"""Settings: defaults, changes, what is refused, and how dtypes are spelled."""

import numpy as np
import pytest

from minikeras import config, layers, ops
from minikeras.autodiff import Tensor, Variable


@pytest.fixture(autouse=True)
def settings_as_before():
    before = dict(config._settings)
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
    assert ops.convert_to_tensor(0.5).dtype == name
    assert Variable(0.5).dtype == name
    layer = layers.Dense(2)
    assert layer(np.ones((1, 3))).dtype == name
    assert layer.kernel.dtype == name


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
