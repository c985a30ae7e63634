"""Counterpart: keras/src/callbacks/terminate_on_nan.py."""

import math

from minikeras.callbacks.callback import Callback
from minikeras.utils.io_utils import print_msg


class TerminateOnNaN(Callback):
    """Stops training after a batch with a loss of NaN or inf; with `raise_error` by a
    RuntimeError, so that nothing that other callbacks do at the end takes place."""

    def __init__(self, raise_error: bool = False):
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch, logs=None):
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}. "
                "Terminating training immediately."
            )
        print_msg(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
