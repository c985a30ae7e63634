"""Models in folders, and what layers keep in files of their own."""

import json
import os
import zipfile
from pathlib import Path

import pytest

import minikeras
from minikeras import Sequential, layers
from minikeras.models import load_model
from tests.saving.crossing import with_words
from tests.saving.halves import ALL
from tests.saving.killing import killed
from tests.saving.test_models import dense

PARTS = ["assets", "config.json", "metadata.json", "model.weights.h5"]
WORDS = {"a.txt": b"one two", "more/b.txt": b"three"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a"


@pytest.fixture
def archive(tmp_path):
    """A model with a layer whose words are one, two, three."""
    with_words(minikeras)[0].save(tmp_path / "a.keras")
    members = {f"assets/layers/words/{name}": text for name, text in WORDS.items()}
    return added(tmp_path / "a.keras", members)


def added(path, members):
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def files(folder):
    """{path below the folder: contents}."""
    return {
        os.path.relpath(os.path.join(place, name), folder): Path(
            place, name
        ).read_bytes()
        for place, _, names in os.walk(folder)
        for name in names
    }


@pytest.mark.parametrize("name", ["sequential", "functional", "subclassed", "words"])
def test_a_model_in_a_folder_goes_on_as_the_one_saved(path, name):
    minikeras.utils.set_random_seed(5)
    model, x, y = ALL[name](minikeras)
    model.fit(x, y, verbose=0)
    model.save(path, zipped=False)
    assert sorted(os.listdir(path)) == PARTS
    again = load_model(path)
    for one in (model, again):
        one.reset_metrics()
    options = {"shuffle": False, "verbose": 0}
    assert again.fit(x, y, **options).history == model.fit(x, y, **options).history


def test_names(path, tmp_path):
    with pytest.raises(ValueError, match="zipped=False another one.*a.keras"):
        dense().save(tmp_path / "a.keras", zipped=False)
    with pytest.raises(ValueError, match="or a folder with config.json.*/a'"):
        load_model(path)
    path.mkdir()
    with pytest.raises(ValueError, match="or a folder with config.json.*/a'"):
        load_model(path)


def test_another_model_in_a_folder_of_other_files(path):
    (path / "assets").mkdir(parents=True)
    (path / "notes.txt").write_text("mine")
    dense("one").save(path, zipped=False)
    (path / "assets" / "stale.txt").write_text("of the first model")
    dense("two").save(path, zipped=False)
    assert load_model(path).name == "two"
    assert sorted(os.listdir(path)) == sorted([*PARTS, "notes.txt"])
    assert (path / "notes.txt").read_text() == "mine"
    assert not os.listdir(path / "assets")


@pytest.mark.parametrize("answer", ["y", "n"])
def test_the_user_is_asked_about_a_folder(path, monkeypatch, answer):
    dense("one").save(path, zipped=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    dense("two").save(path, overwrite=False, zipped=False)
    assert load_model(path).name == {"y": "two", "n": "one"}[answer]


class Broken(layers.Dense):
    def save_own_variables(self, store):
        raise RuntimeError("half-way")


def test_a_failing_save_leaves_the_earlier_folder(path, tmp_path, monkeypatch):
    broken = Sequential([layers.Input((4,)), Broken(2)])
    with pytest.raises(RuntimeError, match="half-way"):
        broken.save(path, zipped=False)
    assert not os.listdir(tmp_path)
    dense("one").save(path, zipped=False)
    before = files(path)
    with pytest.raises(RuntimeError, match="half-way"):
        broken.save(path, zipped=False)
    assert files(path) == before
    rename = os.rename

    def refusing(source, target):
        if str(source).endswith(f".partial{os.sep}metadata.json"):
            raise OSError("full")
        rename(source, target)

    monkeypatch.setattr(os, "rename", refusing)
    with pytest.raises(OSError, match="full"):
        dense("two").save(path, zipped=False)
    assert files(path) == before


@pytest.mark.slow
def test_a_process_killed_at_any_moment(tmp_path):
    """Before each step that changes the folder: there is the old or the new model, or
    none, and then both lie complete beside it."""
    seen = []
    for count in range(1, 40):
        path = tmp_path / str(count)
        dense("one").save(path, zipped=False)
        before = files(path)
        status = killed(
            count,
            "from tests.saving.test_models import dense",
            ("fsync", "mkdir", "rename", "rmdir"),
            f'dense("two").save({str(path)!r}, zipped=False)',
        )
        if (path / "config.json").exists():
            seen.append(load_model(path).name)
        else:
            seen.append("none")
            contents = {}
            for name, content in files(path).items():
                contents.setdefault(os.path.basename(name), []).append(content)
            for name, content in before.items():
                assert content in contents[os.path.basename(name)]
                assert len(contents[os.path.basename(name)]) == 2
        if status == 0:
            break
    assert status == 0
    order = ["one", "none", "two"]
    assert list(dict.fromkeys(seen)) == order
    assert seen == sorted(seen, key=order.index)


def test_members_and_what_comes_back(tmp_path):
    model, first, both = with_words(minikeras)
    first.words, both.inner[1].words = ["one", "two"], ["three"]
    model.save(tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as archive:
        assert archive.namelist()[3:] == [
            "assets/layers/both/inner/words_1/a.txt",
            "assets/layers/both/inner/words_1/more/b.txt",
            "assets/layers/words/a.txt",
            "assets/layers/words/more/b.txt",
        ]
    again = load_model(tmp_path / "a.keras")
    assert again.layers[0].words == ["one", "two"]
    assert [layer.words for layer in again.layers[1].inner] == [[], ["three"]]


def test_nothing_is_called_where_nothing_was_saved(tmp_path):
    model = with_words(minikeras)[0]
    model.save(tmp_path / "a.keras")
    assert load_model(tmp_path / "a.keras").layers[0].words is None


def test_weights_alone_leave_assets_alone(archive):
    model = load_model(archive)
    model.layers[0].words = ["mine"]
    model.load_weights(archive)
    assert model.layers[0].words == ["mine"]


def test_the_passing_folder_is_gone(archive, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "passing"))
    (tmp_path / "passing").mkdir()
    model = load_model(archive)
    assert model.layers[0].words == ["one", "two", "three"]
    model.save(tmp_path / "b.keras")
    assert not os.listdir(tmp_path / "passing")


def test_no_folder_is_needed_without_assets(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    dense().save(tmp_path / "a.keras")
    load_model(tmp_path / "a.keras")


def test_an_error_in_load_assets_names_the_layer(tmp_path):
    @minikeras.saving.register_keras_serializable("tests")
    class Picky(layers.Layer):
        def save_assets(self, folder):
            Path(folder, "a").write_text("a")

        def load_assets(self, folder):
            raise KeyError("no such word")

        def call(self, x):
            return x

    Sequential([layers.Input((4,)), Picky(name="p")]).save(tmp_path / "a.keras")
    with pytest.raises(ValueError, match=r"\['p'\].*no such word"):
        load_model(tmp_path / "a.keras")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("assets/../../evil", "points out of the archive"),
        ("assets/layers/../../evil", "points out of the archive"),
        ("/assets/evil", "points out of the archive"),
        ("assets\\..\\..\\evil", "points out of the archive"),
        ("assets//layers/words/a.txt", "out of the assets' folder"),
        ("assets/./layers/words/a.txt", "cannot be a file"),
        ("assets/layers/words/a.txt/b", "cannot be a file"),
        ("assets/layers/words", "cannot be a file"),
        (f"assets/{'x' * 300}", "cannot be a file"),
    ],
)
def test_forged_members_are_refused(archive, tmp_path, name, message):
    added(archive, {name: b"evil"})
    with pytest.raises(ValueError, match=message):
        load_model(archive)
    assert os.listdir(tmp_path) == [archive.name]


def test_many_small_bombs(archive):
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file:
        for i in range(5):
            file.writestr(f"assets/{i}", bytes(1 << 23))
    with pytest.raises(ValueError, match="the assets of .* claim 419"):
        load_model(archive)


def linked_file(path, secret):
    os.symlink(secret, path / "assets" / "layers" / "words" / "a.txt")


def linked_folder(path, secret):
    os.symlink(secret.parent, path / "assets" / "more")


def linked_assets(path, secret):
    os.rename(path / "assets", secret.parent / "elsewhere")
    os.symlink(secret.parent / "elsewhere", path / "assets")


def linked_weights(path, secret):
    (path / "model.weights.h5").unlink()
    os.symlink(secret, path / "model.weights.h5")


def linked_config(path, secret):
    config = (path / "config.json").read_text()
    secret.write_text(config)
    (path / "config.json").unlink()
    os.symlink(secret, path / "config.json")


@pytest.mark.parametrize(
    "forge", [linked_file, linked_folder, linked_assets, linked_weights, linked_config]
)
def test_links_out_of_a_folder_are_refused(path, tmp_path, forge):
    with_words(minikeras)[0].save(path, zipped=False)
    (tmp_path / "secret").write_text("secret")
    forge(path, tmp_path / "secret")
    with pytest.raises(ValueError, match="is a link"):
        load_model(path)


def test_folders_that_are_damaged(path):
    dense().save(path, zipped=False)
    config = (path / "config.json").read_text()
    for text, message in (
        ("{", "no JSON"),
        ('{"config": 1, "config": 1}', "twice in config.json"),
        (json.dumps({"class_name": "Popen", "config": {}}), "Unknown object: 'Popen'"),
        (
            config.replace('"units": 2', '"units": 1000000000'),
            "larger weights than the",
        ),
    ):
        (path / "config.json").write_text(text)
        with pytest.raises(ValueError, match=message):
            load_model(path)
    (path / "config.json").write_text(config)
    (path / "model.weights.h5").write_bytes(b"no HDF5")
    with pytest.raises(OSError, match="signature"):
        load_model(path)
    (path / "model.weights.h5").unlink()
    with pytest.raises(ValueError, match="needs 'model.weights.h5', which is not in"):
        load_model(path)


def test_the_weights_of_two_models(path):
    """A folder whose config and weights do not belong together."""
    dense().save(path, zipped=False)
    other = Sequential([layers.Input((4,)), layers.Dense(3)])
    other.save_weights(path / "model.weights.h5")
    with pytest.raises(ValueError, match=r"shape \(4, 2\). Received.*\(4, 3\)"):
        load_model(path)
