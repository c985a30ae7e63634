"""Counterpart: keras/src/callbacks/model_checkpoint.py."""

import os

import numpy as np

from minikeras.callbacks.monitor_callback import MonitorCallback
from minikeras.callbacks.save_frequency import SaveFrequency
from minikeras.caller import warn
from minikeras.utils.io_utils import print_msg


class ModelCheckpoint(MonitorCallback):
    """Saves the model (`.keras`) or its weights (`.weights.h5`) while it trains.

    `filepath` may name the epoch and logs: "{epoch:02d}-{val_loss:.2f}.keras". With
    `save_best_only` only if `monitor` is better than ever before, and than
    `initial_value_threshold`. `save_freq` is "epoch" or a number of batches.
    """

    def __init__(
        self,
        filepath,
        monitor="val_loss",
        verbose=0,
        save_best_only=False,
        save_weights_only=False,
        mode="auto",
        save_freq="epoch",
        initial_value_threshold=None,
    ):
        super().__init__(monitor, mode, baseline=initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._frequency = SaveFrequency(save_freq)
        self._epoch = 0
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            raise ValueError(
                f"The filepath must end in `{'` or `'.join(endings)}` with "
                f"{save_weights_only=}. Received: filepath={self.filepath!r}"
            )

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    @property
    def _idle_hooks(self) -> tuple:
        idle = self._frequency.each_epoch
        return (ModelCheckpoint.on_train_batch_end,) if idle else ()

    def on_train_batch_end(self, batch, logs=None):
        if self._frequency.is_due(batch):
            self._save({"batch": batch + 1, **(logs or {})})

    def on_epoch_end(self, epoch, logs=None):
        self._epoch = epoch
        self._know_direction()
        if self._frequency.each_epoch:
            self._save(logs or {})

    def _save(self, logs: dict) -> None:
        path = self._path(logs)
        if not self._is_wanted(path, logs):
            return
        if os.path.isdir(path):
            raise OSError(
                "ModelCheckpoint saves to a file. Received the path of a folder: "
                f"{path!r}"
            )
        if os.path.dirname(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)
        self._say(f"finished saving model to {path}")

    def _path(self, logs: dict) -> str:
        try:
            return self.filepath.format(epoch=self._epoch + 1, **logs)
        except KeyError as error:
            raise KeyError(
                f"Failed to format this callback filepath: {self.filepath!r}. It names "
                f"{error}; there are: {['epoch', *logs]}"
            ) from error

    def _is_wanted(self, path: str, logs: dict) -> bool:
        if not self.save_best_only:
            self._say(f"saving model to {path}")
            return True
        current = logs.get(self.monitor)
        if current is None:
            warn(f"Can save best model only with {self.monitor} available.")
            return True
        if np.ndim(current):
            warn(
                "Can save best model only when `monitor` is a scalar value. Received: "
                f"{current}. Falling back to `save_best_only=False`."
            )
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(current, self.best):
            self._say(f"{self.monitor} did not improve from {best}")
            return False
        self._say(
            f"{self.monitor} improved from {best} to {current:.5f}, "
            f"saving model to {path}"
        )
        self.best = current
        return True

    def _say(self, message: str) -> None:
        if self.verbose > 0:
            print_msg(f"\nEpoch {self._epoch + 1}: {message}")
