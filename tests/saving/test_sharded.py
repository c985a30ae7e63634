"""Weights in several files: what goes where, what is refused, what a death leaves."""

import json
import os
import sys

import h5py
import numpy as np
import pytest

from minikeras import Sequential, layers, saving
from tests.saving.killing import killed
from tests.saving.networks import X, numbers
from tests.saving.test_weights import places

GB = 1024**3
INDEX = "a.weights.json"
SHARDS = [f"a_{i:05}.weights.h5" for i in range(4)]


def net(units=8):
    hidden = [layers.Dense(units), layers.Dense(6), layers.Dropout(0.5)]
    return Sequential([layers.Input((4,)), *hidden, layers.Dense(2)])


def compiled():
    model = net()
    model.compile("adam", "mse")
    model.fit(X, numbers(12, 2), verbose=0)
    return model


@pytest.fixture
def path(tmp_path):
    """The index of saved weights, 230 bytes a shard."""
    net().save_weights(tmp_path / INDEX, max_shard_size=230 / GB)
    return tmp_path / INDEX


def changed(path, change):
    """Rewrites the index: `change` gets what is in it, and may give another."""
    content = json.loads(path.read_text())
    path.write_text(json.dumps(change(content) or content))


def equal(model, weights):
    return all(map(np.array_equal, model.get_weights(), weights))


def test_what_goes_where(path):
    assert json.loads(path.read_text()) == {
        "metadata": {"total_size": 432.0},
        "weight_map": {
            "/layers/dense/vars": [SHARDS[0]],
            "/layers/dense_1/vars": [SHARDS[1]],
            "/layers/dense_2/vars": [SHARDS[2]],
        },
    }
    assert sorted(os.listdir(path.parent)) == [INDEX, *SHARDS[:3]]
    assert places(path.parent / SHARDS[1]) == {
        "layers/dense_1/vars/0": (8, 6),
        "layers/dense_1/vars/1": (6,),
    }


def test_one_object_in_several_shards(tmp_path):
    model, other = compiled(), compiled()
    model.save_weights(tmp_path / INDEX, max_shard_size=230 / GB)
    places = json.loads((tmp_path / INDEX).read_text())["weight_map"]
    assert len(places["/optimizer/vars"]) == 5
    other.load_weights(tmp_path / INDEX)
    assert equal(other, model.get_weights())
    for a, b in zip(other.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.value, b.value)


def test_a_single_array_is_no_list(tmp_path):
    model = Sequential([layers.Input((4,)), layers.Dense(3, use_bias=False)])
    model.save_weights(tmp_path / INDEX, max_shard_size=1)
    content = json.loads((tmp_path / INDEX).read_text())
    assert content["weight_map"] == {"/layers/dense/vars": SHARDS[0]}
    model.load_weights(tmp_path / INDEX)


def test_booleans_count_an_eighth_of_a_byte(tmp_path):
    class Flags(layers.Layer):
        def build(self, shape):
            self.flags = self.add_weight(shape=(16,), dtype="bool", trainable=False)

        def call(self, x):
            return x

    Sequential([layers.Input((4,)), Flags()]).save_weights(
        tmp_path / INDEX, max_shard_size=2 / GB
    )
    content = json.loads((tmp_path / INDEX).read_text())
    assert content["metadata"] == {"total_size": 2.0}


def test_an_array_larger_than_a_shard(tmp_path):
    with pytest.raises(
        ValueError, match="'0' of 'layers/dense' has 128.00 B.*100.00 B"
    ):
        net().save_weights(tmp_path / INDEX, max_shard_size=100 / GB)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("name", ["a.weights.h5", "a.keras", "a.json", "a"])
def test_names(tmp_path, name):
    if name == "a.weights.h5":
        with pytest.warns(UserWarning, match="belong to .*a.weights.json, not to"):
            net().save_weights(tmp_path / name, max_shard_size=1)
        assert sorted(os.listdir(tmp_path)) == [INDEX, SHARDS[0]]
        return
    with pytest.raises(ValueError, match=f"end in `.weights.json` when.*{name}"):
        net().save_weights(tmp_path / name, max_shard_size=1)
    with pytest.raises(ValueError, match="end in `.weights.h5`"):
        net().save_weights(tmp_path / INDEX)


def test_a_model_that_is_not_built(tmp_path, path):
    model = Sequential([layers.Dense(3)], name="m")
    with pytest.raises(ValueError, match="'m' has no weights yet to save"):
        model.save_weights(tmp_path / INDEX, max_shard_size=1)
    with pytest.raises(ValueError, match="'m' has no weights yet to load"):
        model.load_weights(path)


@pytest.mark.parametrize("answer", ["y", "n"])
def test_the_user_is_asked_about_the_index(path, monkeypatch, answer):
    model, before = net(), path.read_bytes()
    monkeypatch.setattr("builtins.input", lambda question: answer)
    model.save_weights(path, overwrite=False, max_shard_size=1)
    assert (path.read_bytes() == before) is (answer == "n")


def test_skip_mismatch(path):
    model, other = net(), net(5)
    model.load_weights(path)
    with pytest.warns(UserWarning, match="2 objects could not be loaded"):
        other.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(other.get_weights()[-2], model.get_weights()[-2])


def test_objects_to_skip(path):
    model = net()
    before = model.get_weights()
    saving.load_weights(model, path, objects_to_skip=[model.layers[0]])
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    assert not np.array_equal(model.get_weights()[2], before[2])
    saving.save_weights(
        model, path, max_shard_size=1, objects_to_skip=[model.layers[1]]
    )
    assert list(json.loads(path.read_text())["weight_map"]) == [
        "/layers/dense/vars",
        "/layers/dense_2/vars",
    ]


def shards(content):
    return content["weight_map"]["/layers/dense_1/vars"]


FORGED = {
    "a shard above the folder": (lambda c: shards(c).append("../b.h5"), "out of its f"),
    "a shard with a full path": (lambda c: shards(c).append("/etc/x"), "out of its f"),
    "a shard by Windows's path": (lambda c: shards(c).append("..\\b"), "out of its f"),
    "the folder itself": (lambda c: shards(c).append("."), "out of its folder"),
    "no name": (lambda c: shards(c).append(""), "out of its folder"),
    "a nought in a name": (lambda c: shards(c).append("a\0"), "out of its folder"),
    "a number": (lambda c: shards(c).append(3), "Expected a file name.*3"),
    "no shard": (lambda c: shards(c).clear(), r"Expected a file name.*\[\]"),
    "a shard that is missing": (lambda c: shards(c).append("b.h5"), "'b.h5'.* not in"),
    "a shard twice": (lambda c: shards(c).append(SHARDS[1]), "twice for '/layers/den"),
    "another shard": (lambda c: shards(c).__setitem__(0, SHARDS[0]), "Received: 0 var"),
    "a place less": (lambda c: c["weight_map"].clear(), "Received: 0 variables"),
    "the index itself": (lambda c: shards(c).append(INDEX), "signature"),
    "no map": (lambda c: {"metadata": {}}, "Expected an index"),
    "a list": (lambda c: [c], "Expected an index"),
    "a map of numbers": (lambda c: {"weight_map": 3}, "Expected an index"),
}


@pytest.mark.parametrize("case", FORGED)
def test_forged_indexes_are_refused(path, case):
    change, message = FORGED[case]
    changed(path, change)
    model = net()
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        model.load_weights(path)
    assert equal(model, before)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"weight_map": {}, "weight_map": {}}',
        b'{"weight_map": {"/vars": "a", "/vars": "b"}}',
    ],
)
def test_what_is_no_index(path, text):
    path.write_bytes(text)
    with pytest.raises(ValueError, match="no JSON|twice"):
        net().load_weights(path)


def test_an_index_that_is_not_there(tmp_path):
    with pytest.raises(OSError, match=INDEX):
        net().load_weights(tmp_path / INDEX)


def test_a_link_in_place_of_a_shard(path, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / SHARDS[1]
    os.rename(tmp_path / SHARDS[1], moved)
    os.symlink(moved, tmp_path / SHARDS[1])
    with pytest.raises(ValueError, match="is a link"):
        net().load_weights(path)


def test_an_array_in_two_shards(path):
    changed(path, lambda c: shards(c).append(SHARDS[2]))
    with h5py.File(path.parent / SHARDS[2], "a") as file:
        file["layers/dense_1/vars/0"] = np.ones((8, 6), "float32")
    with pytest.raises(ValueError, match="twice, in two shards"):
        net().load_weights(path)


def test_a_forged_array_in_a_shard(path):
    with h5py.File(path.parent / SHARDS[2], "a") as file:
        del file["layers/dense_2/vars/0"]
        file["layers/dense_2/vars/0"] = h5py.ExternalLink("other.h5", "/x")
    model = net()
    before = model.get_weights()
    with pytest.raises(ValueError, match="link"):
        model.load_weights(path)
    assert equal(model, before)


def test_a_shard_that_is_cut_off(path):
    shard = path.parent / SHARDS[2]
    whole = shard.read_bytes()
    for length in range(0, len(whole), 499):
        shard.write_bytes(whole[:length])
        model = net()
        before = model.get_weights()
        with pytest.raises((ValueError, OSError)):
            model.load_weights(path)
        assert equal(model, before)


def test_a_failing_save_leaves_the_earlier_files(path):
    class Broken(layers.Dense):
        def save_own_variables(self, store):
            raise RuntimeError("half-way")

    before = {
        name: (path.parent / name).read_bytes() for name in os.listdir(path.parent)
    }
    with pytest.raises(RuntimeError, match="half-way"):
        Sequential([layers.Input((4,)), layers.Dense(8), Broken(6)]).save_weights(
            path, max_shard_size=230 / GB
        )
    after = {
        name: (path.parent / name).read_bytes() for name in os.listdir(path.parent)
    }
    assert after == before


def rename_shards(content):
    """As they are called in the midst of a save of this process."""
    for names in content["weight_map"].values():
        names[0] += f".{os.getpid()}.partial"


def test_shards_that_another_process_left_under_passing_names(path):
    """It died while it gave them their own, and had the number of this process."""
    for name in SHARDS[:3]:
        os.rename(path.parent / name, path.parent / f"{name}.{os.getpid()}.partial")
    changed(path, rename_shards)
    model, again = net(), net()
    model.load_weights(path)
    with pytest.raises(ValueError, match="'0' of 'layers/dense_1' has 192.00 B"):
        net().save_weights(path, max_shard_size=170 / GB)
    again.load_weights(path)
    assert equal(again, model.get_weights())


def test_without_h5py_nothing_stays(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match="pip install h5py"):
        net().save_weights(tmp_path / INDEX, max_shard_size=1)
    assert not os.listdir(tmp_path)


def test_without_links_the_shards_are_copied(path, monkeypatch):
    def refused(*_):
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refused)
    model, other = net(), net()
    model.save_weights(path, max_shard_size=230 / GB)
    other.load_weights(path)
    assert equal(other, model.get_weights())
    assert sorted(os.listdir(path.parent)) == [INDEX, *SHARDS[:3]]


@pytest.mark.slow
def test_a_process_killed_at_any_moment(path):
    """Before each step that changes the folder: either the old or the new weights
    are whole."""
    old = net()
    old.load_weights(path)
    new = [array * 0 + 1 for array in old.get_weights()]
    seen = []
    for count in range(1, 30):
        old.save_weights(path, max_shard_size=230 / GB)
        status = killed(
            count,
            "from tests.saving.test_sharded import GB, net",
            ("fsync", "replace", "remove", "link"),
            "model = net()\n"
            "model.set_weights([array * 0 + 1 for array in model.get_weights()])\n"
            f"model.save_weights({str(path)!r}, max_shard_size=230 / GB)",
        )
        model = net()
        model.load_weights(path)
        assert equal(model, new) or equal(model, old.get_weights())
        seen.append(equal(model, new))
        if status == 0:
            break
    assert status == 0 and seen[0] is False and seen[-1] is True
    assert seen == sorted(seen)


def test_sizes_that_make_no_sense(tmp_path):
    with pytest.raises(ValueError, match="a shard of 0.00 B"):
        net().save_weights(tmp_path / INDEX, max_shard_size=0)
    with pytest.raises(ValueError, match="could not convert string to float: 'big'"):
        net().save_weights(tmp_path / INDEX, max_shard_size="big")
    assert not os.listdir(tmp_path)
