"""Sequential: adding and popping, when it is built, what input it adjusts."""

import numpy as np
import pytest

from minikeras import Input, Model, Sequential, naming, ops
from minikeras.autodiff import Tensor
from minikeras.layers import Dense, Dropout, Flatten, InputLayer, Layer
from minikeras.models import Sequential as FromModels

X = np.ones((2, 4), "float32")


@pytest.fixture(autouse=True)
def names_from_the_start():
    naming.reset_uids()


def paths(model):
    return [v.path for v in model.weights]


def test_it_applies_one_layer_after_the_other():
    model = Sequential([Dense(3), Dense(2, activation="relu")])
    y = model(X).value
    first, second = model.layers
    hidden = X @ first.kernel.value + first.bias.value
    expected = np.maximum(hidden @ second.kernel.value + second.bias.value, 0)
    np.testing.assert_allclose(y, expected, rtol=1e-6)  # float32 sums of 4 products


# Building ----------------------------------------------------------------------


def added(*layers, shape=None):
    model = Sequential()
    for layer in layers:
        model.add(layer)
    if shape is not None:
        model.build(shape)
    return model


STARTS = [
    lambda: Sequential([Input((4,)), Dense(3)]),
    lambda: Sequential([InputLayer((4,)), Dense(3)]),
    lambda: Sequential([Input(batch_shape=(None, 4)), Dense(3)]),
    lambda: added(Input((4,)), Dense(3)),
    lambda: added(Dense(3), shape=(None, 4)),
    lambda: added(Dense(3), shape=[None, np.int64(4)]),
]


@pytest.mark.parametrize("make", STARTS)
def test_built_at_once_when_the_input_is_known(make):
    model = make()
    assert model.built
    assert paths(model) == ["sequential/dense/kernel", "sequential/dense/bias"]
    assert (model.input_shape, model.output_shape) == ((None, 4), (None, 3))
    assert [layer.name for layer in model.layers] == ["dense"]


def test_otherwise_by_its_first_data():
    model = Sequential([Dense(3), Dense(2)])
    assert not model.built
    assert model.weights == []
    with pytest.raises(AttributeError, match="no defined input shape"):
        model.input_shape  # noqa: B018
    model(X)
    assert model.built
    assert len(model.weights) == 4
    assert model.input_shape == (2, 4)
    assert model(X[:1]).shape == (1, 2)


@pytest.mark.parametrize("action", ["fit", "evaluate"])
def test_training_builds_for_any_number_of_rows(action):
    model = Sequential([Dense(3)])
    model.compile("sgd", "mse")
    x, y = np.ones((5, 4)), np.ones((5, 3))
    getattr(model, action)(x, y, batch_size=2, verbose=0)
    assert model.input_shape == (None, 4)


def test_building_twice():
    model = Sequential([Dense(3)])
    model.build((None, 4))
    kernel = model.layers[0].kernel
    model.build((None, 4))
    assert model.layers[0].kernel is kernel
    with pytest.raises(ValueError, match=r"\(None, 4\).*\(None, 5\)"):
        model.build((None, 5))


def test_a_model_without_layers():
    model = Sequential()
    assert (model.layers, model.weights, model.built) == ([], [], False)
    for action in (lambda: model(X), lambda: model.build((None, 4))):
        with pytest.raises(ValueError, match="no layers"):
            action()
    with pytest.raises(ValueError, match="no layers to pop"):
        model.pop()
    with pytest.raises(ValueError, match="isn't built"):
        model.count_params()


# Adding and popping ----------------------------------------------------------------


def test_adding_to_a_built_model():
    model = Sequential([Input((4,)), Dense(3)])
    kernel = model.layers[0].kernel
    model.add(Dense(5))
    assert model.layers[0].kernel is kernel
    assert model.output_shape == (None, 5)
    assert [v.shape for v in model.weights] == [(4, 3), (3,), (3, 5), (5,)]
    deferred = Sequential([Dense(3)])
    deferred(X)
    deferred.add(Dense(5))
    assert deferred.built
    assert deferred(X).shape == (2, 5)


def test_popping():
    model = Sequential([Input((4,)), Dense(3), Dense(2)])
    last = model.layers[-1]
    assert model.pop() is last
    assert (model.built, model.output_shape) == (True, (None, 3))
    assert len(model.weights) == 2
    assert model(X).shape == (2, 3)
    model.pop()
    assert (model.layers, model.weights, model.built) == ([], [], False)
    model.add(Dense(6))
    assert model(X).shape == (2, 6)


def test_a_popped_layer_is_no_longer_trained():
    model = Sequential([Input((4,)), Dense(3), Dense(3)])
    popped = model.pop()
    model.compile("sgd", "mse")
    before = popped.get_weights()
    model.fit(X, np.ones((2, 3)), verbose=0)
    np.testing.assert_array_equal(before[0], popped.get_weights()[0])


REFUSED = [
    (lambda: Sequential([Dense(2, name="a"), Dense(3, name="a")]), "unique.*'a'"),
    (lambda: Sequential([3]), "keras.Layer.*Received: 3"),
    (lambda: Sequential([Dense]), "keras.Layer.*Received: <class"),
    (lambda: Sequential().add(None), "keras.Layer.*Received: None"),
    (lambda: Sequential([Dense(2), Input((4,))]), "first layer.*'dense'"),
    (lambda: Sequential([Input((4,)), Input((3,))]), "first layer.*'input_layer'"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_what_cannot_be_added(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_refused_layer_leaves_the_model_as_it_was():
    model = Sequential([Input((4,)), Dense(3, name="a")])
    with pytest.raises(ValueError):
        model.add(Dense(2, name="a"))
    assert len(model.layers) == 1
    assert model(X).shape == (2, 3)


def test_a_layer_may_come_twice():
    shared = Dense(4)
    model = Sequential([shared, shared])
    y = model(X).value
    assert len(model.layers) == 2
    assert len(model.weights) == 2
    np.testing.assert_array_equal(y, shared(shared(X)).value)


def test_the_layers_cannot_be_set():
    for model in (Sequential(), Model()):
        with pytest.raises(AttributeError, match="reserved"):
            model.layers = []
    Sequential([Dense(2)]).layers.append(Dense(3))  # a copy, and so without effect


# Input ---------------------------------------------------------------------------

ADJUSTED = [
    ((1,), (2,), (2, 3)),
    ((4,), (2, 4, 1), (2, 3)),
    ((4,), (2, 4), (2, 3)),
    ((4, 1), (2, 4), (2, 4, 3)),
    ((None, 4), (2, 7, 4), (2, 7, 3)),
]


@pytest.mark.parametrize(("declared", "given", "result"), ADJUSTED)
def test_a_last_axis_of_one_comes_or_goes(declared, given, result):
    model = Sequential([Input(declared), Dense(3)])
    assert model(np.ones(given, "float32")).shape == result


@pytest.mark.parametrize("given", [(4,), (2, 4, 2), (2, 4, 1, 1)])
def test_other_ranks_are_refused(given):
    model = Sequential([Input((4,), name="i"), Dense(3)])
    with pytest.raises(ValueError, match=r"'i'. Expected shape \(None, 4\)") as info:
        model(np.ones(given, "float32"))
    assert str(given) in str(info.value)


def test_other_features_are_refused():
    for model in (Sequential([Input((4,)), Dense(3)]), Sequential([Dense(3)])):
        model(X)
        with pytest.raises(ValueError, match="axis -1 .* value 4"):
            model(np.ones((2, 5), "float32"))
        model(X)


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: (x,), lambda x: {"i": x}])
def test_a_single_input_in_a_nest(wrap):
    model = Sequential([Input((4,), name="i"), Dense(3)])
    np.testing.assert_array_equal(model(wrap(X)).value, model(X).value)
    model.compile("sgd", "mse")
    model.fit(wrap(X), np.ones((2, 3)), verbose=0)
    assert model.predict(wrap(X), verbose=0).shape == (2, 3)


def test_a_nest_for_a_model_that_does_not_know_its_input():
    with pytest.raises(ValueError, match="fully-defined"):
        Sequential([Dense(3)])([X])


def test_the_declared_dtype():
    seen = []

    class Seeing(Layer):
        def call(self, x):
            seen.append(x.dtype)
            return x

    model = Sequential([Input((4,), dtype="int32"), Seeing()])
    model(X)
    assert seen[-1] == np.int32


def test_several_inputs_go_to_the_first_layer():
    class Sum(Layer):
        def call(self, parts):
            return parts[0] + parts[1]

    model = Sequential([Sum(), Dense(3)])
    assert model([X, X]).shape == (2, 3)
    np.testing.assert_array_equal(model((X, X)).value, model([X, X]).value)


def test_the_batch_size_of_an_input_is_not_enforced():
    model = Sequential([Input((4,), batch_size=2), Dense(3)])
    assert model.output_shape == (2, 3)
    assert model(np.ones((5, 4), "float32")).shape == (5, 3)


@pytest.mark.parametrize("options", [{"input_shape": (4,)}, {"input_dim": 4}])
def test_the_old_arguments_of_a_first_layer(options):
    with pytest.warns(UserWarning, match="input_shape"):
        first = Dense(3, **options)
    model = Sequential([first])
    assert model.input_shape == (None, 4)
    assert model.built


# Nesting, configs, the rest --------------------------------------------------------


def test_nested_models():
    model = Sequential(
        [
            Input((4,)),
            Sequential([Dense(3)], name="open"),
            Sequential([Input((3,)), Dense(2)], name="closed"),
        ],
        name="outer",
    )
    assert model.output_shape == (None, 2)
    assert [layer.name for layer in model.layers] == ["open", "closed"]
    # A model that was built on its own keeps the names it gave.
    assert paths(model) == [
        "outer/open/dense/kernel",
        "outer/open/dense/bias",
        "closed/dense_1/kernel",
        "closed/dense_1/bias",
    ]


def test_training_reaches_the_layers():
    model = Sequential([Sequential([Dropout(1.0)]), Flatten()])
    assert model(X, training=True).value.sum() == 0
    assert model(X, training=False).value.sum() == 8
    assert model(X).value.sum() == 8


def test_output_shape_from_the_layers():
    model = Sequential([Dense(3), Dense(2)])
    assert model.compute_output_shape((None, 4)) == (None, 2)
    assert not model.built


@pytest.mark.parametrize("build", [True, False])
def test_config(build):
    model = Sequential([Dense(3, name="a"), Dropout(0.5, name="b")], name="s")
    keys = ["name", "trainable", "dtype", "layers"]
    classes = ["Dense", "Dropout"]
    if build:
        model.build((None, 4))
        keys, classes = [*keys, "build_input_shape"], ["InputLayer", *classes]
    written = model.get_config()
    assert list(written) == keys
    assert [layer["class_name"] for layer in written["layers"]] == classes
    again = Sequential.from_config(written)
    assert again.get_config() == written
    assert again.built is build
    # Built before they are in a model, as in Keras.
    expected = [path.removeprefix("s/") for path in paths(model)]
    assert [v.path for v in again.weights] == expected


def test_config_with_layers_of_ones_own():
    class Own(Layer):
        def call(self, x):
            return x

    written = Sequential([Own(name="own")]).get_config()
    again = Sequential.from_config(written, custom_objects={"Own": Own})
    assert type(again.layers[0]) is Own
    with pytest.raises(ValueError, match="'Own'"):
        Sequential.from_config(written)
    with pytest.raises(ValueError, match="'layers' keys"):
        Sequential.from_config({"name": "s"})


def test_a_subclass_that_adds_its_own_layers():
    class Net(Sequential):
        def __init__(self):
            super().__init__([Dense(3)])
            self.add(Dense(2))

    model = Net()
    assert model(X).shape == (2, 2)
    assert paths(model)[0] == "net/dense/kernel"


def test_frozen_as_a_whole():
    model = Sequential([Input((4,)), Dense(2)], trainable=False)
    assert model.trainable_weights == []
    assert len(model.weights) == 2


def test_tensors_come_out():
    model = Sequential([Input((4,)), Dense(2)])
    assert isinstance(model(X), Tensor)
    assert isinstance(model(ops.convert_to_tensor(X)), Tensor)
    assert FromModels is Sequential
