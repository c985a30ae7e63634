"""What belongs to a layer: weights, sublayers and metrics, their order and names."""

import numpy as np
import pytest

from minikeras import layers, metrics, naming
from minikeras.autodiff import Variable
from minikeras.layers import Dense, Dropout, Input, Layer
from minikeras.models import Model, Sequential

X = np.ones((2, 4), "float32")


@pytest.fixture(autouse=True)
def names_from_the_start():
    naming.reset_uids()


def paths(variables):
    return [v.path for v in variables]


class Chain(Layer):
    """Its layers are wherever a test puts them; called one after the other."""

    def call(self, x):
        for layer in self._sublayers():
            x = layer(x)
        return x


class Counted(Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.count = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="count"
        )
        self.scale = self.add_weight(shape=(1,), initializer="ones", name="scale")

    def call(self, x):
        return x * self.scale


def placed(place):
    """A layer with the parts that `place` gives it."""
    layer = Chain(name="chain")
    place(layer)
    layer(X)
    return layer


def as_attributes(layer):
    layer.first, layer.second = Dense(3), Dense(2)


def in_a_list(layer):
    layer.parts = [Dense(3), Dense(2)]


def appended(layer):
    layer.parts = []
    layer.parts.append(Dense(3))
    layer.parts.append(Dense(2))


def in_a_dict(layer):
    layer.parts = {"z": Dense(3), "a": Dense(2)}


def nested(layer):
    layer.parts = ([Dense(3)], {"deep": [(Dense(2),)]})


def given_twice(layer):
    layer.first = Dense(3)
    layer.parts = [layer.first, Dense(2), layer.first]


@pytest.mark.parametrize(
    "place", [as_attributes, in_a_list, appended, in_a_dict, nested, given_twice]
)
def test_where_sublayers_are_found(place):
    layer = placed(place)
    assert paths(layer.weights) == [
        "chain/dense/kernel",
        "chain/dense/bias",
        "chain/dense_1/kernel",
        "chain/dense_1/bias",
    ]
    assert layer.count_params() == 4 * 3 + 3 + 3 * 2 + 2


def test_a_part_that_is_replaced_or_deleted_is_forgotten():
    layer = Chain()
    layer.part, layer.other = Dense(2), Dense(3)
    assert len(layer._sublayers()) == 2
    layer.part = Dense(5)
    assert [part.name for part in layer._sublayers()] == ["dense_2", "dense_1"]
    del layer.part
    assert [part.name for part in layer._sublayers()] == ["dense_1"]
    layer.other = None
    assert layer._sublayers() == []


def test_variables_in_attributes_and_containers():
    layer = Chain()
    layer.single = Variable(1.0, name="single")
    layer.several = [Variable(2.0, name="a"), {"k": Variable(3.0, name="b")}]
    layer.frozen = Variable(0.0, trainable=False, name="frozen")
    assert [v.name for v in layer.weights] == ["single", "frozen", "a", "b"]
    assert [v.name for v in layer.trainable_weights] == ["single", "a", "b"]


def test_trainable_weights_come_first_in_each_layer():
    layer = Chain(name="chain")
    layer.first, layer.second = Counted(name="c"), Counted(name="d")
    assert [v.path for v in layer.weights] == [
        "c/scale",
        "c/count",
        "d/scale",
        "d/count",
    ]
    assert paths(layer.trainable_weights) == ["c/scale", "d/scale"]
    assert paths(layer.non_trainable_weights) == ["c/count", "d/count"]


def test_variables_include_the_states_of_seed_generators():
    layer = Chain()
    layer.parts = [Dropout(0.5), Dense(2), Dropout(0.5)]
    layer(X)
    assert len(layer.weights) == 2
    names = [v.name for v in layer.variables]
    assert names == ["seed_generator_state", "kernel", "bias", "seed_generator_state"]
    assert len(layer.non_trainable_variables) == 2
    assert layer.non_trainable_weights == []


def test_metrics_are_found_but_are_no_weights():
    layer = Chain()
    layer.mean = metrics.Mean(name="m")
    layer.more = [metrics.Sum(name="s")]
    layer.inner = Chain()
    layer.inner.deep = metrics.Mean(name="d")
    assert [m.name for m in layer.metrics] == ["m", "s", "d"]
    assert paths(layer.metrics_variables) == [
        "m/total",
        "m/count",
        "s/total",
        "d/total",
        "d/count",
    ]
    assert layer.variables == []


def test_the_names_of_weights_follow_the_nesting():
    model = Sequential(
        [Dense(3), Sequential([Dense(2), Dense(1)], name="inner")], name="outer"
    )
    model(X)
    assert paths(model.weights) == [
        "outer/dense/kernel",
        "outer/dense/bias",
        "outer/inner/dense_1/kernel",
        "outer/inner/dense_1/bias",
        "outer/inner/dense_2/kernel",
        "outer/inner/dense_2/bias",
    ]


def test_automatic_names_count_for_each_class():
    made = [Dense(1), layers.ReLU(), Dense(1), Dense(1, name="mine"), Dense(1)]
    names = ["dense", "re_lu", "dense_1", "mine", "dense_2"]
    assert [layer.name for layer in made] == names


@pytest.mark.parametrize("name", ["a/b", 3, b"x"])
def test_impossible_names(name):
    with pytest.raises(ValueError, match="cannot contain character `/`"):
        Dense(3, name=name)


def test_weights_without_a_name():
    layer = Chain(name="chain")
    variables = [layer.add_weight(shape=(2,)) for _ in range(2)]
    assert paths(variables) == ["chain/variable", "chain/variable_1"]


@pytest.mark.parametrize(
    ("options", "shape", "dtype", "is_zero"),
    [
        ({"shape": (2, 3)}, (2, 3), "float32", False),
        ({"shape": 3}, (3,), "float32", False),
        ({}, (), "float32", False),
        ({"shape": (2,), "dtype": "int32"}, (2,), "int32", True),
        ({"shape": [2], "initializer": "ones", "dtype": "bool"}, (2,), "bool", False),
        ({"shape": (np.int64(2),), "dtype": "float64"}, (2,), "float64", False),
        ({"shape": (2,), "initializer": np.zeros(2)}, (2,), "float32", True),
    ],
)
def test_add_weight(options, shape, dtype, is_zero):
    variable = Layer().add_weight(**options)
    assert (variable.shape, variable.dtype) == (shape, dtype)
    assert (variable.value == 0).all() == is_zero


def test_add_weight_with_a_name_in_the_place_of_the_shape():
    with pytest.raises(ValueError, match="shape=..., name='kernel'"):
        Layer().add_weight("kernel", (2, 3))


# Freezing ----------------------------------------------------------------------


def frozen_later(model, part):
    model.build((None, 4))
    part.trainable = False


def frozen_before(model, part):
    part.trainable = False
    model.build((None, 4))


@pytest.mark.parametrize("how", [frozen_later, frozen_before, "in the constructor"])
def test_a_frozen_layer_in_a_model(how):
    part = Dense(3, trainable=how != "in the constructor")
    model = Sequential([part, Dense(2)])
    if callable(how):
        how(model, part)
    model(X)
    assert paths(model.trainable_weights) == paths(model.layers[1].weights)
    assert paths(model.non_trainable_weights) == paths(part.weights)
    assert [v.trainable for v in part.weights] == [False, False]
    assert part.trainable_weights == []
    before = model.get_weights()
    model.compile("sgd", "mse")
    model.fit(X, np.ones((2, 2)), verbose=0)
    changed = [
        not np.array_equal(a, b)
        for a, b in zip(before, model.get_weights(), strict=True)
    ]
    assert changed == [False, False, True, True]
    part.trainable = True
    assert len(model.trainable_weights) == 4
    model.compile("sgd", "mse")
    model.fit(X, np.ones((2, 2)), verbose=0)
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_freezing_reaches_all_layers_below_and_thawing_too():
    layer = Chain()
    layer.parts = [Counted(name="c"), Sequential([Dense(2)])]
    layer(X)
    layer.trainable = False
    assert layer.trainable_weights == []
    assert layer.parts[1].layers[0].trainable is False
    assert not any(v.tracked for v in layer.weights)
    layer.trainable = True
    assert [v.name for v in layer.trainable_weights] == ["scale", "kernel", "bias"]
    assert not layer.parts[0].count.trainable


def test_what_is_trainable_already_changes_nothing_below():
    inner = layers.Dense(2)
    model = Sequential([Input((3,)), inner, layers.Dense(1)])
    inner.trainable = False
    model.trainable = True
    assert not inner.trainable and len(model.trainable_weights) == 2
    model.trainable = False
    inner.trainable = True
    model.trainable = False
    assert inner.trainable and not model.trainable_weights
    model.trainable = True
    inner.kernel.trainable = False
    inner.trainable = True
    assert len(model.trainable_weights) == 3
    inner.trainable = 1  # another object: set anew, as in Keras
    assert len(model.trainable_weights) == 4


def test_freezing_a_single_weight():
    model = Sequential([Dense(3), Dense(2)])
    model(X)
    assert len(model.trainable_weights) == 4
    model.layers[0].kernel.trainable = False
    assert [v.name for v in model.trainable_weights] == ["bias", "kernel", "bias"]
    assert paths(model.non_trainable_weights) == ["sequential/dense/kernel"]
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, np.ones((2, 2)), verbose=0)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_a_weight_that_is_frozen_has_no_penalty():
    layer = Dense(3, kernel_regularizer="l2")
    layer(X)
    assert len(layer.losses) == 1
    layer.kernel.trainable = False
    assert layer.losses == []
    layer.kernel.trainable = True
    assert len(layer.losses) == 1


@pytest.mark.parametrize("value", ["no", 1, None])
def test_trainable_must_be_a_boolean(value):
    with pytest.raises(ValueError, match="trainable="):
        Dense(3, trainable=value)


# Weights as arrays ---------------------------------------------------------------


def test_get_and_set_weights():
    layer = Chain()
    layer.parts = [Dense(3), Counted()]
    layer(X)
    arrays = [np.full(v.shape, i, "float64") for i, v in enumerate(layer.weights)]
    layer.set_weights(arrays)
    for variable, array in zip(layer.weights, arrays, strict=True):
        assert variable.dtype == "float32"
        np.testing.assert_array_equal(variable.value, array)
    layer.get_weights()[0][:] = 9
    assert (layer.weights[0].value == 0).all()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([np.ones((4, 3))], "length 1.*expecting 2"),
        ([np.ones((4, 3))] * 3, "length 3.*expecting 2"),
        ([np.ones((3, 4)), np.ones(3)], r"\(4, 3\).*\(3, 4\)"),
        ([np.ones((4, 3)), np.ones(2)], r"\(3,\).*\(2,\)"),
    ],
)
def test_weights_that_do_not_fit(weights, message):
    layer = Dense(3)
    layer(X)
    before = layer.get_weights()
    with pytest.raises(ValueError, match=message):
        layer.set_weights(weights)
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])


def test_counting_needs_weights():
    with pytest.raises(ValueError, match="'dense'.*isn't built"):
        Dense(3).count_params()


class Noted(Layer):
    """Adds its rate to the loss, and has a metric."""

    def __init__(self, rate, name):
        super().__init__(name=name)
        self.rate, self.seen = rate, metrics.Mean(name=name)

    def call(self, x):
        self.add_loss(self.rate)
        self.seen.update_state(self.rate)
        return x


def test_parts_of_parts_come_last_to_first():
    """As in Keras: the layers of a model in order, those of a model within it not."""
    x = Input((4,))
    inner = Sequential([Noted(1.0, "a"), Noted(2.0, "b")], name="inner")
    model = Model(x, Noted(4.0, "d")(inner(Noted(3.0, "c")(x))))
    model(X)
    assert model.losses == [3.0, 2.0, 1.0, 4.0]
    assert inner.losses == [1.0, 2.0]
    assert [m.name for m in model.metrics] == ["c", "b", "a", "d"]
    assert [m.name for m in inner.metrics] == ["a", "b"]


def test_a_models_logs_have_the_metrics_of_layers_within_its_parts():
    model = Sequential([Sequential([Noted(1.0, "deep"), Dense(1)]), Noted(2.0, "top")])
    model.compile("sgd", "mse")
    logs = model.fit(X, X[:, :1], verbose=0).history
    assert list(logs) == ["deep", "loss", "top"]
    assert (logs["deep"], logs["top"]) == ([1.0], [2.0])
