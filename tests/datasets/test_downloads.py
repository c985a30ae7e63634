"""Sets that come from files: where they are looked for, and what is refused.

What they give for a file is compared with Keras in parity/cases/datasets.py.
"""

import gzip
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minikeras import datasets
from minikeras.datasets import boston_housing, cifar100, fashion_mnist, imdb, reuters
from minikeras.utils import file_utils
from parity import dataset_files

ROOT = Path(__file__).parent.parent.parent
DOWNLOADED = sorted(set(datasets.__all__) - {"digits", "iris"})
FILES = {
    "cifar10": "cifar-10-batches-py-target_archive",
    "cifar100": "cifar-100-python-target_archive",
    "fashion_mnist": "train-labels-idx1-ubyte.gz",
}


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """No network, and a cache folder of its own."""

    def refuse(*args, **options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("MINIKERAS_DATASETS", raising=False)
    return tmp_path / "datasets"


@pytest.fixture
def small_files(offline, monkeypatch):
    """Small files in the cache folder, each with the right hash."""
    monkeypatch.setattr(file_utils, "validate_file", lambda *args: True)
    dataset_files.write_all(offline)
    return offline


@pytest.mark.parametrize("name", DOWNLOADED)
def test_without_a_network_the_error_says_what_helps(offline, name):
    with pytest.raises(OSError) as caught:
        getattr(datasets, name).load_data()
    message = str(caught.value)
    file = FILES.get(name, f"{name}.npz")
    folder = offline / "fashion-mnist" if name == "fashion_mnist" else offline
    assert "Name or service not known" in message and "\n" not in message
    assert f"into the folder {folder} as {file}." in message
    assert "--synthetic-data" in message and "MINIKERAS_DATASETS=synthetic" in message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", sorted(set(DOWNLOADED) - {"fashion_mnist"}))
def test_a_file_that_is_not_keras_s_is_not_read(offline, name, capsys):
    """fashion_mnist alone has no hashes in Keras."""
    offline.mkdir()
    path = offline / FILES.get(name, f"{name}.npz")
    path.write_bytes(b"something else")
    with pytest.raises(OSError, match="Cannot download"):
        getattr(datasets, name).load_data()
    assert "its hash is not" in capsys.readouterr().out
    assert path.read_bytes() == b"something else"


def test_word_indices_are_looked_for_likewise(offline):
    for module in (imdb, reuters):
        with pytest.raises(OSError, match="_word_index.json.*--synthetic-data"):
            module.get_word_index()


def test_a_damaged_file_is_named(small_files):
    path = small_files / "fashion-mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=f"{path} is damaged.*Delete it"):
        fashion_mnist.load_data()
    path.write_bytes(gzip.compress(b"short"))
    with pytest.raises(ValueError, match=f"{path} is damaged.*Delete it"):
        fashion_mnist.load_data()


def test_the_old_name_of_num_words(small_files):
    with pytest.warns(DeprecationWarning, match="`num_words` today"):
        (x, _), _ = imdb.load_data(nb_words=9)
    (expected, _), _ = imdb.load_data(num_words=9)
    assert x.tolist() == expected.tolist()
    with pytest.raises(TypeError, match="'words'"):
        reuters.load_data(words=9)


def test_by_hand(small_files):
    """The marks of the first review, one word at a time."""
    x, y = np.empty(1, dtype=object), np.array([1])
    x[0] = [1, 2, 6, 30]
    np.savez(small_files / "one.npz", x_train=x, y_train=y, x_test=x, y_test=y)

    def first(**options):
        (x, _), _ = imdb.load_data("one.npz", **options)
        return x.tolist()

    assert first() == [[1, 4, 5, 9, 2]]  # 33, the largest number, counts as unknown
    assert first(num_words=50) == [[1, 4, 5, 9, 33]]
    assert first(num_words=50, skip_top=5) == [[2, 2, 5, 9, 33]]
    assert first(num_words=9, oov_char=None) == [[1, 4, 5]]
    assert first(num_words=50, start_char=None, index_from=None) == [[1, 2, 6, 30]]
    assert first(num_words=50, maxlen=6) == [[1, 4, 5, 9, 33]]
    with pytest.raises(ValueError, match="shorter than `maxlen`.*maxlen=5"):
        first(maxlen=5)


MISTAKES = {
    "split": (boston_housing, {"test_split": 1.0}, "less than 1. Received: 1.0"),
    "mode": (cifar100, {"label_mode": "rough"}, "'fine' or 'coarse'.*'rough'"),
    "version": (
        datasets.california_housing,
        {"version": "medium"},
        "'small' or 'large'.*'medium'",
    ),
    "path": (datasets.mnist, {"path": "/tmp/mnist.npz"}, "without a folder"),
}


@pytest.mark.parametrize("label", MISTAKES)
def test_a_mistake_is_found_before_anything_is_asked_for(offline, label):
    module, options, message = MISTAKES[label]
    with pytest.raises(ValueError, match=message):
        module.load_data(**options)
    assert not offline.exists()


SCRIPT = """
import sys
import tensorflow as tf
import keras
from keras.datasets import mnist
from tensorflow.keras.datasets import fashion_mnist, reuters
import tensorflow.keras.datasets.imdb as imdb
from tensorflow.keras.preprocessing.sequence import pad_sequences
from keras.preprocessing import sequence
assert tf.keras.datasets.mnist is not None and keras.datasets.cifar10 is not None
assert callable(tf.keras.utils.get_file)
(x, y), _ = mnist.load_data()
print(x.shape, len(imdb.get_word_index()), sys.argv[1:])
"""


@pytest.mark.parametrize("way", ["flag", "variable"])
def test_scripts_get_made_up_data_if_asked(tmp_path, way, monkeypatch):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MINIKERAS_DATASETS", "synthetic" if way == "variable" else "")
    flag = ["--synthetic-data"] if way == "flag" else []
    done = subprocess.run(
        [sys.executable, "-m", "minikeras", "run", *flag, path, "--epochs", "3", "-v"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.stdout == "(60000, 28, 28) 88584 ['--epochs', '3', '-v']\n"
    lines = done.stderr.splitlines()
    assert [line.split()[1] for line in lines] == ["mnist", "imdb"]
    assert all("made-up data, not the real set" in line for line in lines)
    assert not (tmp_path / "home").exists()


def test_another_word_in_the_variable_is_a_mistake(monkeypatch):
    monkeypatch.setenv("MINIKERAS_DATASETS", "made-up")
    with pytest.raises(ValueError, match="'synthetic' or unset. Received: 'made-up'"):
        datasets.mnist.load_data()
