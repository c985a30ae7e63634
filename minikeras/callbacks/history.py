"""Counterpart: keras/src/callbacks/history.py. What fit returns."""

from minikeras.callbacks.callback import Callback


class History(Callback):
    """Keeps the logs of every epoch.

    `epoch` lists the epochs of the last fit; `history` maps each name to its
    values, one for each epoch that had it (validation may run less often).
    """

    def __init__(self):
        super().__init__()
        self.history = {}
        self.epoch = []

    def on_train_begin(self, logs=None):
        self.epoch = []

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self
