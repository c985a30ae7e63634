"""Makers of forged `.h5` files: what each does to the file of a small model, and what
is said of it. test_forged_h5.py loads them."""

import json

import h5py
import numpy as np

from tests.saving.forged_configs import LAMBDA

KERNEL = "model_weights/d/m/d/kernel"
CODE = ["4wEAAA==", None, None]


def config(change, name="model_config"):
    """A forger that changes the JSON of one attribute."""

    def forge(file):
        told = json.loads(file.attrs[name])
        file.attrs[name] = json.dumps(change(told) or told)

    return forge


def layer(**changes):
    return config(lambda told: told["config"]["layers"][1].update(changes))


def field(**changes):
    return config(lambda told: told["config"]["layers"][1]["config"].update(changes))


def compiled(**changes):
    return config(lambda told: told.update(changes), "training_config")


def function_layer(function):
    return layer(class_name="Lambda", config={"name": "l", "function": function})


def text(value, name="model_config"):
    return lambda file: file.attrs.__setitem__(name, value)


def names(value, of="model_weights/d", name="weight_names"):
    return lambda file: file[of].attrs.__setitem__(name, value)


def instead(make, place=KERNEL):
    """A forger that puts something else in the place of an array."""

    def forge(file):
        del file[place]
        make(file, place)

    return forge


def external_values(file, place):
    file.create_dataset(place, (4, 2), "f4", external=[("secret", 0, 32)])


def virtual(file, place):
    layout = h5py.VirtualLayout((4, 2), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4, 2))
    file.create_virtual_dataset(place, layout)


def linked(link):
    return lambda file, place: file.__setitem__(place, link)


def stored(value):
    return lambda file, place: file.__setitem__(place, value)


def shape_bomb(file, place):
    file.create_dataset(place, (1 << 20, 1 << 20), "f4", chunks=True)


def type_of_names(file):
    """A name in a type of its own."""
    file["model_weights/d"].attrs["weight_names"] = np.zeros(2, [("a", "f4")])


DEEP = '{"class_name": "Sequential", "config": ' * 5000 + "1" + "}" * 5000
TWICE = '{"class_name": "Sequential", "class_name": "Dense", "config": {}}'
NODE = {"name": "d", "inbound_nodes": [[["x", 0, 0, {}]]]}
FORGED = {
    # Configs
    "a class of the standard library": (
        layer(class_name="Popen", module="subprocess", config={"args": ["true"]}),
        "Unknown object: 'Popen'",
    ),
    "a gadget": (
        layer(class_name="get_file", config={"fname": "x"}),
        "Unknown layer: 'get_file'",
    ),
    "a module": (
        layer(class_name="system", module="os", config={}),
        "Unknown object: 'system'",
    ),
    "a loss for a layer": (layer(class_name="Huber"), "Unknown layer: 'Huber'"),
    "an optimizer for a model": (
        config(lambda told: {"class_name": "SGD", "config": {}}),
        "Unknown layer: 'SGD'",
    ),
    "an op that is none": (
        layer(class_name="Eval", module="keras.src.ops.core", config={}),
        "Unknown object: 'Eval'",
    ),
    "code of a lambda": (function_layer(LAMBDA), "never run"),
    "code as Keras 2 wrote it": (function_layer(CODE), "never run"),
    "code for a shape": (
        layer(
            class_name="Lambda",
            config={"name": "l", "function": "tanh", "output_shape": LAMBDA},
        ),
        "never run",
    ),
    "a builtin": (function_layer("eval"), "Unknown object: 'eval'"),
    "code for an activation": (field(activation=LAMBDA), "never run"),
    "a gadget for an activation": (field(activation="get_file"), "'get_file'"),
    "code within code": (
        layer(
            class_name="TimeDistributed",
            config={"layer": {"class_name": "Lambda", "config": {"function": CODE}}},
        ),
        "never run",
    ),
    "more units": (field(units=3), r"\(4, 3\).*\(4, 2\)"),
    "a thousand million units": (
        field(units=10**9),
        "Refused: the output of layer",
    ),
    "an unknown argument": (field(speed=3), "speed"),
    "a missing argument": (layer(config={"name": "d"}), "units"),
    "a name that is a list": (layer(class_name=["Dense"]), "unhashable type"),
    "a layer that is a number": (layer(config=3), "Expected the config of a layer"),
    "layers that are a number": (
        config(lambda told: told["config"].update(layers=3)),
        "describes no model",
    ),
    "a config of Keras 1": (
        config(lambda told: told.update(config=told["config"]["layers"])),
        "Expected the config of a layer",
    ),
    "a list": (config(lambda told: [told]), "Expected the config of a layer"),
    "a layer alone": (
        config(lambda told: told["config"]["layers"][1]),
        "Expected the config of a model",
    ),
    "a graph that nothing feeds": (
        config(
            lambda told: {
                "class_name": "Functional",
                "config": {
                    "name": "m",
                    "layers": [told["config"]["layers"][1] | NODE],
                    "input_layers": [["x", 0, 0]],
                    "output_layers": [["d", 0, 0]],
                },
            }
        ),
        "describes no model",
    ),
    "a loop": (
        config(
            lambda told: {
                "class_name": "Functional",
                "config": {
                    "name": "m",
                    "layers": [
                        told["config"]["layers"][1]
                        | {"name": "d", "inbound_nodes": [[["d", 0, 0, {}]]]}
                    ],
                    "input_layers": [["d", 0, 0]],
                    "output_layers": [["d", 0, 0]],
                },
            }
        ),
        "a loop",
    ),
    "no config": (lambda file: file.attrs.__delitem__("model_config"), "No model con"),
    "a config that is no text": (text(3.5), "Expected a text in JSON"),
    "a config that is a list": (text(["{}", "{}"]), "Expected a text in JSON"),
    "an empty config": (text(h5py.Empty("S10")), "Expected a text in JSON"),
    "no JSON": (text("{"), "is no JSON"),
    "bytes that are no text": (text(np.bytes_(b"\xff\xfe")), "is no JSON"),
    "a key that is there twice": (text(TWICE), "twice"),
    "too deep": (text(DEEP), "is no JSON"),
    # What compile was told
    "an unknown loss": (compiled(loss="msee"), "Unknown loss: 'msee'"),
    "a gadget as a loss": (compiled(loss="load_model"), "Unknown loss: 'load_model'"),
    "code as a loss": (compiled(loss=LAMBDA), "never run"),
    "code as a metric": (compiled(metrics=[[LAMBDA]]), "never run"),
    "code in a metric": (
        compiled(
            metrics=[
                {
                    "class_name": "MeanMetricWrapper",
                    "config": {"name": "m", "fn": LAMBDA},
                }
            ]
        ),
        "never run",
    ),
    "a gadget in a metric": (
        compiled(
            metrics=[{"class_name": "MeanMetricWrapper", "config": {"fn": "get_file"}}]
        ),
        "Unknown metric: 'get_file'",
    ),
    "a layer for a metric": (
        compiled(metrics=[{"class_name": "Dense", "config": {"units": 2}}]),
        "Unknown metric: 'Dense'",
    ),
    "an unknown optimizer": (
        compiled(optimizer_config={"class_name": "Adm", "config": {}}),
        "Unknown optimizer: 'Adm'",
    ),
    "code as a rate": (
        compiled(
            optimizer_config={"class_name": "SGD", "config": {"learning_rate": LAMBDA}}
        ),
        "never run",
    ),
    "no optimizer": (
        config(lambda told: {"loss": "mse"}, "training_config"),
        "describes no model",
    ),
    "a list for compile": (config(lambda told: [1], "training_config"), "describes no"),
    "no JSON for compile": (text("]", "training_config"), "is no JSON"),
    # Names
    "names that are numbers": (names([1.0, 2.0]), "Expected a list of names"),
    "a table of names": (names([["a"], ["b"]]), "Refused: the attribute"),
    "names of another type": (type_of_names, "Expected a list of names"),
    "names that are no text": (names([np.bytes_(b"\xff"), b"x"]), "no array '�'"),
    "a name out of the group": (names(["../bias", "m/d/bias"]), "no array '../bias'"),
    "an absolute name": (names(["/" + KERNEL, "m/d/bias"]), "no array"),
    "an empty name": (names(["", "m/d/bias"]), "no array ''"),
    "the group itself": (names([".", "m/d/bias"]), "it is damaged"),
    "too few names": (names(["m/d/kernel"]), "expects 2 weight.*Received 1 saved"),
    "one name 4,000 times": (names(["m/d/kernel"] * 4000), "A name is there twice"),
    "4,000 names": (
        names([f"m/d/{i}" for i in range(4000)]),
        "Received 4000 saved",
    ),
    "a missing array": (names(["m/d/kernel", "m/d/x"]), "no array 'm/d/x'"),
    "a missing layer": (
        names(["d", "e"], "model_weights", "layer_names"),
        "no such group",
    ),
    "a layer twice": (
        names(["d", "d"], "model_weights", "layer_names"),
        "A name is there twice",
    ),
    "no weights": (
        lambda file: file.__delitem__("model_weights"),
        "no group of weights",
    ),
    "weights that are an array": (
        instead(stored(np.ones(3)), "model_weights"),
        "Expected a group",
    ),
    "a layer that is an array": (
        instead(stored(np.ones(3)), "model_weights/d"),
        "Expected a group",
    ),
    # Arrays
    "a link": (instead(linked(h5py.SoftLink("/optimizer_weights"))), "is a link"),
    "a link to a layer": (
        instead(linked(h5py.SoftLink("/optimizer_weights")), "model_weights/d"),
        "is a link",
    ),
    "a link out of the file": (
        instead(linked(h5py.ExternalLink("other.h5", "/x"))),
        "is a link",
    ),
    "weights out of the file": (
        instead(linked(h5py.ExternalLink("other.h5", "/x")), "model_weights"),
        "is a link",
    ),
    "values out of the file": (instead(external_values), "other files"),
    "a virtual array": (instead(virtual), "other files"),
    "an array of text": (instead(stored("some text")), "Expected numbers"),
    "a shape bomb": (instead(shape_bomb), "Refused.*declares"),
    "a group for an array": (
        instead(lambda file, place: file.create_group(place)),
        "Expected an array",
    ),
    "an empty array": (instead(stored(h5py.Empty("f4"))), "Expected an array"),
    "another shape": (instead(stored(np.ones((2, 4)))), r"\(4, 2\).*\(2, 4\)"),
    "an optimizer out of the file": (
        instead(linked(h5py.ExternalLink("other.h5", "/x")), "optimizer_weights"),
        "is a link",
    ),
    "a rate out of the file": (
        instead(external_values, "optimizer_weights/sgd/learning_rate"),
        "other files",
    ),
}
