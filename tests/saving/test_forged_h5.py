"""`.h5` files that are damaged, or made to do harm: each is refused."""

import builtins
import importlib
import os
import pickle

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
