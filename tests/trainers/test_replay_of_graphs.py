"""Functional models of several inputs and outputs: their steps and calls are repeated
bit for bit, and in shards give what the whole batch gives."""

import numpy as np
import pytest

import minikeras as keras
from minikeras import layers, ops
from minikeras.program import learn
from minikeras.program.learn import Program
from minikeras.trainers import shards
from minikeras.trainers.shards import ShardedStep
from tests.program.test_steps import as_written

ROWS = 42  # batches of 16, 16 and 10
RNG = np.random.default_rng(6)
A, B = (RNG.normal(size=(ROWS, n)).astype("float32") for n in (4, 3))
LABELS = RNG.integers(0, 3, size=ROWS)
NUMBERS = RNG.normal(size=(ROWS, 1)).astype("float32")
SPARSE = "sparse_categorical_crossentropy"
ONE = {"loss": SPARSE, "metrics": ["accuracy"]}


def inputs():
    return keras.Input((4,), name="a"), keras.Input((3,), name="b")


def classes(x, name="classes"):
    return layers.Dense(3, "softmax", name=name)(x)


def joined(a, b):
    return layers.Concatenate()([layers.Dense(5, "tanh")(a), b])


def list_inputs():
    a, b = inputs()
    return keras.Model([a, b], classes(joined(a, b))), [A, B], LABELS, ONE


def dict_inputs():
    a, b = inputs()
    return (
        keras.Model({"b": b, "a": a}, classes(joined(a, b))),
        {"a": A, "b": B},
        LABELS,
        ONE,
    )


def nested_inputs():
    a, b = inputs()
    model = keras.Model([{"a": a}, [b]], classes(joined(a, b)))
    return model, [{"a": A}, [B]], LABELS, ONE


def two_outputs():
    a, b = inputs()
    x = joined(a, b)
    outputs = {"classes": classes(x), "number": layers.Dense(1, name="number")(x)}
    options = {
        "loss": {"number": "mse", "classes": SPARSE},
        "loss_weights": {"number": 0.3, "classes": 2.0},
        "metrics": {"classes": ["accuracy"], "number": ["mae", "mse"]},
    }
    return (
        keras.Model([a, b], outputs),
        [A, B],
        {"classes": LABELS, "number": NUMBERS},
        options,
    )


def output_list():
    a, b = inputs()
    x = layers.Dropout(0.4)(joined(a, b))
    model = keras.Model([a, b], [classes(x), layers.Dense(1, name="number")(x)])
    options = {"loss": [SPARSE, "huber"], "loss_weights": [1.0, 0.5]}
    return model, [A, B], [LABELS, NUMBERS], options


def shared_layer():
    a, b = inputs()
    same = layers.Dense(4, "relu", kernel_regularizer="l2")
    x = layers.Add()([same(a), same(layers.Dense(4)(b))])
    return keras.Model([a, b], classes(x)), [A, B], LABELS, ONE


def nested_models():
    x = keras.Input((4,))
    inner = keras.Model(x, [layers.Dense(5, "relu")(x), layers.Dense(2)(x)])
    outer = keras.Sequential([keras.Input((7,)), layers.Dense(6, "tanh")])
    a, b = inputs()
    x = outer(layers.Concatenate()(inner(a)))
    model = keras.Model([a, b], classes(layers.Concatenate()([x, b])))
    return model, [A, B], LABELS, ONE


def frozen_base():
    x = keras.Input((4,))
    base = keras.Model(x, layers.Dense(6, "relu")(x))
    base.trainable = False
    a = keras.Input((4,))
    return keras.Model(a, classes(base(a, training=False))), A, LABELS, ONE


def ops_between():
    a, b = inputs()
    x = ops.tanh(layers.Dense(3)(a)) * 2.0 + ops.square(b)
    return keras.Model([a, b], classes(x)), [A, B], LABELS, ONE


MODELS = {
    make.__name__: make
    for make in (
        list_inputs,
        dict_inputs,
        nested_inputs,
        two_outputs,
        output_list,
        shared_layer,
        nested_models,
        frozen_base,
        ops_between,
    )
}


def made(make):
    keras.utils.set_random_seed(3)
    model, x, y, options = make()
    model.compile(keras.optimizers.Adam(0.01), **options)
    return model, x, y


def fitted(make, ordinary: bool, **options):
    model, x, y = made(make)
    if ordinary:
        as_written(model)
    options = {"batch_size": 16, "epochs": 3, "verbose": 0} | options
    history = model.fit(x, y, **options).history
    return model, history


def known_of(model, *names):
    """What is known of the steps of these names."""
    known = model._programs._known
    return [value for key, value in known.items() if key[0] in names]


@pytest.mark.parametrize("name", MODELS)
def test_a_repeated_step_is_the_ordinary_step_to_the_last_bit(name):
    model, history = fitted(MODELS[name], ordinary=False)
    programs = known_of(model, "train_step")
    assert [type(program) for program in programs] == [Program, Program]
    expected, logs = fitted(MODELS[name], ordinary=True)
    assert history == logs
    for ours, theirs in zip(model.variables, expected.variables, strict=True):
        np.testing.assert_array_equal(ours.value, theirs.value)


@pytest.mark.parametrize("name", ["list_inputs", "two_outputs"])
def test_weighted_samples_give_the_ordinary_step(name):
    weights = {"sample_weight": np.linspace(0, 1, ROWS)}
    model, history = fitted(MODELS[name], ordinary=False, **weights)
    assert {type(step) for step in known_of(model, "train_step")} == {Program}
    expected, logs = fitted(MODELS[name], ordinary=True, **weights)
    assert history == logs
    for ours, theirs in zip(model.weights, expected.weights, strict=True):
        np.testing.assert_array_equal(ours.value, theirs.value)


def test_trackers_of_an_eager_model_count_rows():
    eager = {"run_eagerly": True}

    def make():
        model, x, y, options = two_outputs()
        return model, x, y, options | eager

    model, history = fitted(make, ordinary=False)
    assert not model._programs.programs
    assert history == fitted(make, ordinary=True)[1]
    assert history != fitted(two_outputs, ordinary=True)[1]


SPLIT = [name for name in MODELS if name != "ops_between"]


@pytest.fixture
def two_threads(monkeypatch):
    monkeypatch.setattr(shards, "LEAST_WORK", 0)
    for module in (shards, learn):
        monkeypatch.setattr(module, "thread_count", lambda: 2)


@pytest.mark.parametrize("name", SPLIT)
def test_shards_are_the_step_of_the_whole_batch(two_threads, name):
    whole = {"batch_size": ROWS, "epochs": 1, "shuffle": False}
    model, history = fitted(MODELS[name], ordinary=False, **whole)
    expected, logs = fitted(MODELS[name], ordinary=True, **whole)
    assert list(history) == list(logs)
    for key, values in history.items():
        # 42 terms summed in another order: 42 roundings of 6e-8.
        np.testing.assert_allclose(values, logs[key], rtol=42 * 6e-8)
    _, x, y = made(MODELS[name])
    model.fit(x, y, **whole, verbose=0)  # the first made the trackers
    (step,) = known_of(model, "gradients")
    assert type(step) is ShardedStep
    model = made(MODELS[name])[0]
    data = keras.tree.map_structure(keras.ops.convert_to_tensor, (x, y))
    step = shards.sharded(model, (*data, None), model.loss_and_gradients)
    loss, _, gradients = step.run_on([x.value for x in keras.tree.flatten(data)])
    expected = made(MODELS[name])[0].loss_and_gradients(*data)
    close = {"rtol": 42 * 6e-8, "atol": 42 * 6e-8}
    np.testing.assert_allclose(loss.value, expected[0].value, **close)
    for ours, theirs in zip(gradients, expected[2], strict=True):
        np.testing.assert_allclose(ours, theirs, **close)


def over_the_batch():
    a, b = inputs()
    x = layers.Dense(3)(a)
    x = x - ops.mean(x, axis=0)
    return keras.Model([a, b], classes(ops.add(x, b))), [A, B], LABELS, ONE


@pytest.mark.parametrize("make", [ops_between, over_the_batch])
def test_ops_that_may_mix_samples_are_not_split(two_threads, make):
    model, history = fitted(make, ordinary=False)
    assert {type(step) for step in known_of(model, "train_step")} == {Program}
    assert not model._programs.in_parts
    assert history == fitted(make, ordinary=True)[1]


class Mine(keras.Operation):
    def call(self, x):
        return x * 2.0 if float(ops.sum(x)) > 0 else x * 3.0


def operation_of_the_users():
    a, b = inputs()
    return keras.Model([a, b], classes(joined(Mine()(a), b))), [A, B], LABELS, ONE


def function_of_the_users():
    a = keras.Input((4,))
    (x,) = ops.while_loop(lambda v: ops.sum(v) < 9.0, lambda v: (v + 0.5,), (a,))
    return keras.Model(a, classes(x)), A, LABELS, ONE


@pytest.mark.parametrize("make", [operation_of_the_users, function_of_the_users])
def test_operations_with_python_of_the_users_run_as_written(make):
    model, history = fitted(make, ordinary=False)
    assert not model._programs.programs
    assert history == fitted(make, ordinary=True)[1]
    _, x, _ = made(make)
    for _ in range(3):
        model(keras.tree.map_structure(ops.convert_to_tensor, x))
    assert not model._programs.programs


def with_a_loss_of_the_users():
    model, x, y, options = output_list()
    mine = [SPARSE, lambda y, p: ops.mean(ops.square(p), axis=-1)]
    return model, x, y, options | {"loss": mine}


def test_a_loss_of_the_users_is_repeated_and_not_split(two_threads):
    model, history = fitted(with_a_loss_of_the_users, ordinary=False)
    assert {type(step) for step in known_of(model, "train_step")} == {Program}
    assert not model._programs.in_parts
    assert history == fitted(with_a_loss_of_the_users, ordinary=True)[1]


@pytest.mark.parametrize("name", MODELS)
def test_a_repeated_call_is_the_ordinary_call_to_the_last_bit(name):
    model, x, _ = made(MODELS[name])
    for rows in (1, 3, 1, 3, 1, 3):
        some = keras.tree.map_structure(lambda v, n=rows: v[:n] * RNG.normal(), x)
        some = keras.tree.map_structure(lambda v: v.astype("float32"), some)
        y = model(some)
        with keras.GradientTape():
            expected = model(some)
        assert type(y) is type(expected)
        pairs = zip(keras.tree.flatten(y), keras.tree.flatten(expected), strict=True)
        for ours, theirs in pairs:
            np.testing.assert_array_equal(ours.value, theirs.value)
            assert hasattr(ours, "logits") == hasattr(theirs, "logits")
    assert [type(x) for x in known_of(model, "call")] == [Program, Program]
