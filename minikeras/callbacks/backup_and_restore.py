"""Counterpart: keras/src/callbacks/backup_and_restore.py."""

import os

from minikeras.callbacks.callback import Callback
from minikeras.callbacks.save_frequency import SaveFrequency


class BackupAndRestore(Callback):
    """Keeps the state of a `fit` in a folder, so that a new process goes on with it.

    After each epoch, or `save_freq` batches, weights, optimizer and epoch are written.
    A `fit` that finds them starts with that epoch. The folder is deleted at the end
    unless `delete_checkpoint=False`; `double_checkpoint` keeps the backup before too,
    for the case that the last one cannot be read.
    """

    def __init__(
        self,
        backup_dir,
        save_freq="epoch",
        double_checkpoint=False,
        delete_checkpoint=True,
    ):
        super().__init__()
        if not backup_dir:
            raise ValueError(
                f"Expected the path of a folder. Received: backup_dir={backup_dir!r}"
            )
        self.backup_dir = backup_dir
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._frequency = SaveFrequency(save_freq, last_batch=0)  # as Keras has it
        self._epoch = 0
        self._weights = os.path.join(backup_dir, "latest.weights.h5")
        self._progress = os.path.join(backup_dir, "training_metadata.json")

    def on_train_begin(self, logs=None):
        if not self.model.built:
            raise ValueError(
                "BackupAndRestore needs a model that is built before `fit()`. "
                f"Call model '{self.model.name}' on a batch of data first."
            )
        try:
            self._restore()
        except (OSError, ValueError):
            import shutil  # serves only this callback

            if not os.path.exists(f"{self._weights}.bkp"):
                raise
            for path in self._paths():
                if os.path.exists(f"{path}.bkp"):
                    shutil.copy(f"{path}.bkp", path)
                elif os.path.exists(path):
                    os.remove(path)  # it belongs to the weights that cannot be read
            self._restore()

    def _restore(self) -> None:
        import json  # serves only files

        if os.path.exists(self._weights):
            optimizer = self.model.optimizer
            if optimizer is not None and not optimizer.built:
                optimizer.build(self.model.trainable_variables)
            self.model.load_weights(self._weights)
        if os.path.exists(self._progress):
            with open(self._progress, encoding="utf-8") as file:
                self.model._initial_epoch = int(json.load(file)["epoch"])

    @property
    def _idle_hooks(self) -> tuple:
        idle = self._frequency.each_epoch
        return (BackupAndRestore.on_train_batch_end,) if idle else ()

    def on_train_batch_end(self, batch, logs=None):
        if self._frequency.is_due(batch):
            self._save()

    def on_epoch_end(self, epoch, logs=None):
        self._epoch = epoch + 1
        self._frequency.last_batch = 0
        if self._frequency.each_epoch:
            self._save()

    def _save(self) -> None:
        import json  # these serve only this callback
        import shutil

        os.makedirs(self.backup_dir, exist_ok=True)
        for path in self._paths():
            if self.double_checkpoint and os.path.exists(path):
                shutil.copy(path, f"{path}.bkp")
        self.model.save_weights(self._weights)
        progress = {"epoch": self._epoch, "batch": self._frequency.last_batch}
        with open(self._progress, "w", encoding="utf-8") as file:
            json.dump(progress, file)

    def _paths(self) -> tuple[str, str]:
        return self._weights, self._progress

    def on_train_end(self, logs=None):
        if self.delete_checkpoint and os.path.exists(self.backup_dir):
            import shutil  # serves only this callback

            shutil.rmtree(self.backup_dir)
