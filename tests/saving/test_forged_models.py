"""`.keras` files that are damaged, or made to do harm: each is refused."""

import builtins
import importlib
import json
import marshal
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from minikeras import Sequential, layers
from minikeras.models import load_model
from tests.saving.changed_configs import BASES
from tests.saving.forged_configs import FORGED
from tests.saving.networks import X
from tests.saving.test_models import dense


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.keras"


def rewritten(path, change, base="chain", **members):
    """A file whose config is what `change` makes of that of a small model."""
    BASES[base]().save(path)
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(contents["config.json"])
    contents["config.json"] = json.dumps(change(config) or config).encode()
    contents |= members
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            if content is not None:
                archive.writestr(name, content)


def in_a_process(folder) -> dict:
    """{file: {"error", "memory" in MB}} for loading the models in a folder, by one
    process that may take 4 GB of addresses."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.saving.load_each", str(folder)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent.parent,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout)


def test_good_models_are_taken(path):
    for base in BASES:
        rewritten(path, lambda config: None, base)
        load_model(path)


@pytest.mark.parametrize("case", FORGED)
def test_forged_configs_are_refused(path, case, monkeypatch):
    base, change, message = FORGED[case]
    rewritten(path, change, base)
    for owner, name in (
        (importlib, "import_module"),
        (pickle, "loads"),
        (marshal, "loads"),
        (builtins, "eval"),
        (builtins, "exec"),
    ):
        monkeypatch.setattr(owner, name, lambda *_: pytest.fail("code was run"))
    with pytest.raises(ValueError, match=message):
        load_model(path)


def test_what_is_refused_takes_no_memory(tmp_path):
    """Each of these would take gigabytes; a tensor that doubles is let be until it has
    half of one."""
    for number, case in enumerate(FORGED):
        base, change, _ = FORGED[case]
        rewritten(tmp_path / f"{number}.keras", change, base)
    found = in_a_process(tmp_path)
    assert len(found) == len(FORGED) >= 100
    for number, case in enumerate(FORGED):
        one = found[f"{number}.keras"]
        assert one["error"] == "refused", case
        assert one["memory"] < (1024 if "joined" in case else 100), case


def test_the_code_of_a_lambda_runs_where_the_user_says_so(path):
    model = Sequential([layers.Input((4,)), layers.Lambda(lambda x: x * 2 + 1)])
    model.save(path)
    with pytest.raises(ValueError, match="never run, unless you trust the file"):
        load_model(path)
    again = load_model(path, safe_mode=False)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    with pytest.raises(ValueError, match="never run"):  # the next file is another one
        load_model(path)


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


def test_a_number_that_is_none(path):
    text = b'{"class_name": "Sequential", "config": {"name": NaN}}'
    rewritten(path, lambda config: None, **{"config.json": text})
    with pytest.raises(ValueError, match="NaN in config.json"):
        load_model(path)


def test_a_config_that_is_too_long(path):
    text = b'{"class_name": "Sequential", "x": "' + b"x" * (1 << 25) + b'"}'
    rewritten(path, lambda config: None, **{"config.json": text})
    with pytest.raises(ValueError, match="Refused: 'config.json'"):
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
