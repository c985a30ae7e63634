"""Counterpart: keras/src/callbacks/progbar_logger.py. The lines that fit prints."""

from minikeras.callbacks.callback import Callback
from minikeras.utils.io_utils import print_msg
from minikeras.utils.progbar import Progbar


class ProgbarLogger(Callback):
    """Prints `Epoch 1/5` and a progress bar for each epoch, evaluate or predict.

    Values are shown as the logs have them. Validation inside fit is silent: its
    values join the epoch's line at its end.
    """

    def __init__(self):
        super().__init__()
        self.seen = 0
        self.progbar = None
        self.target = None
        self.verbose = 1
        self.epochs = 1
        self._called_in_fit = False

    def set_params(self, params):
        verbose = params["verbose"]
        self.verbose = 1 if verbose == "auto" else verbose
        self.epochs = params["epochs"]
        self.target = params["steps"]

    @property
    def _idle_hooks(self) -> tuple:
        """Single steps matter where they are drawn, or must be counted."""
        if self.verbose == 1 or self.target is None:
            return ()
        cls = ProgbarLogger
        return cls.on_train_batch_end, cls.on_test_batch_end, cls.on_predict_batch_end

    def on_train_begin(self, logs=None):
        self._called_in_fit = True

    def on_epoch_begin(self, epoch, logs=None):
        self._start()
        if self.verbose and self.epochs > 1:
            print_msg(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch, logs=None):
        self._show(batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self._finish(logs)

    def on_test_begin(self, logs=None):
        if not self._called_in_fit:
            self._start()

    def on_test_batch_end(self, batch, logs=None):
        if not self._called_in_fit:
            self._show(batch, logs)

    def on_test_end(self, logs=None):
        if not self._called_in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs=None):
        self._start()

    def on_predict_batch_end(self, batch, logs=None):
        self._show(batch, None)  # `logs` are the outputs, not values to print

    def on_predict_end(self, logs=None):
        self._finish(logs)

    def _start(self):
        self.seen = 0
        # No name is in `stateless_metrics`: logs are averages already.
        self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())

    def _show(self, batch, logs):
        if self.progbar is None:  # a loop of the user's own may begin with a batch
            self._start()
        self.seen = batch + 1
        if self.verbose == 1:
            self.progbar.update(self.seen, (logs or {}).items(), finalize=False)

    def _finish(self, logs):
        if self.target is None:  # a generator ended: now its length is known
            self.target = self.progbar.target = self.seen
        self.progbar.update(self.target, (logs or {}).items(), finalize=True)
