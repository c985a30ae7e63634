"""Callbacks that save; parity/cases/callbacks.py compares them with Keras's."""

import os

import numpy as np
import pytest

from minikeras import Sequential, callbacks, layers
from minikeras.callbacks.save_frequency import SaveFrequency
from minikeras.models import load_model

X = np.linspace(-1, 1, 16, dtype="float32").reshape(8, 2)


def compiled():
    model = Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def fit(model, *given, epochs=4):
    options = {"batch_size": 2, "shuffle": False, "verbose": 0}
    return model.fit(X, X[:, :1], epochs=epochs, callbacks=list(given), **options)


def test_the_whole_model_goes_on_where_it_was_saved(tmp_path):
    whole, half = compiled(), compiled()
    half.set_weights(whole.get_weights())
    checkpoint = callbacks.ModelCheckpoint(tmp_path / "sub" / "m{epoch}.keras")
    fit(half, checkpoint, epochs=2)
    assert sorted(os.listdir(tmp_path / "sub")) == ["m1.keras", "m2.keras"]
    again = load_model(tmp_path / "sub" / "m2.keras")
    fit(whole)
    fit(again, epochs=2)
    for a, b in zip(whole.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_best_weights_stay(tmp_path):
    path = tmp_path / "best.weights.h5"
    checkpoint = callbacks.ModelCheckpoint(
        path, monitor="loss", save_best_only=True, save_weights_only=True
    )
    model = compiled()
    checkpoint.set_model(model)
    for epoch, loss in enumerate([3.0, 1.0, 2.0, 1.0]):
        model.layers[0].bias.assign([epoch])
        checkpoint.on_epoch_end(epoch, {"loss": loss})
    assert checkpoint.best == 1.0
    model.load_weights(path)
    assert float(model.layers[0].bias[0]) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filepath": "m.h6"}, "must end in `.keras` or `.h5`.*'m.h6'"),
        ({"filepath": "m.keras", "save_weights_only": True}, "`.weights.h5`"),
        ({"filepath": "m.keras", "save_freq": 0.5}, "save_freq: 0.5.*'epoch'"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        callbacks.ModelCheckpoint(**options)


def test_places_that_cannot_be(tmp_path):
    model = compiled()
    with pytest.raises(KeyError, match="val_loss.*there are: \\['epoch', 'loss'\\]"):
        fit(model, callbacks.ModelCheckpoint(tmp_path / "{val_loss}.keras"))
    (tmp_path / "folder.keras").mkdir()
    with pytest.raises(OSError, match="path of a folder.*folder.keras"):
        fit(model, callbacks.ModelCheckpoint(tmp_path / "folder.keras"))


@pytest.mark.parametrize(
    ("logs", "told"),
    [({}, "with val_loss available"), ({"val_loss": np.ones(2)}, "is a scalar value")],
)
def test_nothing_to_compare(tmp_path, logs, told):
    path = tmp_path / "m.keras"
    checkpoint = callbacks.ModelCheckpoint(path, save_best_only=True)
    checkpoint.set_model(compiled())
    with pytest.warns(UserWarning, match=f"best model only.*{told}"):
        checkpoint.on_epoch_end(0, logs)
    assert path.exists()


def test_no_batch_is_listened_to_where_none_is_asked_for(tmp_path):
    for made in (
        callbacks.ModelCheckpoint(tmp_path / "m.keras"),
        callbacks.BackupAndRestore(tmp_path),
    ):
        assert not callbacks.CallbackList([made]).has_train_batch_hooks
    often = callbacks.ModelCheckpoint(tmp_path / "m.keras", save_freq=3)
    assert callbacks.CallbackList([often]).has_train_batch_hooks


@pytest.mark.parametrize(
    ("every", "last", "batches", "due"),
    [
        (3, None, [0, 1, 2, 3, 4, 5], [2, 5]),
        (3, None, [0, 1, 0, 1, 0, 1], [0, 1]),  # counted over epochs
        (4, None, [1, 3, 5, 7], [3, 7]),  # two steps at a time
        (4, 0, [1, 3, 5, 7], [5]),  # the first two counted as one
        ("epoch", None, [0, 1, 2], []),
    ],
)
def test_when_a_batch_is_due(every, last, batches, due):
    frequency = SaveFrequency(every, last_batch=last)
    assert [batch for batch in batches if frequency.is_due(batch)] == due


class Stop(callbacks.Callback):
    """Ends the process, so to speak, before the third epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise RuntimeError("killed")


@pytest.mark.parametrize("damaged", [False, True])
def test_a_killed_fit_goes_on(tmp_path, damaged):
    folder = tmp_path / "backup"
    whole, first, second = compiled(), compiled(), compiled()
    first.set_weights(whole.get_weights())

    def backup():
        return callbacks.BackupAndRestore(folder, double_checkpoint=damaged)

    fit(whole)
    with pytest.raises(RuntimeError, match="killed"):
        fit(first, backup(), Stop())
    if damaged:  # then the backup before it serves
        (folder / "latest.weights.h5").write_bytes(b"half a fi")
    history = fit(second, backup())
    assert history.epoch == ([1, 2, 3] if damaged else [2, 3])
    for a, b in zip(whole.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not folder.exists()


def test_a_backup_that_cannot_be_read(tmp_path):
    (tmp_path / "latest.weights.h5").write_bytes(b"half a fi")
    with pytest.raises(OSError):
        fit(compiled(), callbacks.BackupAndRestore(tmp_path))
    model = Sequential([layers.Dense(1)], name="m")
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="built before `fit.*'m'"):
        fit(model, callbacks.BackupAndRestore(tmp_path))
    with pytest.raises(ValueError, match="backup_dir=''"):
        callbacks.BackupAndRestore("")
