import re
import types

import pytest

from minikeras.callbacks import CallbackList, History, LambdaCallback, ProgbarLogger


@pytest.fixture
def still(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1000.0)


def lines(text):
    """The text without colours and redraws, in lines."""
    return re.sub(r"\x1b\[\d+m|[\b\r]", "", text).splitlines()


def train(callbacks, epochs, steps):
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for step in range(steps):
            callbacks.on_train_batch_begin(step)
            callbacks.on_train_batch_end(step, {"loss": 1.0 / (step + 1)})
        callbacks.on_test_begin()
        callbacks.on_test_batch_end(0, {"loss": 7.0})
        callbacks.on_test_end({"loss": 7.0})
        callbacks.on_epoch_end(epoch, {"loss": 0.25, "val_loss": 7.0})
    callbacks.on_train_end({"loss": 0.25})


def logged(verbose, epochs, steps):
    return CallbackList(
        add_history=True,
        add_progbar=True,
        model=types.SimpleNamespace(),
        verbose=verbose,
        epochs=epochs,
        steps=steps,
    )


LAST = "4/4 ━━━━━━━━━━━━━━━━━━━━ 0s 0s/step - loss: 0.2500 - val_loss: 7.0000"


@pytest.mark.parametrize("verbose", [1, "auto"])
def test_the_lines_of_fit(verbose, still, capsys):
    train(logged(verbose, 2, 4), 2, 4)
    first, second = lines(capsys.readouterr().out.replace("\r", "\n"))[0::3][:2]
    assert first == "Epoch 1/2"
    train(logged(verbose, 2, 4), 2, 4)
    out = capsys.readouterr().out
    assert out.count("Epoch 1/2\n") == out.count("Epoch 2/2\n") == 1
    assert [line.endswith(LAST) for line in lines(out)] == [False, True, False, True]
    assert second.endswith(LAST) or second == "Epoch 2/2"


def test_one_epoch_has_no_title(still, capsys):
    train(logged(1, 1, 4), 1, 4)
    assert "Epoch" not in capsys.readouterr().out


def test_the_lines_of_verbose_2(still, capsys):
    train(logged(2, 2, 4), 2, 4)
    line = "4/4 - 0s - 0s/step - loss: 0.2500 - val_loss: 7.0000"
    expected = ["Epoch 1/2", line, "Epoch 2/2", line]
    assert lines(capsys.readouterr().out) == expected


def test_an_unknown_number_of_steps_is_known_after_one_epoch(still, capsys):
    callbacks = logged(1, 2, None)
    train(callbacks, 2, 4)
    text = capsys.readouterr().out
    assert "      1/Unknown" in text
    assert lines(text)[-1].endswith(LAST)
    logger = callbacks.callbacks[-1]
    assert logger.target == 4


def test_silence(still, capsys):
    train(logged(0, 2, 4), 2, 4)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("stage", ["test", "predict"])
def test_evaluate_and_predict(stage, still, capsys):
    callbacks = logged(1, 1, 2)
    getattr(callbacks, f"on_{stage}_begin")()
    for step in range(2):
        getattr(callbacks, f"on_{stage}_batch_end")(step, {"loss": 0.5})
    getattr(callbacks, f"on_{stage}_end")({"loss": 0.5} if stage == "test" else None)
    last = lines(capsys.readouterr().out)[-1]
    assert last.endswith("0s/step - loss: 0.5000" if stage == "test" else "0s/step")


def test_a_loop_of_the_users_own_may_begin_with_a_batch(still, capsys):
    logger = ProgbarLogger()
    logger.set_params({"verbose": 1, "epochs": 1, "steps": 2})
    logger.on_train_batch_end(0, {"loss": 0.5})
    assert "loss: 0.5000" in capsys.readouterr().out


def test_history_keeps_every_epoch_and_goes_on_in_a_second_fit():
    history, owner = History(), types.SimpleNamespace()
    callbacks = CallbackList(history, model=owner)
    for first_epoch in (0, 2):
        callbacks.on_train_begin()
        callbacks.on_epoch_end(first_epoch, {"loss": 1})
        callbacks.on_epoch_end(first_epoch + 1, {"loss": 2, "val_loss": 3})
    assert history.epoch == [2, 3]
    assert history.history == {"loss": [1, 2, 1, 2], "val_loss": [3, 3]}
    assert owner.history is history


def test_lambda_callback_takes_hooks_and_attributes():
    calls = []
    callback = LambdaCallback(on_epoch_end=lambda *a: calls.append(a), note=3)
    callback.on_epoch_end(0, {})
    callback.on_epoch_begin(0)
    assert (calls, callback.note) == ([(0, {})], 3)


def test_lambda_callback_refuses_a_hook_that_does_not_exist():
    with pytest.raises(ValueError, match="on_epoch_begin.*Received: 'on_epoch_finish'"):
        LambdaCallback(on_epoch_finish=print)
