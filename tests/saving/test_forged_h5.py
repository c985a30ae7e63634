"""`.h5` files that are damaged, or made to do harm: each is refused."""

import builtins
import importlib
import json
import os
import pickle

import h5py
import numpy as np
import pytest

from minikeras import optimizers
from minikeras.models import load_model
from tests.saving.test_forged_models import LAMBDA
from tests.saving.test_models import dense

pytestmark = pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
KERNEL = "model_weights/d/m/d/kernel"
CODE = ["4wEAAA==", None, None]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.h5"
    sgd = optimizers.SGD(name="sgd")
    dense(optimizer=sgd, loss="mse", metrics=["mae"]).save(path)
    return path


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
        "Unknown layer: 'Popen'",
    ),
    "a gadget": (
        layer(class_name="get_file", config={"fname": "x"}),
        "Unknown layer: 'get_file'",
    ),
    "a module": (
        layer(class_name="system", module="os", config={}),
        "Unknown layer: 'system'",
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
        "larger weights than the file holds",
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
    "no JSON": (text("{"), "is no text in JSON"),
    "bytes that are no text": (text(np.bytes_(b"\xff\xfe")), "is no text in JSON"),
    "a key that is there twice": (text(TWICE), "twice"),
    "too deep": (text(DEEP), "describes no model"),
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
    "no JSON for compile": (text("]", "training_config"), "is no text in JSON"),
    # Names
    "names that are numbers": (names([1.0, 2.0]), "Expected a list of names"),
    "a table of names": (names([["a"], ["b"]]), "Expected a list of names"),
    "names of another type": (type_of_names, "Expected a list of names"),
    "names that are no text": (names([np.bytes_(b"\xff"), b"x"]), "no array '�'"),
    "a name out of the group": (names(["../bias", "m/d/bias"]), "no array '../bias'"),
    "an absolute name": (names(["/" + KERNEL, "m/d/bias"]), "no array"),
    "an empty name": (names(["", "m/d/bias"]), "no array ''"),
    "the group itself": (names([".", "m/d/bias"]), "it is damaged"),
    "too few names": (names(["m/d/kernel"]), "expects 2 weight.* Received 1 saved"),
    "one name 4,000 times": (names(["m/d/kernel"] * 4000), "Received 4000 saved"),
    "a missing array": (names(["m/d/kernel", "m/d/x"]), "no array 'm/d/x'"),
    "a missing layer": (
        names(["d", "e"], "model_weights", "layer_names"),
        "no such group",
    ),
    "a layer twice": (
        names(["d", "d"], "model_weights", "layer_names"),
        "expected 1 layers, found 2",
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


def forged(path, forge):
    with h5py.File(path, "a") as file:
        forge(file)


@pytest.mark.parametrize("case", FORGED)
def test_forged_files_are_refused(path, case, monkeypatch, tmp_path):
    forge, message = FORGED[case]
    (tmp_path / "secret").write_bytes(bytes(32))
    forged(path, forge)
    for owner, name in (
        (importlib, "import_module"),
        (pickle, "loads"),
        (builtins, "eval"),
        (builtins, "exec"),
    ):
        monkeypatch.setattr(owner, name, lambda *_: pytest.fail("code was run"))
    with pytest.raises(ValueError, match=message):
        load_model(path, safe_mode=False)


OF_WEIGHTS = [
    case
    for case, (forge, _) in FORGED.items()
    if forge.__qualname__.startswith(("names", "instead", "type_of"))
    and "optimizer" not in case
    and "rate" not in case
]


@pytest.mark.parametrize("by_name", [True, False])
@pytest.mark.parametrize("case", OF_WEIGHTS)
def test_a_failed_load_changes_no_weight(path, case, by_name, tmp_path):
    forge, message = FORGED[case]
    (tmp_path / "secret").write_bytes(bytes(32))
    forged(path, forge)
    model = dense()
    before = model.get_weights()
    if case == "a layer twice" and by_name:
        model.load_weights(path, by_name=True)  # twice the same
        return
    with pytest.raises(ValueError, match=None if by_name else message):
        model.load_weights(path, by_name=by_name)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.filterwarnings("ignore:Error in loading the saved optimizer state")
@pytest.mark.parametrize(
    "forge",
    [
        names(["sgd/learning_rate"], "optimizer_weights"),
        names(["sgd/learning_rate", "sgd/iteration"], "optimizer_weights"),
        instead(stored(np.ones(3)), "optimizer_weights/sgd/iteration"),
    ],
)
def test_an_optimizer_that_does_not_fit_starts_afresh(path, forge):
    forged(path, forge)
    with pytest.warns(UserWarning, match="freshly initialized optimizer"):
        model = load_model(path)
    assert model.optimizer.iterations == 0
    assert model.optimizer.learning_rate == np.float32(0.01)


def test_a_file_cut_off_at_any_place(path):
    whole = path.read_bytes()
    for length in range(0, len(whole), 997):
        path.write_bytes(whole[:length])
        with pytest.raises((ValueError, OSError)):
            load_model(path)


@pytest.mark.filterwarnings("ignore")  # of numbers that turned to others
def test_a_damaged_byte(path):
    """HDF5 has no checksums: a number can be another. Nothing else happens."""
    model = dense()
    whole = path.read_bytes()
    loaded = 0
    for place in range(0, len(whole), 61):
        damaged = bytes([whole[place] ^ 0x55])
        path.write_bytes(whole[:place] + damaged + whole[place + 1 :])
        before = model.get_weights()
        for load in (load_model, model.load_weights):
            try:
                load(path)
                loaded += 1
            except (ValueError, OSError):
                pass
        assert [w.shape for w in model.get_weights()] == [w.shape for w in before]
    assert loaded


def test_nothing_is_left_behind(path, tmp_path):
    forged(path, FORGED["a shape bomb"][0])
    with pytest.raises(ValueError):
        load_model(path)
    assert os.listdir(tmp_path) == [path.name]
    with h5py.File(path, "a"):
        pass  # it is not open any more
