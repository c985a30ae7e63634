"""What clone_model takes: other layers, other calls, other inputs, models inside."""

import numpy as np
import pytest

import minikeras as keras
from minikeras import Input, Model, Sequential, layers
from minikeras.models import clone_model

X = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)


def graph():
    inputs = Input((4,), name="x")
    dense = layers.Dense(4, "relu", name="twice")
    inner = Sequential([Input((4,)), layers.Dense(2, name="in")], name="inner")
    outputs = inner(keras.ops.tanh(dense(dense(inputs))) * 2.0)
    return Model(inputs, outputs, name="m")


def chain():
    return Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)], name="m")


@pytest.mark.parametrize("make", [graph, chain])
def test_the_same_layers_with_weights_of_their_own(make):
    model = make()
    model.compile("adam", "mse", metrics=["mae"])
    clone = clone_model(model)
    assert type(clone) is type(model) and clone.name == "m"
    assert clone.compiled and clone.optimizer is not model.optimizer
    assert not np.array_equal(clone.get_weights()[0], model.get_weights()[0])
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone.predict(X), model.predict(X))
    clone.fit(X, X[:, :2], verbose=0)
    assert not np.array_equal(clone.predict(X), model.predict(X))


@pytest.mark.parametrize("make", [graph, chain])
def test_other_layers(make):
    def without_bias(layer):
        config = layer.get_config()
        if isinstance(layer, layers.Dense):
            config["use_bias"] = False
        return type(layer).from_config(config)

    clone = clone_model(make(), clone_function=without_bias, recursive=True)
    assert {v.name for v in clone.weights} == {"kernel"}


def test_models_inside_are_left_to_the_function_unless_recursive():
    model = graph()
    seen = []

    def same(layer):
        seen.append(layer.name)
        return layer

    clone = clone_model(model, clone_function=same)
    assert [n for n in seen if n in ("twice", "inner", "in")] == ["twice", "inner"]
    assert clone.get_layer("twice") is model.get_layer("twice")
    assert clone.get_layer("inner") is model.get_layer("inner")
    seen.clear()
    clone = clone_model(model, clone_function=same, recursive=True)
    assert [n for n in seen if n in ("twice", "inner", "in")] == ["twice", "in"]
    assert clone.get_layer("inner") is not model.get_layer("inner")


def test_other_calls():
    def doubled(layer, *args, **kwargs):
        y = layer(*args, **kwargs)
        return y * 2.0 if isinstance(layer, layers.Dense) else y

    inputs = Input((4,))
    model = Model(inputs, layers.Dense(2)(inputs))
    clone = clone_model(
        model, clone_function=lambda layer: layer, call_function=doubled
    )
    np.testing.assert_array_equal(clone.predict(X), 2 * model.predict(X))


@pytest.mark.parametrize("make", [graph, chain])
def test_other_inputs(make):
    clone = clone_model(make(), input_tensors=Input((4,), batch_size=3))
    assert clone.input_shape == (3, 4)


def test_bad_arguments():
    with pytest.raises(ValueError, match="Expected a Model"):
        clone_model(layers.Dense(1))
    with pytest.raises(ValueError, match="functional models only"):
        clone_model(chain(), call_function=lambda layer, x: layer(x))
    with pytest.raises(ValueError, match="one input"):
        clone_model(chain(), input_tensors=[Input((4,)), Input((4,))])
    with pytest.raises(ValueError, match="has 1 inputs"):
        clone_model(graph(), input_tensors=[Input((4,)), Input((4,))])
    for make in (graph, chain):
        with pytest.raises(ValueError, match="Expected KerasTensors"):
            clone_model(make(), input_tensors=[X])

    class Own(Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="Sequential and functional models only"):
        clone_model(Own(), clone_function=lambda layer: layer)
