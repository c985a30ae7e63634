"""Callbacks: which hooks are called when, stopping, and the History."""

import pytest

from minikeras.callbacks import Callback
from tests.trainers.by_hand import X, Y, made


class Recorder(Callback):
    """Writes down which hooks were called with what, and the names in their logs."""

    def __init__(self):
        super().__init__()
        self.calls = []


def without_place(name):
    def hook(self, logs=None):
        self.calls.append((name, sorted(logs or {})))

    return hook


def with_place(name):
    def hook(self, place, logs=None):
        self.calls.append((name, place, sorted(logs or {})))

    return hook


for _when in ("begin", "end"):
    for _stage in ("train", "test", "predict"):
        _name = f"on_{_stage}_{_when}"
        setattr(Recorder, _name, without_place(_name))
        _name = f"on_{_stage}_batch_{_when}"
        setattr(Recorder, _name, with_place(_name))
    setattr(Recorder, f"on_epoch_{_when}", with_place(f"on_epoch_{_when}"))


def step(stage, first, names, last=None):
    last = first if last is None else last
    return [
        (f"on_{stage}_batch_begin", first, []),
        (f"on_{stage}_batch_end", last, names),
    ]


def test_hooks_of_fit():
    recorder, seen = Recorder(), ["loss", "mae"]
    made(metrics=["mae"]).fit(
        X,
        Y,
        batch_size=5,
        epochs=2,
        validation_split=0.3,
        validation_freq=2,
        verbose=0,
        callbacks=[recorder],
    )
    everything = [*seen, "val_loss", "val_mae"]
    assert recorder.calls == [
        ("on_train_begin", []),
        ("on_epoch_begin", 0, []),
        *step("train", 0, seen),
        *step("train", 1, seen),
        ("on_epoch_end", 0, seen),
        ("on_epoch_begin", 1, []),
        *step("train", 0, seen),
        *step("train", 1, seen),
        ("on_test_begin", []),
        *step("test", 0, seen),
        ("on_test_end", seen),
        ("on_epoch_end", 1, everything),
        ("on_train_end", everything),
    ]


def test_hooks_of_several_steps_at_once():
    recorder = Recorder()
    model = made(steps_per_execution=3)
    model.fit(X, Y, batch_size=3, verbose=0, callbacks=[recorder])
    assert recorder.calls[2:-2] == [
        *step("train", 0, ["loss"], last=2),
        *step("train", 3, ["loss"], last=5),
    ]


def test_hooks_of_evaluate_and_predict():
    recorder = Recorder()
    model = made()
    model.evaluate(X, Y, batch_size=6, verbose=0, callbacks=[recorder])
    model.predict(X, batch_size=6, verbose=0, callbacks=[recorder])
    assert recorder.calls == [
        ("on_test_begin", []),
        *step("test", 0, ["loss"]),
        *step("test", 1, ["loss"]),
        ("on_test_end", ["loss"]),
        ("on_predict_begin", []),
        *step("predict", 0, ["outputs"]),
        *step("predict", 1, ["outputs"]),
        ("on_predict_end", []),
    ]


def test_logs_are_python_floats():
    kinds = set()

    class Kinds(Callback):
        def on_train_batch_end(self, batch, logs=None):
            kinds.update(type(v) for v in logs.values())

        def on_epoch_end(self, epoch, logs=None):
            kinds.update(type(v) for v in logs.values())

    made(metrics=["mae"]).fit(
        X, Y, verbose=0, callbacks=[Kinds()], validation_split=0.2
    )
    assert kinds == {float}


class Stopping(Callback):
    """Sets an attribute of the model in a hook at a given place."""

    def __init__(self, hook, place, attribute):
        super().__init__()
        self.count = 0

        def stop(at, logs=None):
            self.count += 1
            if at == place:
                setattr(self.model, attribute, True)

        setattr(self, hook, stop)


def test_stop_training_after_a_batch_still_ends_the_epoch():
    model = made()
    history = model.fit(
        X,
        Y,
        batch_size=2,
        epochs=5,
        validation_split=0.2,
        verbose=0,
        callbacks=[Stopping("on_train_batch_end", 1, "stop_training")],
    )
    assert model.optimizer.iterations == 2
    assert history.epoch == [0]
    assert {k: len(v) for k, v in history.history.items()} == {"loss": 1, "val_loss": 1}


def test_stop_training_after_an_epoch():
    model = made()
    stopping = Stopping("on_epoch_end", 1, "stop_training")
    history = model.fit(X, Y, epochs=5, verbose=0, callbacks=[stopping])
    assert history.epoch == [0, 1]
    assert len(model.fit(X, Y, epochs=3, verbose=0).epoch) == 3  # not for ever


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_stopping_evaluate_and_predict(method):
    model = made()
    kind = "test" if method == "evaluate" else "predict"
    attribute = "stop_evaluating" if method == "evaluate" else "stop_predicting"
    stopping = Stopping(f"on_{kind}_batch_end", 1, attribute)
    data = (X, Y) if method == "evaluate" else (X,)
    getattr(model, method)(*data, batch_size=2, verbose=0, callbacks=[stopping])
    assert stopping.count == 2


def test_history():
    model = made(metrics=["mae"])
    first = model.fit(X, Y, epochs=2, verbose=0)
    second = model.fit(
        X, Y, epochs=5, initial_epoch=3, verbose=0, validation_data=(X, Y)
    )
    assert (first.epoch, second.epoch) == ([0, 1], [3, 4])
    assert model.history is second
    assert list(first.history) == ["loss", "mae"]
    assert list(second.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert all(len(values) == 2 for values in second.history.values())
    assert second.params == {"verbose": 0, "epochs": 5, "steps": 1}
