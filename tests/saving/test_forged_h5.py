"""`.h5` files that are damaged, or made to do harm: each is refused."""

import builtins
import importlib
import os
import pickle
import struct

import h5py
import numpy as np
import pytest

from minikeras import optimizers
from minikeras.models import load_model
from tests.saving.forged_h5 import FORGED, instead, names, stored
from tests.saving.test_models import dense

pytestmark = pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.h5"
    sgd = optimizers.SGD(name="sgd")
    dense(optimizer=sgd, loss="mse", metrics=["mae"]).save(path)
    return path


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
        load_model(path)


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


# Texts: the library would allocate what they claim, or read them for ever -------------


def collections(data):
    """Where the collections of texts begin."""
    start = data.find(b"GCOL\x01")
    while start >= 0:
        yield start
        start = data.find(b"GCOL\x01", start + 1)


def references(data, length):
    """Where a text of that length is referred to."""
    for start in collections(data):
        pattern = struct.pack("<IQ", length, start)
        place = data.find(pattern)
        while place >= 0:
            yield place
            place = data.find(pattern, place + 1)


def refused_for_its_texts(path, data):
    path.write_bytes(data)
    with pytest.raises(ValueError, match="is damaged, or not written as Keras writes"):
        load_model(path)


def test_a_text_of_4_gigabytes(path):
    data = bytearray(path.read_bytes())
    for place in references(data, len("m/d/kernel")):
        data[place : place + 4] = b"\xff\xff\xff\xff"
    refused_for_its_texts(path, data)


def test_a_collection_that_goes_on_for_ever(path):
    data = bytearray(path.read_bytes())
    for start in collections(data):
        place, (end,) = start + 16, struct.unpack_from("<Q", data, start + 8)
        while place < start + end:
            number, size = struct.unpack_from("<H6xQ", data, place)
            if not number:
                struct.pack_into("<Q", data, place + 8, 0)
                break
            place += 16 + (size + 7) // 8 * 8
    refused_for_its_texts(path, data)


def test_one_long_text_many_times(path):
    forged(path, names([f"m/d/{i:06}" for i in range(4000)]))
    data = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        length = len(file.attrs["model_config"])
    (config,) = references(data, length)
    found = list(references(data, 10))
    assert len(found) >= 4000
    for place in found:
        data[place : place + 16] = data[config : config + 16]
    refused_for_its_texts(path, data)


def test_a_layout_that_keras_does_not_write(path):
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["model_config"] = "{}"
    refused_for_its_texts(path, path.read_bytes())
    with h5py.File(path, "w", userblock_size=512) as file:
        file.attrs["model_config"] = "{}"
    refused_for_its_texts(path, path.read_bytes())


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
