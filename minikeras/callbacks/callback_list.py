"""Counterpart: keras/src/callbacks/callback_list.py. Many callbacks called as one.

Keras calls every hook of every callback, on a thread of its own where it can. Here
the batch hooks that somebody overrides are found once, so that a training step with
no listener pays for one test: the trainer asks `has_train_batch_hooks` (and so on)
before it builds logs.
"""

from minikeras import tree
from minikeras.callbacks.callback import Callback
from minikeras.callbacks.history import History
from minikeras.callbacks.progbar_logger import ProgbarLogger
from minikeras.utils.python_utils import pythonify_logs


class CallbackList(Callback):
    """Calls the hooks of `callbacks` in order, with `pythonify_logs(logs)`.

    `callbacks` is a callback or a nest of them; a History and a ProgbarLogger are
    added at the end if asked for and not there. `params` go to each callback's
    `set_params`. Raises TypeError for a class, or for what is no callback.

    `has_train_batch_hooks`, `has_test_batch_hooks` and `has_predict_batch_hooks`
    tell whether any batch hook of that stage does anything, the `needs_…_logs`
    whether the one at a batch's end does; a hook that a callback is given during an
    epoch is not seen.
    """

    def __init__(
        self, callbacks=None, add_history=False, add_progbar=False, model=None, **params
    ):
        super().__init__()
        self.callbacks = []
        self._runs = 0  # that have begun and not ended; a validation is within a fit
        for callback in tree.flatten(callbacks) if callbacks else []:
            self.callbacks.append(_checked(callback))
        self._history = self._ensure(History, add_history)
        self._progbar = self._ensure(ProgbarLogger, add_progbar)
        self.set_model(model)
        self.set_params(params)

    def append(self, callback):
        """Adds one more callback, with the model and params of the others."""
        self.callbacks.append(_checked(callback))
        if self.model is not None:
            callback.set_model(self.model)
        self.set_params(self.params)

    def set_params(self, params):
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)
        self._find_batch_hooks()

    def set_model(self, model):
        if model is None:
            return
        super().set_model(model)
        if self._history:
            model.history = self._history
        for callback in self.callbacks:
            callback.set_model(model)

    def _ensure(self, cls, wanted):
        found = [c for c in self.callbacks if isinstance(c, cls)]
        if not found and wanted:
            found.append(cls())
            self.callbacks.append(found[0])
        return found[-1] if found else None

    def _find_batch_hooks(self):
        self._train_begin = self._overridden("on_train_batch_begin", "on_batch_begin")
        self._train_end = self._overridden("on_train_batch_end", "on_batch_end")
        self._test_begin = self._overridden("on_test_batch_begin")
        self._test_end = self._overridden("on_test_batch_end")
        self._predict_begin = self._overridden("on_predict_batch_begin")
        self._predict_end = self._overridden("on_predict_batch_end")
        self.needs_train_batch_logs = bool(self._train_end)
        self.needs_test_batch_logs = bool(self._test_end)
        self.needs_predict_batch_logs = bool(self._predict_end)
        self.has_train_batch_hooks = bool(self._train_begin or self._train_end)
        self.has_test_batch_hooks = bool(self._test_begin or self._test_end)
        self.has_predict_batch_hooks = bool(self._predict_begin or self._predict_end)

    def _overridden(self, *names):
        """Of each callback the first of these hooks that does anything."""
        hooks = []
        for callback in self.callbacks:
            for name in names:
                hook = getattr(callback, name)
                empty = (getattr(Callback, name), *callback._idle_hooks)
                if getattr(hook, "__func__", hook) not in empty:
                    hooks.append(hook)
                    break
        return hooks

    def on_train_batch_begin(self, batch, logs=None):
        if self._train_begin:
            _call(self._train_begin, batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        if self._train_end:
            _call(self._train_end, batch, logs)

    def on_batch_begin(self, batch, logs=None):
        self._call_all("on_batch_begin", logs, batch)

    def on_batch_end(self, batch, logs=None):
        self._call_all("on_batch_end", logs, batch)

    def on_test_batch_begin(self, batch, logs=None):
        if self._test_begin:
            _call(self._test_begin, batch, logs)

    def on_test_batch_end(self, batch, logs=None):
        if self._test_end:
            _call(self._test_end, batch, logs)

    def on_predict_batch_begin(self, batch, logs=None):
        if self._predict_begin:
            _call(self._predict_begin, batch, logs)

    def on_predict_batch_end(self, batch, logs=None):
        if self._predict_end:
            _call(self._predict_end, batch, logs)

    def on_epoch_begin(self, epoch, logs=None):
        self._call_all("on_epoch_begin", logs, epoch)

    def on_epoch_end(self, epoch, logs=None):
        self._call_all("on_epoch_end", logs, epoch)

    def on_train_begin(self, logs=None):
        self._runs += 1
        self._call_all("on_train_begin", logs)
        self._find_batch_hooks()  # a callback may have set some right now

    def on_train_end(self, logs=None):
        self._call_all("on_train_end", logs)
        self._ended("train")

    def on_test_begin(self, logs=None):
        self._runs += 1
        self._call_all("on_test_begin", logs)

    def on_test_end(self, logs=None):
        self._call_all("on_test_end", logs)
        self._ended("test")

    def on_predict_begin(self, logs=None):
        self._runs += 1
        self._call_all("on_predict_begin", logs)

    def on_predict_end(self, logs=None):
        self._call_all("on_predict_end", logs)
        self._ended("predict")

    def _ended(self, stage: str) -> None:
        self._runs -= 1
        if self._runs < 0:
            raise ValueError(
                f"`on_{stage}_end` was called without an `on_{stage}_begin` before it."
            )

    def _call_all(self, hook, logs, *when):
        logs = pythonify_logs(logs)
        for callback in self.callbacks:
            getattr(callback, hook)(*when, logs)


def _call(hooks, batch, logs):
    logs = pythonify_logs(logs)
    for hook in hooks:
        hook(batch, logs=logs)


def _checked(callback):
    if isinstance(callback, Callback):
        return callback
    hint = ""
    if isinstance(callback, type) and issubclass(callback, Callback):
        hint = f" Did you mean {callback.__name__}()?"
    raise TypeError(f"Expected instances of Callback. Received: {callback!r}.{hint}")
