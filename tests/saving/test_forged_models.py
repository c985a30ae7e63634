"""`.keras` files that are damaged, or made to do harm: each is refused."""

import builtins
import importlib
import json
import os
import pickle
import zipfile

import numpy as np
import pytest

from minikeras.models import load_model
from tests.saving.test_models import dense


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.keras"


def rewritten(path, change, **members):
    """A file whose config is what `change` makes of that of a small model."""
    dense(optimizer="sgd", loss="mse").save(path)
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(contents["config.json"])
    contents["config.json"] = json.dumps(change(config) or config).encode()
    contents |= members
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            if content is not None:
                archive.writestr(name, content)


def layer(**changes):
    """Changes the Dense layer's entry in a config."""
    return lambda config: config["config"]["layers"][1].update(changes)


def compiled(**changes):
    return lambda config: config["compile_config"].update(changes)


def function(name, module="builtins"):
    return {
        "module": module,
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


LAMBDA = {"class_name": "__lambda__", "config": {"value": ["4wEAAA==", None, None]}}
FORGED = {
    "a class of the standard library": (
        layer(module="subprocess", class_name="Popen", config={"args": ["true"]}),
        "Unknown object: 'Popen'",
    ),
    "a function of os": (
        compiled(loss=function("system", "os")),
        "Unknown object: 'system'",
    ),
    "a builtin": (compiled(loss=function("eval")), "Unknown object: 'eval'"),
    "a module of Keras": (
        layer(module="keras.src.utils.file_utils", class_name="get_file", config={}),
        "Unknown object: 'get_file'",
    ),
    "a gadget": (
        layer(module="keras.utils", class_name="get_file", config={"fname": "x"}),
        "Unknown object: 'get_file'",
    ),
    "a gadget as a loss": (
        compiled(loss=function("load_model", "keras.models")),
        "Unknown.*'load_model'",
    ),
    "set_floatx": (
        layer(module="keras.config", class_name="set_floatx", config="float64"),
        "Unknown object: 'set_floatx'",
    ),
    "an op": (
        layer(module="keras.src.ops.core", class_name="Eval", config={}),
        "Unknown object: 'Eval'",
    ),
    "a lambda for a loss": (compiled(loss=LAMBDA), "never run"),
    "a Lambda layer": (
        layer(class_name="Lambda", config={"name": "l", "function": LAMBDA}),
        "never run",
    ),
    "a lambda for a class": (layer(**LAMBDA), "never run"),
    "an unknown layer": (layer(class_name="Dens"), "Did you mean 'Dense'"),
    "an unknown argument": (
        lambda config: config["config"]["layers"][1]["config"].update(speed=3),
        "speed",
    ),
    "a missing argument": (layer(config={"name": "d"}), "units"),
    "a layer that is a number": (layer(config=3), "describes no model"),
    "layers that are a number": (
        lambda config: config["config"].update(layers=3),
        "describes no model",
    ),
    "no class": (lambda config: {"config": {}}, "Expected the config of a model"),
    "a list": (lambda config: [config], "Expected the config of a model"),
    "a layer alone": (
        lambda config: config["config"]["layers"][1],
        "Expected the config of a model",
    ),
    "an unknown loss": (compiled(loss="msee"), "Unknown loss: 'msee'"),
    "an unknown optimizer": (compiled(optimizer="adm"), "Unknown optimizer: 'adm'"),
    "an argument of compile": (compiled(callback="x"), "describes no model"),
    "more units": (
        lambda config: config["config"]["layers"][1]["config"].update(units=3),
        r"shape \(4, 3\).*\(4, 2\)",
    ),
    "a thousand million units": (
        lambda config: config["config"]["layers"][1]["config"].update(units=10**9),
        r"larger weights than the file holds.*'d/kernel' of shape \(4, 1000000000\)",
    ),
    "a division by zero": (
        compiled(optimizer={"class_name": "SGD", "config": {"clipnorm": 0}}),
        "clipnorm",
    ),
    "another shape": (
        layer(build_config={"input_shape": "many"}),
        "shape=\\('y', 2\\)",
    ),
    "an unhashable number": (layer(shared_object_id=[1]), "describes no model"),
}


@pytest.mark.parametrize("case", FORGED)
def test_forged_configs_are_refused(path, case, monkeypatch):
    change, message = FORGED[case]
    rewritten(path, change)
    for owner, name in (
        (importlib, "import_module"),
        (pickle, "loads"),
        (builtins, "eval"),
        (builtins, "exec"),
    ):
        monkeypatch.setattr(owner, name, lambda *_: pytest.fail("code was run"))
    with pytest.raises(ValueError, match=message):
        load_model(path, safe_mode=False)


def test_a_config_within_itself_too_deep(path):
    deep = b'{"class_name": "Sequential", "config": ' * 5000 + b"1" + b"}" * 5000
    rewritten(path, lambda config: None, **{"config.json": deep})
    with pytest.raises(ValueError, match="config.json is no JSON.*recursion"):
        load_model(path)


def test_a_key_that_is_there_twice(path):
    text = b'{"class_name": "Sequential", "class_name": "Dense", "config": {}}'
    rewritten(path, lambda config: None, **{"config.json": text})
    with pytest.raises(ValueError, match="twice in config.json"):
        load_model(path)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"null", b"NaN"])
def test_what_is_no_json(path, text):
    rewritten(path, lambda config: None, **{"config.json": text})
    with pytest.raises(ValueError):
        load_model(path)


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_a_missing_member(path, name):
    rewritten(path, lambda config: None, **{name: None})
    with pytest.raises(ValueError, match=f"has no '{name}'"):
        load_model(path)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil"])
def test_members_that_point_out_of_the_archive(path, name, tmp_path):
    rewritten(path, lambda config: None, **{name: b"x"})
    with pytest.raises(ValueError, match="points out of the archive"):
        load_model(path)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice(path):
    dense().save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", b"{}")
    with pytest.raises(ValueError, match="has the member 'config.json' twice"):
        load_model(path)


def test_a_bomb(path):
    dense().save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/bomb", bytes(1 << 25))
    with pytest.raises(ValueError, match="'assets/bomb'.*claims 33554432 bytes"):
        load_model(path)


def test_a_file_cut_off_at_any_place(path):
    dense(optimizer="sgd", loss="mse").save(path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 997):
        path.write_bytes(whole[:length])
        with pytest.raises((ValueError, OSError)):
            load_model(path)


def test_a_damaged_byte(path):
    """Each byte is covered by a checksum of the archive, or does not matter."""
    model = dense(optimizer="sgd", loss="mse")
    model.save(path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 97):
        path.write_bytes(
            whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        )
        try:
            loaded = load_model(path)
        except (ValueError, OSError):
            continue
        for a, b in zip(loaded.weights, model.weights, strict=True):
            np.testing.assert_array_equal(a.value, b.value)
