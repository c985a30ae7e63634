"""Counterpart: keras/src/callbacks/lambda_callback.py. A callback from functions."""

from minikeras.callbacks.callback import Callback
from minikeras.registry import did_you_mean


class LambdaCallback(Callback):
    """Calls the given functions as hooks.

    `on_epoch_…` functions take `(epoch, logs)`, `on_…_batch_…` functions
    `(batch, logs)` with `logs` by name, all others `(logs)`. Further hooks, and
    attributes, can be given by name. Raises ValueError for a hook that does not exist.
    """

    def __init__(
        self,
        on_epoch_begin=None,
        on_epoch_end=None,
        on_train_begin=None,
        on_train_end=None,
        on_train_batch_begin=None,
        on_train_batch_end=None,
        **kwargs,
    ):
        super().__init__()
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        for name in kwargs:
            if name.startswith("on_") and not hasattr(Callback, name):
                known = [hook for hook in dir(Callback) if hook.startswith("on_")]
                near = did_you_mean(name, known)
                raise ValueError(f"Expected one of {known}. Received: {name!r}.{near}")
        given = {name: hook for name, hook in hooks.items() if hook is not None}
        self.__dict__.update(kwargs, **given)
