"""What KerasFileEditor shows and changes; parity/cases/files.py has what it prints."""

import h5py
import numpy as np
import pytest

from minikeras import Sequential, layers, saving
from tests.saving.networks import KINDS, X, numbers
from tests.saving.test_sharded import net

ONE = {"0": np.ones((2, 2), "float32")}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.weights.h5"
    net().save_weights(path)
    return path


@pytest.fixture
def editor(path):
    return saving.KerasFileEditor(path)


def saved(editor, tmp_path):
    """The editor of what the editor writes."""
    editor.save(tmp_path / "edited.weights.h5")
    return saving.KerasFileEditor(tmp_path / "edited.weights.h5")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_fits_its_file(tmp_path, kind):
    """Models within models too, which Keras's editor loses."""
    import minikeras

    model, x, y = KINDS[kind](minikeras)
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "a.keras")
    editor = saving.KerasFileEditor(tmp_path / "a.keras")
    count = len(model.weights) + len(model.optimizer.variables)
    right = {"status": "success", "error_count": 0, "match_count": count}
    assert editor.compare(model) == right
    assert editor.metadata["keras_version"] == "3.15.1"
    assert editor.config["class_name"] == type(model).__name__
    again = saved(editor, tmp_path)
    assert again.compare(model) == right
    weights = model.get_weights()
    model.set_weights([0 * array for array in weights])
    model.load_weights(tmp_path / "edited.weights.h5")
    for new, old in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(new, old)


def test_names_of_objects(tmp_path):
    model = Sequential([layers.Input((4,)), layers.Dense(2, name="d")], name="m")
    model.save_weights(tmp_path / "a.weights.h5")
    editor = saving.KerasFileEditor(tmp_path / "a.weights.h5")
    assert editor.object_metadata == {"/layers/dense": {"name": "d"}}
    np.testing.assert_array_equal(
        editor.weights_dict["layers"]["dense"]["0"], model.get_weights()[0]
    )


def test_editing(editor, tmp_path):
    editor.rename_object("dense_2", "dense_9")
    editor.delete_object("layers/dense_1")
    editor.add_object("layers/new", dict(ONE))
    editor.add_weights("dense", {"1": np.zeros(3), "2": np.zeros(())})
    editor.delete_weight("layers/dense_9", "1")
    content = saved(editor, tmp_path).weights_dict["layers"]
    shapes = {
        name: {key: array.shape for key, array in weights.items()}
        for name, weights in content.items()
    }
    assert shapes == {
        "dense": {"0": (4, 8), "1": (3,), "2": ()},
        "dense_9": {"0": (6, 2)},
        "new": {"0": (2, 2)},
    }


def test_a_file_made_to_fit_another_model(editor, tmp_path):
    other = Sequential([layers.Input((4,)), layers.Dense(8), layers.Dense(2)])
    assert editor.compare(other)["error_count"] == 3
    editor.delete_object("dense_2")
    editor.delete_object("dense_1")
    editor.add_object("layers/dense_1", {"0": numbers(8, 2), "1": numbers(2)})
    assert editor.compare(other)["status"] == "success"
    editor.resave_weights(tmp_path / "b.weights.h5")
    other.load_weights(tmp_path / "b.weights.h5")
    np.testing.assert_array_equal(other.get_weights()[2], numbers(8, 2))
    assert other.predict(X, verbose=0).shape == (12, 2)


WRONG = {
    "a path as new name": (lambda e: e.rename_object("dense", "a/b"), "name alone"),
    "a name that is taken": (
        lambda e: e.rename_object("dense", "dense_1"),
        "'dense_1' already",
    ),
    "a name that is there often": (lambda e: e.delete_object("0"), "are 3 of the name"),
    "no such name": (lambda e: e.delete_object("den"), "no 'den' in the file"),
    "no such path": (lambda e: e.delete_object("layers/x"), "no 'layers/x' in the f"),
    "a path through an array": (
        lambda e: e.delete_object("layers/dense/0/1"),
        "no object 'layers/dense/0'",
    ),
    "a new object nowhere": (lambda e: e.add_object("q/r", ONE), "no object 'q'"),
    "weights that are no dict": (lambda e: e.add_object("r", [1]), r"dict.*\[1\]"),
    "the same": (lambda e: e.add_weights("dense", 3), "dict of arrays.*3"),
    "weights for an array": (
        lambda e: e.add_weights("layers/dense/0", ONE),
        "an array",
    ),
    "no such weight": (lambda e: e.delete_weight("dense", "7"), r"\['0', '1'\]"),
    "another ending": (lambda e: e.save("a.h5"), "ends in `.weights.h5`.*'a.h5'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes_change_nothing(editor, case):
    call, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        call(editor)
    assert editor.compare(net())["status"] == "success"


def test_what_is_no_file_of_weights(tmp_path):
    with pytest.raises(ValueError, match="`.keras` or `.weights.h5`.*a.json"):
        saving.KerasFileEditor(tmp_path / "a.json")
    with pytest.raises(OSError, match="a.weights.h5"):
        saving.KerasFileEditor(tmp_path / "a.weights.h5")


def cycle(file):
    file["layers/dense/again"] = file["layers"]


def many_names(file):
    for i in range(100):
        file[f"layers/dense/vars/x{i}"] = file["layers/dense/vars/0"]


def many_empty_arrays(file):
    for i in range(100):
        file.create_dataset(f"x{i}", (1 << 22,), "f4", chunks=True)


def deep(file):
    for _ in range(400):
        file = file.create_group("a")


def link(file):
    file["layers/x"] = h5py.SoftLink("/layers/dense")


def words(file):
    file["layers/x"] = "text"


FORGED = {
    cycle: "under another name",
    many_names: "under another name",
    many_empty_arrays: "far more than the file holds",
    deep: "too deep",
    link: "link",
    words: "Expected numbers",
}


@pytest.mark.parametrize("forge", FORGED, ids=lambda f: f.__name__)
def test_forged_files_are_refused(path, forge):
    with h5py.File(path, "a") as file:
        forge(file)
    with pytest.raises(ValueError, match=FORGED[forge]):
        saving.KerasFileEditor(path)
