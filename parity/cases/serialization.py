"""Objects as plain data and back: what is written for each kind of value, what a name
means, and what is an error."""

import json
import os
import tempfile

import numpy as np

from parity.case import case, kind_of_error

# Objects of the user: the same classes are registered with each library in turn.


class Thing:
    def __init__(self, a=1):
        self.a = a

    def get_config(self):
        return {"a": self.a}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __repr__(self):
        return f"{type(self).__name__}({self.a!r})"


class Other(Thing):
    pass


class Odd(Thing):
    def get_config(self):
        return 3


def function(x):
    return x


def values(keras):
    return {
        "tuple": (1, [2, (None, True)]),
        "dict": {"a": (1,), 3: "b"},
        "bytes": b"ab",
        "slice": slice(np.int64(1), None, 2),
        "ellipsis": ...,
        "array": np.arange(3, dtype="int16"),
        "booleans": np.array([[True, False]]),
        "scalar array": np.array(2.5),
        "float": np.float32(0.5),
        "bool": np.bool_(True),
        "infinite": float("inf"),
        "tensor": keras.ops.convert_to_tensor([1.0, 2.0]),
        "scalar tensor": keras.ops.convert_to_tensor(2),
        "symbol": keras.KerasTensor((None, 3), "int32"),
        "thing": Thing((1, np.ones(1), Other(2))),
        "unregistered": Other(slice(3)),
        "function": function,
        "lambda's home": kind_of_error,
        "class": int,
        "builtin": len,
        "activation": keras.activations.relu,
        "loss": keras.losses.mean_squared_error,
        "initializers": [{"x": keras.initializers.Constant(np.ones((2, 1)))}],
        "optimizer": keras.optimizers.SGD(
            keras.optimizers.schedules.ExponentialDecay(0.5, 3, 0.1)
        ),
        "layer": keras.layers.LayerNormalization(
            gamma_regularizer=keras.regularizers.L2(0.5)
        ),
        "seeds": keras.random.SeedGenerator(3),
        "set": {1},
        "complex": 1j,
        "object": object(),
        "range": range(3),
        "dtype": np.dtype("float32"),
        "texts": np.array(["a"]),
        "objects": np.array([None]),
        "no dict": Odd(),
        "bad text": b"\xff",
    }


def shown(x):
    """Text that is the same for equal results of both libraries."""
    if isinstance(x, np.ndarray):
        return f"array of {x.dtype}: {x.tolist()}"
    if isinstance(x, (list, tuple)):
        return type(x)(shown(part) for part in x)
    if isinstance(x, dict):
        return {key: shown(part) for key, part in x.items()}
    if hasattr(x, "get_config") and not isinstance(x, Thing):
        return f"{type(x).__name__} of {x.get_config()}"
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        return f"{tuple(x.shape)} of {np.dtype(str(getattr(x.dtype, 'name', x.dtype)))}"
    return getattr(x, "__name__", x)


def result(call, *arguments, **options):
    """What a call gives as text, or the kind of its error."""
    found = []
    error = kind_of_error(lambda: found.append(call(*arguments, **options)))
    return repr(shown(found[0])) if found else error


@case()
def kinds_of_values(library):
    keras = library.keras
    saving = keras.saving
    with saving.custom_object_scope({"Thing": Thing, "Other": Other}):
        for name, value in values(keras).items():
            yield f"written/{name}", result(saving.serialize_keras_object, value)

            def round_trip(value=value):
                text = json.dumps(saving.serialize_keras_object(value))
                return saving.deserialize_keras_object(json.loads(text))

            if kind_of_error(round_trip) == "none":
                yield f"read/{name}", result(round_trip)


@case()
def build_configs(library):
    """What layers were built for, and what they build from."""
    keras = library.keras
    layers = keras.layers
    x, steps = np.ones((2, 3), "float32"), np.ones((2, 3, 1), "float32")

    class Two(layers.Layer):
        def build(self, a_shape, b_shape):
            self.w = self.add_weight(shape=(a_shape[-1], b_shape[-1]))

        def call(self, a, b):
            return a @ self.w

    class Named(layers.Layer):
        def build(self, shapes):
            self.w = self.add_weight(shape=(shapes["a"][-1],))

        def call(self, inputs):
            return inputs["a"] * self.w

    calls = {
        "dense": (layers.Dense(2), [x]),
        "add": (layers.Add(), [[x, x]]),
        "lstm": (layers.LSTM(2), [steps]),
        "bidirectional": (layers.Bidirectional(layers.LSTM(2)), [steps]),
        "two": (Two(), [x, x]),
        "named": (Named(), [{"a": x}]),
        "sequential": (keras.Sequential([layers.Dense(2)]), [x]),
    }
    for name, (layer, inputs) in calls.items():
        yield f"{name}/before", repr(layer.get_build_config())
        layer(*inputs)
        config = layer.get_build_config()
        yield f"{name}/after", repr(config)
        if name != "sequential":
            again = type(layer).from_config(layer.get_config())
            again.build_from_config(json.loads(json.dumps(config)))
            yield f"{name}/again", [tuple(w.shape) for w in again.weights]
    for config in ({}, {"unknown": 1}):
        layer = layers.Dense(2)
        layer.build_from_config(config)
        yield f"built from {config}", layer.built


@case()
def compile_configs(library):
    """What `compile` was told, as it stands in a file, and compiling from that."""
    keras = library.keras

    def made():
        return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="d")])

    yield "not compiled", repr(made().get_compile_config())
    told = {
        "names": {"optimizer": "sgd", "loss": "mse", "metrics": ("mae",)},
        "no loss": {"optimizer": "rmsprop"},
        "objects": {
            "optimizer": keras.optimizers.SGD(0.5, name="own"),
            "loss": keras.losses.MeanSquaredError(reduction="sum"),
            "metrics": [keras.metrics.MeanSquaredError(name="q"), "mae"],
            "weighted_metrics": ["mse"],
        },
        "functions": {"optimizer": "sgd", "loss": function, "metrics": [function]},
        "dicts": {
            "optimizer": "sgd",
            "loss": {"d": "mse"},
            "loss_weights": {"d": 2.0},
            "metrics": {"d": ["mae"]},
        },
        "options": {"loss": "mse", "run_eagerly": True, "steps_per_execution": 3},
    }
    for name, options in told.items():
        model = made()
        model.compile(**{"jit_compile": False} | options)
        config = model.get_compile_config()
        yield f"told/{name}", repr(config)
        other = made()
        with keras.saving.custom_object_scope({"function": function}):
            other.compile_from_config(json.loads(json.dumps(config)))
        yield f"again/{name}", repr(other.get_compile_config())
        yield f"built/{name}", [other.compiled, other.optimizer.built]


@case()
def own_variables(library):
    """What a layer's methods see of the store that they write to and read from."""
    layers = library.keras.layers
    seen = []

    def look(store):
        keys = sorted(store.keys())
        there = ["extra" in store, "nothing" in store]
        return [len(store), keys, there, np.asarray(store["extra"]).dtype.name]

    class Keeper(layers.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(2,), initializer="ones")

        def call(self, x):
            return x

        def save_own_variables(self, store):
            super().save_own_variables(store)
            store["extra"] = np.arange(3, dtype="int16")
            store["tensor"] = library.keras.ops.convert_to_tensor([1.0, 2.0])
            seen.append(look(store))

        def load_own_variables(self, store):
            seen.append([*look(store), np.asarray(store["tensor"]).tolist()])
            try:
                store["nothing"]
            except KeyError as error:
                seen.append(type(error).__name__)
            self.w.assign(store["0"] * 3)

    class Forgetful(Keeper):
        def load_own_variables(self, store):
            layers.Layer.load_own_variables(self, store)

    for kind in (Keeper, Forgetful):
        seen.clear()
        model = library.keras.Sequential([library.keras.Input((3,)), kind()])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.weights.h5")
            model.save_weights(path)
            yield f"error/{kind.__name__}", kind_of_error(model.load_weights, path)
        yield f"seen/{kind.__name__}", seen
        yield f"weights/{kind.__name__}", model.get_weights()


@case()
def names(library):
    """What is registered, passed or in a scope, and which of them wins."""
    saving = library.keras.saving
    register = saving.register_keras_serializable
    find, name_of = saving.get_registered_object, saving.get_registered_name
    known = saving.get_custom_objects()
    before = len(known)
    yield "unregistered", [name_of(Thing), name_of(function), find("Thing")]
    yield "no config", result(register(), type("Plain", (), {}))
    register("parity", "first")(Thing)
    register()(function)
    yield "registered", [name_of(Thing), name_of(function)]
    yield "found", [find("parity>first") is Thing, find("first"), find("Thing")]
    register("parity", "first")(Other)
    yield "collision", [name_of(Thing), name_of(Other), find("parity>first") is Other]
    register("parity", "second")(Thing)
    yield "twice", [name_of(Thing), find("parity>second") is Thing]
    yield (
        "passed",
        [
            find("x", custom_objects={"x": 1}),
            find("x", module_objects={"x": 2}),
            find("parity>second", custom_objects={"parity>second": 3}) is Thing,
        ],
    )
    known["mine"] = Thing
    yield "live", [find("mine") is Thing, name_of(Thing), len(known) - before]
    with saving.custom_object_scope({"one": Other}):
        yield "scope", [find("one") is Other, "one" in known, name_of(Other)]
        with saving.CustomObjectScope({"two": Other}):
            yield "inner scope", [find("one"), find("two") is Other]
        yield "after it", [find("one") is Other, find("two")]
    yield "after both", [find("one"), len(known) - before]
    for name in ("parity>first", "parity>second", "Custom>function", "mine"):
        del known[name]
    yield "forgotten", [find("parity>second"), find("mine")]


@case()
def configs(library):
    """What a config gives."""
    keras = library.keras
    saving = keras.saving
    saving.register_keras_serializable("parity")(Thing)
    saving.register_keras_serializable("parity")(function)
    thing = {
        "module": None,
        "class_name": "Thing",
        "config": {"a": 1},
        "registered_name": "parity>Thing",
    }
    named = {"module": "builtins", "class_name": "function", "config": "relu"}
    own_layer = {
        "module": "keras.layers",
        "class_name": "Dropout",
        "config": {"rate": 0.5},
    }
    cases = {
        "registered": thing,
        "another class": {**thing, "class_name": "Dropout"},
        "another module": {**thing, "module": "os"},
        "no config": {"class_name": "Thing"},
        "config None": {**thing, "config": None},
        "nested": {"x": [thing, (thing, None)]},
        "within": {**thing, "config": {"a": thing}},
        "function": named,
        "registered function": {**named, "config": "parity>function"},
        "function without its package": {**named, "config": "function"},
        "text": "relu",
        "registered text": "parity>function",
        "a number": 3,
        "a set": {1},
        "bytes": b"a",
        "numpy": {"class_name": "__numpy__", "config": {"value": [1], "dtype": "int8"}},
        "Keras's by name": {**own_layer, "registered_name": "Dropout"},
        "Keras's own": {**own_layer, "registered_name": None},
        "built": {**own_layer, "build_config": {"input_shape": [None, 3]}},
    }
    passed = {"passed": function, "Dropout": Thing}
    for name, config in cases.items():
        found = result(saving.deserialize_keras_object, config, custom_objects=passed)
        yield name, found
    yield "passed text", result(saving.deserialize_keras_object, "passed", passed)
    for name in ("parity>Thing", "parity>function"):
        del saving.get_custom_objects()[name]
