import types

import pytest

from minikeras.callbacks import (
    Callback,
    CallbackList,
    History,
    LambdaCallback,
    ModelCheckpoint,
    ProgbarLogger,
)

HOOKS = [name for name in dir(Callback) if name.startswith("on_")]
OLDER_HOOKS = ["on_batch_begin", "on_batch_end"]
BATCH_HOOKS = [h for h in HOOKS if "_batch_" in h and h not in OLDER_HOOKS]
PARAMS = {"verbose": 0, "epochs": 1, "steps": 2}


def model():
    return types.SimpleNamespace()


def recording(*hooks):
    """A callback class that overrides exactly these hooks."""

    def listen(hook):
        return lambda self, *when, **logs: self.calls.append((hook, when, logs))

    members = {hook: listen(hook) for hook in hooks}
    cls = type("Recording", (Callback,), members)
    cls.calls = []
    return cls()


def flags(callbacks):
    return {
        stage
        for stage in ("train", "test", "predict")
        if getattr(callbacks, f"has_{stage}_batch_hooks")
    }


def test_every_hook_reaches_the_callbacks_in_order():
    order = []
    hooks = [h for h in HOOKS if h not in OLDER_HOOKS]
    callbacks = CallbackList(
        [
            LambdaCallback(**{h: lambda *a, h=h, k=k, **n: order.append((k, h))})
            for k in (1, 2)
            for h in hooks
        ]
    )
    for hook in hooks:
        order.clear()
        needs_index = "epoch" in hook or "batch" in hook
        getattr(callbacks, hook)(*([0] if needs_index else []))
        assert order == [(1, hook), (2, hook)]


def test_without_listeners_batch_hooks_do_nothing():
    callbacks = CallbackList([Callback(), History()])
    assert flags(callbacks) == set()
    for hook in BATCH_HOOKS:
        getattr(callbacks, hook)(0, logs="would fail if it were read")


@pytest.mark.parametrize("hook", BATCH_HOOKS)
def test_a_listener_is_found_and_called(hook):
    callback = recording(hook)
    callbacks = CallbackList([Callback(), callback])
    stage, _, end = hook.removeprefix("on_").partition("_batch_")
    assert flags(callbacks) == {stage}
    assert getattr(callbacks, f"needs_{stage}_batch_logs") == (end == "end")
    getattr(callbacks, hook)(3, {"loss": 1})
    assert callback.calls == [(hook, (3,), {"logs": {"loss": 1.0}})]


@pytest.mark.parametrize("end", ["begin", "end"])
def test_the_older_names_of_the_train_hooks(end):
    callback = recording(f"on_batch_{end}")
    callbacks = CallbackList(callback)
    assert flags(callbacks) == {"train"}
    getattr(callbacks, f"on_train_batch_{end}")(1, {"loss": 1})
    assert callback.calls == [(f"on_batch_{end}", (1,), {"logs": {"loss": 1.0}})]


def test_a_hook_set_on_the_instance_counts():
    callback = Callback()
    callback.on_train_batch_end = lambda batch, logs=None: None
    assert flags(CallbackList(callback)) == {"train"}
    assert flags(CallbackList(LambdaCallback(on_test_batch_end=print))) == {"test"}


def test_an_inherited_hook_counts():
    class Child(type(recording("on_predict_batch_end"))):
        pass

    assert flags(CallbackList(Child())) == {"predict"}


def test_append_finds_the_hooks_anew_and_hands_over_model_and_params():
    owner = model()
    callbacks = CallbackList(model=owner, **PARAMS)
    callback = recording("on_train_batch_end")
    assert flags(callbacks) == set()
    callbacks.append(callback)
    assert flags(callbacks) == {"train"}
    assert callback.model is owner
    assert callback.params == PARAMS


@pytest.mark.parametrize(
    ("verbose", "steps", "listens"),
    [(1, 2, True), ("auto", 2, True), (2, 2, False), (2, None, True)],
)
def test_the_logger_listens_to_steps_only_where_it_must(verbose, steps, listens):
    callbacks = CallbackList(add_progbar=True, verbose=verbose, epochs=1, steps=steps)
    assert flags(callbacks) == ({"train", "test", "predict"} if listens else set())
    assert callbacks.needs_train_batch_logs == listens


def test_history_and_logger_are_added_only_once():
    history, logger = History(), ProgbarLogger()
    given = CallbackList([logger, history], add_history=True, add_progbar=True)
    assert given.callbacks == [logger, history]
    added = CallbackList(add_history=True, add_progbar=True)
    assert [type(c) for c in added.callbacks] == [History, ProgbarLogger]
    assert CallbackList().callbacks == []


def test_the_model_gets_its_history():
    owner, history = model(), History()
    CallbackList(history, model=owner)
    assert owner.history is history


def test_callbacks_may_be_nested():
    first, second = Callback(), Callback()
    assert CallbackList([first, [second]]).callbacks == [first, second]


@pytest.mark.parametrize("wrong", [History, [History]])
def test_a_class_is_refused(wrong):
    with pytest.raises(TypeError, match=r"History.*Did you mean History\(\)\?"):
        CallbackList(wrong)


@pytest.mark.parametrize("wrong", [3, "history", [Callback(), print], [object()]])
def test_what_is_no_callback_is_refused(wrong):
    with pytest.raises(TypeError, match="Expected instances of Callback. Received"):
        CallbackList(wrong)
    with pytest.raises(TypeError, match="Expected instances of Callback. Received"):
        CallbackList().append(wrong)


def test_a_subclass_hears_batches_that_the_class_itself_does_not_need():
    class Checkpoint(ModelCheckpoint):
        def on_train_batch_end(self, batch, logs=None):
            """Listens."""

    assert flags(CallbackList(ModelCheckpoint("m.keras"))) == set()
    assert flags(CallbackList(Checkpoint("m.keras"))) == {"train"}


@pytest.mark.parametrize("stage", ["train", "test", "predict"])
def test_what_ends_has_begun(stage):
    callbacks = CallbackList(Callback())
    callbacks.on_train_begin()
    getattr(callbacks, f"on_{stage}_end")()
    with pytest.raises(ValueError, match=f"on_{stage}_end.*without an.*_begin"):
        getattr(callbacks, f"on_{stage}_end")()
