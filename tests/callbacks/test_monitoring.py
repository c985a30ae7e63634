"""Callbacks that watch numbers, on given logs; parity/cases/callbacks.py has more."""

import types

import numpy as np
import pytest

from minikeras.callbacks import (
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ReduceLROnPlateau,
    TerminateOnNaN,
)


def attached(callback, **attributes):
    """The callback at a model that has only what it touches."""
    optimizer = types.SimpleNamespace(learning_rate=0.1)
    model = types.SimpleNamespace(optimizer=optimizer, stop_training=False, metrics=[])
    vars(model).update(attributes)
    callback.set_model(model)
    callback.on_train_begin()
    return callback, model


def epochs_until_stop(callback, values, monitor="loss", **attributes):
    callback, model = attached(callback, **attributes)
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            return epoch
    return None


@pytest.mark.parametrize(
    ("options", "values", "last"),
    [
        ({}, [3, 2, 2, 1], 2),
        ({"patience": 2}, [3, 2, 2, 2, 1], 3),
        ({"patience": 2}, [3, 2, 2, 1, 1, 1, 0], 5),
        ({"min_delta": 0.5}, [3, 2.6, 2.4, 0], 1),
        ({"mode": "max"}, [1, 2, 3, 3, 4], 3),
        ({"baseline": 1.5, "patience": 2}, [3, 2, 1, 1, 1], 4),
        ({"start_from_epoch": 3}, [1, 2, 2, 2, 2], 4),
    ],
)
def test_when_it_stops(options, values, last):
    assert epochs_until_stop(EarlyStopping("loss", **options), values) == last


def test_the_best_weights_come_back():
    state = {"weights": None}
    callback, model = attached(
        EarlyStopping("loss", patience=9, restore_best_weights=True),
        get_weights=lambda: state["weights"],
        set_weights=lambda weights: state.update(weights=weights),
    )
    for epoch, value in enumerate([3.0, 1.0, 2.0]):
        state["weights"] = [epoch]
        callback.on_epoch_end(epoch, {"loss": value})
    callback.on_train_end()
    assert state["weights"] == [1]


def test_nobody_knows_whether_it_is_to_rise():
    with pytest.raises(ValueError, match="monitor='odd'.*mode='max'"):
        epochs_until_stop(EarlyStopping("odd"), [1, 2], monitor="odd")


def test_a_monitor_that_is_not_there():
    with pytest.warns(UserWarning, match="`val_loss` which is not available.*: loss"):
        epochs_until_stop(EarlyStopping(), [1.0])


def test_a_rate_on_a_plateau():
    callback, model = attached(
        ReduceLROnPlateau("loss", factor=0.5, patience=1, cooldown=1, min_lr=0.03)
    )
    rates = []
    for epoch, value in enumerate([3.0, 3.0, 3.0, 3.0, 2.0, 2.0]):
        callback.on_epoch_end(epoch, {"loss": value})
        rates.append(model.optimizer.learning_rate)
    assert rates == [0.1, 0.05, 0.03, 0.03, 0.03, 0.03]


def test_a_schedule_of_one_argument():
    callback, model = attached(LearningRateScheduler(lambda epoch: 1.0 / (1 + epoch)))
    logs = {}
    callback.on_epoch_begin(1)
    callback.on_epoch_end(1, logs)
    assert model.optimizer.learning_rate == logs["learning_rate"] == 0.5


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_no_number(loss, capsys):
    callback, model = attached(TerminateOnNaN())
    callback.on_train_batch_end(2, {"loss": 1.0})
    assert not model.stop_training
    callback.on_train_batch_end(3, {"loss": loss})
    assert model.stop_training
    assert capsys.readouterr().out == "Batch 3: Invalid loss, terminating training\n"
    with pytest.raises(RuntimeError, match="batch 4"):
        TerminateOnNaN(raise_error=True).on_train_batch_end(4, {"loss": loss})


def test_a_file_is_gone_on_with(tmp_path):
    for value in (1.0, 2.0):
        callback = CSVLogger(tmp_path / "log.csv", append=True)
        callback.on_train_begin()
        callback.on_epoch_end(0, {"loss": value})
        callback.on_train_end()
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines == ["epoch,loss,val_loss", "0,1.0,NA", "0,2.0,NA"]
