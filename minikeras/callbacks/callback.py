"""Counterpart: keras/src/callbacks/callback.py. The hooks, all of them empty."""

from minikeras.signature import Checked


class Callback(Checked):
    """Base class: override the hooks to act at the stages of fit, evaluate, predict.

    `model` is the model at work. `params` says how it was started: "verbose",
    "epochs" and "steps" (None if unknown). `logs` is a dict from name to float: at
    a batch's end the metrics so far, at an epoch's end also the validation's,
    prefixed by `val_`; at a predict batch's end {"outputs": …}; at a beginning it
    is empty. What is not overridden costs nothing during training.
    """

    def __init__(self):
        self.params = None
        self._model = None

    @property
    def _idle_hooks(self) -> tuple:
        """Batch hooks of the class itself that do nothing, as this one is set up."""
        return ()

    @property
    def model(self):
        """The model at work."""
        return self._model

    def set_model(self, model):
        """Called before the first hook."""
        self._model = model

    def set_params(self, params):
        """Called before the first hook."""
        self.params = params

    def on_train_begin(self, logs=None):
        """At the beginning of fit."""

    def on_train_end(self, logs=None):
        """At the end of fit; `logs` are those of the last epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        """At the beginning of an epoch of fit; `epoch` counts from 0."""

    def on_epoch_end(self, epoch, logs=None):
        """At the end of an epoch of fit, after its validation."""

    def on_train_batch_begin(self, batch, logs=None):
        """Before a training step; `batch` counts from 0 in each epoch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch, logs=None):
        """After a training step."""
        self.on_batch_end(batch, logs=logs)

    def on_batch_begin(self, batch, logs=None):
        """The older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch, logs=None):
        """The older name of `on_train_batch_end`."""

    def on_test_begin(self, logs=None):
        """At the beginning of evaluate, and of fit's validation."""

    def on_test_end(self, logs=None):
        """At the end of evaluate, and of fit's validation."""

    def on_test_batch_begin(self, batch, logs=None):
        """Before a batch of evaluate or validation."""

    def on_test_batch_end(self, batch, logs=None):
        """After a batch of evaluate or validation."""

    def on_predict_begin(self, logs=None):
        """At the beginning of predict."""

    def on_predict_end(self, logs=None):
        """At the end of predict."""

    def on_predict_batch_begin(self, batch, logs=None):
        """Before a batch of predict."""

    def on_predict_batch_end(self, batch, logs=None):
        """After a batch of predict."""
