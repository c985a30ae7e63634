"""The text of the graph that `model_to_dot` gives, and what `plot_model` writes."""

import os
import re
import stat
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np

from parity.case import case

# In the place of Graphviz's program: it notes how it is called and says so.
DRAWING = """#!/bin/sh
echo "$@" | sed 's:[^ ]*/::g'
"""
ALL = {
    "show_shapes": True,
    "show_dtype": True,
    "show_layer_activations": True,
    "show_trainable": True,
}
OPTIONS = {
    "plain": {},
    "all": ALL,
    "all nested": {**ALL, "expand_nested": True},
    "nested": {"expand_nested": True, "rankdir": "LR", "show_layer_names": False},
    "shapes": {"show_shapes": True, "dpi": 96, "splines": "curved"},
    "dtype": {"show_dtype": True, "show_layer_activations": True},
    "trainable": {"show_trainable": True, "show_layer_names": False},
    "part": {"subgraph": True, "expand_nested": True},
}


def numbered(text: str) -> str:
    """The ids of the layers as numbers, in the order in which they come."""
    ids = dict.fromkeys(re.findall(r"\b\d{9,}\b", text))
    for number, one in enumerate(ids):
        text = text.replace(one, f"layer{number}")
    return text


def chain(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 3)),
            layers.Conv1D(4, 3, activation="relu", name="conv"),
            layers.BatchNormalization(trainable=False),
            layers.LSTM(5),
            layers.LeakyReLU(),
            layers.Dense(2, activation=keras.ops.sin),
            layers.Activation("softmax"),
        ],
        name="chain",
    )


def begun(keras):
    """Built by data, without an Input."""
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(1)])
    model(np.ones((2, 4), "float32"))
    return model


def branched(keras):
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((3,), dtype="int32", name="b")
    shared = layers.Dense(4, activation="tanh", name="shared")
    x = layers.Add()([shared(a), shared(shared(a))])
    y = layers.Flatten()(layers.Embedding(9, 2)(b))
    z = layers.Concatenate()([x, y, x * 2.0 + a])
    out = layers.Dense(1, name="out")(z)
    return keras.Model({"a": a, "b": b}, {"out": out, "half": z[:, :2]}, name="two")


def nested(keras):
    layers = keras.layers
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])
    x = keras.Input((4,))
    deep = keras.Model(x, [inner(x), layers.Dense(2)(x)], name="deep")
    first = keras.Input((4,))
    p, q = deep(first)
    last = keras.Sequential([keras.Input((2,)), layers.ReLU(), layers.Dense(1)])
    outputs = last(layers.Average()([p, q]))
    return keras.Model(first, [outputs, last(p)], name="outer")


def models_in_chain(keras):
    """A chain of models."""
    layers = keras.layers
    x = keras.Input((4,))
    part = keras.Model(x, layers.Dense(3)(x), name="part")
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.Dense(2)])
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(4), part, inner, layers.Dense(1)]
    )


def subclassed(keras):
    class Own(keras.Model):
        def __init__(self):
            super().__init__(name="own")
            self.dense = keras.layers.Dense(2)

        def call(self, inputs):
            return self.dense(inputs)

    model = Own()
    model(np.ones((2, 3), "float32"))
    return model


def around_subclassed(keras):
    x = keras.Input((3,))
    return keras.Model(x, keras.layers.Dense(1)(subclassed(keras)(x)))


def cut(keras):
    """A part of a graph, in which a layer is called that others outside call too."""
    model = branched(keras)
    shared = model.get_layer("shared")
    return keras.Model(model.inputs[0], keras.layers.Dense(2)(shared.output))


MODELS = [
    chain,
    begun,
    branched,
    nested,
    models_in_chain,
    subclassed,
    around_subclassed,
    cut,
]


@case()
def model_to_dot(library):
    keras = library.keras
    for make in MODELS:
        keras.utils.clear_session()
        model = make(keras)
        for name, options in OPTIONS.items():
            dot = keras.utils.model_to_dot(model, **options)
            key = f"{make.__name__}/{name}"
            yield f"{key}/type", type(dot).__name__
            yield key, numbered(dot.to_string()).splitlines()
    model.trainable = False
    yield "frozen", numbered(keras.utils.model_to_dot(model, **ALL).to_string())


@case()
def plot_model(library):
    """The file, by a program that stands in for Graphviz's."""
    keras = library.keras
    model = chain(keras)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "dot")
        program.write_text(DRAWING)
        program.chmod(stat.S_IRWXU)
        path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        with mock.patch.dict(os.environ, {"PATH": path}):
            for name in ("model.png", "model.pdf", "model.svg", "model"):
                file = Path(folder, name)
                keras.utils.plot_model(model, file, show_shapes=True, rankdir="LR")
                text = re.sub(r"\S*tmp\S*", "text", file.read_text())
                yield name, text


@case()
def errors(library):
    keras = library.keras
    model = chain(keras)
    unbuilt = keras.Sequential([keras.layers.Dense(1)])
    for function in (keras.utils.model_to_dot, keras.utils.plot_model):
        for name, given, options in (
            ("unbuilt", unbuilt, {}),
            ("no program", model, {}),
            ("layer_range", model, {"layer_range": ["a", "b"]}),
            ("no layer_range", model, {"layer_range": None, "other": 1}),
        ):
            error = "none"
            with (
                tempfile.TemporaryDirectory() as folder,
                mock.patch.dict(os.environ, {"PATH": folder}),
            ):
                try:
                    function(given, **options)
                except Exception as raised:
                    error = type(raised).__name__
            yield f"{function.__name__}/{name}", error
