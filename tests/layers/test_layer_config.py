"""Configs of layers of one's own: written, automatic, refused."""

import numpy as np
import pytest

from minikeras import layers, registry
from minikeras.layers import Dense, Layer

DTYPE = {
    "module": "keras",
    "class_name": "DTypePolicy",
    "config": {"name": "float32"},
    "registered_name": None,
}


class Scaled(Layer):
    def __init__(self, factor, **options):
        super().__init__(**options)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Automatic(Layer):
    def __init__(self, factor, shape=(1, 2), *, mode="a", **options):
        super().__init__(**options)
        self.arguments = (factor, shape, mode)

    def call(self, x):
        return x


class Bare(Layer):
    def call(self, x):
        return x


def test_a_config_of_ones_own():
    layer = Scaled(2.5, name="mine", trainable=False)
    written = layer.get_config()
    assert written == {
        "name": "mine",
        "trainable": False,
        "dtype": DTYPE,
        "factor": 2.5,
    }
    again = Scaled.from_config(written)
    assert again.get_config() == written
    assert written["dtype"] == DTYPE  # reading it does not change it


def test_a_layer_without_arguments():
    layer = Bare(name="bare")
    assert Bare.from_config(layer.get_config()).get_config() == layer.get_config()


@pytest.mark.parametrize(
    ("make", "arguments"),
    [
        (lambda: Automatic(3), (3, (1, 2), "a")),
        (lambda: Automatic(3, [4, 5], mode="b"), (3, [4, 5], "b")),
        (lambda: Automatic(factor=None, shape={"k": 1}), (None, {"k": 1}, "a")),
        (lambda: Automatic(3, name="n", dtype="float64"), (3, (1, 2), "a")),
    ],
)
def test_an_automatic_config(make, arguments):
    layer = make()
    again = Automatic.from_config(layer.get_config())
    assert again.arguments == layer.arguments == arguments
    assert again.dtype == layer.dtype


@pytest.mark.parametrize("value", [np.ones(3), object(), Dense(3), len])
def test_arguments_that_are_no_plain_data(value):
    with pytest.raises(NotImplementedError, match=r"\(factor\).*override `get_config"):
        Automatic(value).get_config()


def test_a_config_that_does_not_fit():
    with pytest.raises(TypeError, match="'Scaled'.*factr"):
        Scaled.from_config({"factr": 1})


def test_custom_layers_through_the_registry():
    written = layers.serialize(Scaled(2.0, name="s"))
    assert written["registered_name"] == "Scaled"
    with pytest.raises(ValueError, match="'Scaled'"):
        layers.deserialize(written)
    again = layers.deserialize(written, custom_objects={"Scaled": Scaled})
    assert (again.name, again.factor) == ("s", 2.0)


def test_an_activation_of_ones_own():
    def cube(x):
        return x * x * x

    written = Dense(3, activation=cube).get_config()
    assert written["activation"]["config"] == "cube"
    with registry.custom_object_scope({"cube": cube}):
        assert Dense.from_config(written).activation is cube
    with pytest.raises(ValueError, match="cube"):
        Dense.from_config(written)


@pytest.mark.parametrize(
    "dtype", [None, "float32", np.float32, np.dtype("float32"), DTYPE]
)
def test_dtypes_in_every_spelling(dtype):
    assert Bare.from_config({"name": "b", "dtype": dtype}).dtype == "float32"
    assert Bare(dtype=dtype).get_config()["dtype"] == DTYPE


def test_the_activity_regularizer_is_part_of_the_config():
    layer = Dense(3, activity_regularizer="l1")
    again = Dense.from_config(layer.get_config())
    assert type(again.activity_regularizer).__name__ == "L1"
    assert again.get_config() == layer.get_config()


def test_old_arguments_for_the_input_shape():
    for options in ({"input_shape": (4,)}, {"input_dim": 4}):
        with pytest.warns(UserWarning, match="input_shape"):
            layer = Dense(3, **options)
        assert layer._input_shape_arg == (4,)
    with pytest.raises(ValueError, match="'foo': 1"):
        Dense(3, foo=1)


def test_a_config_of_few_words():
    class Few(Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units

        def get_config(self):
            return {"units": self.units}

    again = Few.from_config(Few(5).get_config())
    assert (again.units, again.dtype) == (5, "float32")
    with pytest.raises(TypeError, match="'Few'.*config={'size': 1}"):
        Few.from_config({"size": 1})
