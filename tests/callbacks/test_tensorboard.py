"""The parts of the callback; parity/cases/tensorboard.py compares its files."""

import subprocess
import sys
import types

import numpy as np
import pytest

from minikeras import Input, Sequential, callbacks, layers
from minikeras.callbacks import event_file
from minikeras.callbacks.event_file import as_images, buckets
from minikeras.callbacks.profile import batches_to_profile

pytest.importorskip("tensorboard")
X = np.linspace(-1, 1, 24, dtype="float32").reshape(12, 2)


@pytest.fixture
def model():
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def fit(model, callback, **options):
    options = {"batch_size": 4, "epochs": 2, "verbose": 0} | options
    model.fit(X, X[:, :1], callbacks=[callback], **options)


def written(folder):
    return b"".join(file.read_bytes() for file in folder.rglob("events*"))


# Run where TensorFlow cannot be imported.
ALONE = """
import random, sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
import numpy as np
import minikeras as keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
before = random.getstate()
callback = keras.callbacks.TensorBoard(
    sys.argv[1], histogram_freq=1, write_images=True, profile_batch=1, update_freq=1
)
x = np.ones((4, 2), "float32")
model.fit(x, x[:, :1], shuffle=False, verbose=0, callbacks=[callback])
assert random.getstate() == before
"""


def test_tensorflow_is_not_needed(tmp_path):
    command = [sys.executable, "-W", "error", "-c", ALONE, str(tmp_path)]
    subprocess.run(command, check=True, timeout=120)
    for tag in (b"epoch_loss", b"batch_loss", b"kernel/histogram", b"kernel/image"):
        assert tag in written(tmp_path)


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto", None)
    event_file.library.cache_clear()
    with pytest.raises(ImportError, match="pip install tensorboard"):
        callbacks.TensorBoard()


@pytest.mark.parametrize("name", ["embeddings_freq", "embeddings_metadata"])
def test_embeddings_are_refused(name, tmp_path):
    with pytest.raises(ValueError, match=f"leave.*Received.*{name}=1"):
        callbacks.TensorBoard(tmp_path, **{name: 1})


def test_logs_that_are_no_numbers(model, tmp_path):
    callback = callbacks.TensorBoard(tmp_path)
    callback.set_model(model)
    with pytest.raises(ValueError, match=r"single numbers.*epoch_loss=\[1, 2\]"):
        callback.on_epoch_end(0, {"loss": [1, 2]})


def test_a_model_without_a_config_is_trained_all_the_same(tmp_path):
    class Own(layers.Layer):
        def get_config(self):
            raise TypeError("no config")

        def call(self, inputs):
            return inputs

    model = Sequential([Input((2,)), Own(), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="not written for TensorBoard: no config"):
        fit(model, callbacks.TensorBoard(tmp_path))
    assert b"epoch_loss" in written(tmp_path)


def test_a_subclass_may_add_to_the_hooks(model, tmp_path):
    heard = []

    class Own(callbacks.TensorBoard):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            heard.append(batch)

        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs | {"mine": 1.0})

    fit(model, Own(tmp_path), epochs=1)
    assert heard == [0, 1, 2]
    assert b"epoch_mine" in written(tmp_path)
    assert b"batch_loss" not in written(tmp_path)


# Profiles ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "batches"),
    [(0, (0, 0)), (3, (3, 3)), ((2, 4), (2, 4)), ([2, 2], (2, 2)), ("2,4", (2, 4))],
)
def test_which_batches_are_profiled(given, batches):
    assert batches_to_profile(given) == batches


@pytest.mark.parametrize("last", [4, 100])
def test_the_profile_names_the_functions(last, model, tmp_path):
    """Also where fit ends before the last batch."""
    callback = callbacks.TensorBoard(tmp_path, profile_batch=(2, last))
    fit(model, callback, epochs=3)
    text = written(tmp_path)
    assert text.count(b"| own ms | with calls ms | calls | function |") == 1
    assert b"batch_%d" % last in text and b"minikeras/program/" in text
    fit(model, callback)
    assert written(tmp_path).count(b"| own ms |") == 2


def test_another_profiler_is_no_error(model, monkeypatch, tmp_path):
    def refused():
        raise ValueError("Another profiling tool is already active")

    taken = types.SimpleNamespace(enable=refused)
    monkeypatch.setattr("cProfile.Profile", lambda: taken)
    with pytest.warns(UserWarning, match="not profiled: Another profiling tool"):
        fit(model, callbacks.TensorBoard(tmp_path, profile_batch=2))
    assert b"own ms" not in written(tmp_path)


# Histograms and images ---------------------------------------------------------------


def test_buckets_count_what_lies_between_their_edges():
    x = np.random.default_rng(0).normal(size=(40, 5))
    found = buckets(x)
    assert found.shape == (30, 3)
    assert found[0, 0] == x.min() and found[-1, 1] == x.max()
    for left, right, count in found[:-1]:
        assert count == np.sum((x >= left) & (x < right))
    assert found[:, 2].sum() == x.size


def test_buckets_of_few_values():
    assert not buckets(np.zeros((0, 3))).any()
    same = buckets(np.full((2, 3), 7.0))
    assert same[:, :2].tolist() == [[7.0, 7.0]] * 30
    assert same[:, 2].tolist() == [0] * 29 + [6]


def test_nan_falls_into_no_bucket():
    assert buckets([1.0, np.nan, 2.0])[:, 2].sum() == 0
    assert np.isnan(buckets([1.0, np.nan])[:, 0]).all()


@pytest.mark.parametrize(
    ("shape", "images"),
    [
        ((5,), (1, 5, 1, 1)),
        ((5, 2), (1, 2, 5, 1)),
        ((2, 5), (1, 2, 5, 1)),
        ((7, 2, 5), (5, 7, 2, 1)),
        ((2, 5, 6, 3), (2, 5, 6, 3)),
        ((2, 5, 6, 7), None),
        ((1,), None),
        ((2, 2, 2, 2, 2), None),
    ],
)
def test_weights_as_images(shape, images):
    found = as_images(np.zeros(shape, "float32"))
    assert (found if found is None else found.shape) == images
