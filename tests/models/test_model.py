"""Model by subclassing: layers found, built by call or by shape, fetched by name."""

import numpy as np
import pytest

from minikeras import Model, naming
from minikeras.graph import KerasTensor
from minikeras.layers import Dense, Dropout
from minikeras.utils import set_random_seed

X = np.ones((2, 4), "float32")


@pytest.fixture(autouse=True)
def names_from_the_start():
    naming.reset_uids()


class Net(Model):
    def __init__(self, units=3, **options):
        super().__init__(**options)
        self.hidden = Dense(units, activation="relu")
        self.head = Dense(2)

    def call(self, x, training=False):
        return self.head(self.hidden(x))


class Two(Model):
    def __init__(self):
        super().__init__()
        self.dense = Dense(3)

    def call(self, inputs):
        if isinstance(inputs, dict):
            return self.dense(inputs["a"]) + self.dense(inputs["b"])
        return self.dense(inputs[0]) + self.dense(inputs[1])


PATHS = ["net/dense/kernel", "net/dense/bias", "net/dense_1/kernel", "net/dense_1/bias"]


def test_before_it_is_built():
    model = Net()
    assert (model.built, model.weights) == (False, [])
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    assert [Net().name, Net(name="mine").name] == ["net_1", "mine"]


@pytest.mark.parametrize(
    "build",
    [
        lambda model: model(X),
        lambda model: model.build((None, 4)),
        lambda model: model.build([None, 4]),
        lambda model: model(KerasTensor((None, 4))),
        lambda model: model.predict(X, verbose=0),
    ],
)
def test_how_it_is_built(build):
    model = Net()
    build(model)
    assert model.built
    assert [v.path for v in model.weights] == PATHS
    assert [v.shape for v in model.weights] == [(4, 3), (3,), (3, 2), (2,)]
    kernel = model.hidden.kernel
    model.build((None, 4))
    assert model.hidden.kernel is kernel


@pytest.mark.parametrize(
    "shapes",
    [
        [(None, 4), (None, 4)],
        ((None, 4), (None, 4)),
        {"a": (None, 4), "b": (None, 4)},
    ],
)
def test_built_for_several_inputs(shapes):
    model = Two()
    model.build(shapes)
    assert model.built
    assert [v.shape for v in model.weights] == [(4, 3), (3,)]


def test_building_draws_weights_once():
    built = []
    for build in (lambda m: m.build((None, 4)), lambda m: m(X)):
        set_random_seed(5)
        model = Net()
        build(model)
        built.append(model.get_weights())
    for one, other in zip(*built, strict=True):
        np.testing.assert_array_equal(one, other)


def test_python_decides_in_call():
    class Branching(Model):
        def __init__(self):
            super().__init__()
            self.small, self.large = Dense(2), Dense(2)

        def call(self, x):
            return self.small(x) if x.shape[0] < 3 else self.large(x)

    model = Branching()
    model(X)
    assert len(model.weights) == 2
    model(np.ones((5, 4), "float32"))
    assert len(model.weights) == 4
    assert len(model.trainable_weights) == 4


def test_get_layer():
    model = Net()
    assert model.get_layer("dense_1") is model.head
    assert model.get_layer(index=0) is model.hidden
    assert model.get_layer(index=-1) is model.head


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "index=None, name=None"),
        ({"name": "dense", "index": 0}, "index=0, name=dense"),
        ({"index": 2}, "index 2 but model only has 2 layers"),
        ({"index": -3}, "index -3"),
        ({"name": "dens"}, r"No such layer: dens. Did you mean 'dense'.*'dense_1'"),
        ({"name": "conv"}, r"Existing layers are: \['dense', 'dense_1'\]"),
    ],
)
def test_layers_that_are_not_there(arguments, message):
    with pytest.raises(ValueError, match=message):
        Net().get_layer(**arguments)


def test_a_model_that_forgot_super_init():
    class Forgot(Model):
        def __init__(self):
            self.dense = Dense(3)

        def call(self, x):
            return self.dense(x)

    with pytest.raises(RuntimeError, match=r"super\(\).__init__\(\)"):
        Forgot()(X)


def test_what_training_keeps_is_no_part_of_the_model():
    model = Net()
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, np.ones((2, 2)), verbose=0)
    assert [v.path for v in model.variables] == PATHS
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]


def test_a_model_in_a_model():
    class Outer(Model):
        def __init__(self):
            super().__init__()
            self.inner = Net(name="inner")
            self.drop = Dropout(1.0)

        def call(self, x, training=False):
            return self.drop(self.inner(x), training=training)

    model = Outer()
    model.build((None, 4))
    assert model.weights[0].path == "outer/inner/dense/kernel"
    assert model(X, training=True).value.sum() == 0
    model.inner.compile("sgd", "mse", metrics=["mae"])
    assert model.metrics == []  # those of the inner model serve its own training


class MakesItsLayers(Model):
    """Its `build` makes layers and leaves the rest to that of Model."""

    builds = 0

    def build(self, input_shape):
        self.builds += 1
        self.dense = Dense(2)
        super().build(input_shape)

    def call(self, x):
        return self.dense(x)


def test_a_build_that_calls_the_one_of_model():
    model = MakesItsLayers()
    model.build((None, 3))
    assert model.built and not model.weights  # as in Keras: the call makes them
    assert model(np.ones((4, 3))).shape == (4, 2)
    model = MakesItsLayers(name="mine")
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), epochs=2, verbose=0)
    assert model.builds == 1
    layer = model.dense.name
    assert [v.path for v in model.weights] == [
        f"mine/{layer}/kernel",
        f"mine/{layer}/bias",
    ]
