"""Counterpart: keras/src/callbacks/swap_ema_weights.py."""

from minikeras.callbacks.callback import Callback


class SwapEMAWeights(Callback):
    """Evaluates and predicts with the moving averages of the weights, which an
    optimizer with `use_ema=True` keeps; afterwards the weights are put back.

    With `swap_on_epoch` they are exchanged at the end of each epoch too, for callbacks
    that come after this one (ModelCheckpoint), and put back when the next one begins.
    As in Keras, the averages stay in the model after `predict`.
    """

    def __init__(self, swap_on_epoch=False):
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._ema_weights_in_model = False

    def on_epoch_begin(self, epoch, logs=None):
        if self.swap_on_epoch:
            self._exchange(False)

    def on_epoch_end(self, epoch, logs=None):
        if not self.swap_on_epoch or self._ema_weights_in_model:
            return
        self._exchange(True)
        if epoch == self.params["epochs"] - 1:
            # The end of fit copies the averages into the model once more.
            for weight, average in self._pairs():
                average.assign(weight.value)

    def on_test_begin(self, logs=None):
        self._exchange(True)

    def on_test_end(self, logs=None):
        self._exchange(False)

    def on_predict_begin(self, logs=None):
        self._exchange(True)

    def _exchange(self, wanted: bool) -> None:
        """Sees to it that the averages are in the model, or that they are not."""
        if self._ema_weights_in_model == wanted:
            return
        for weight, average in self._pairs():
            value = weight.value
            weight.assign(average.value)
            average.assign(value)
        self._ema_weights_in_model = wanted

    def _pairs(self) -> list[tuple]:
        """Each trainable weight with its average; ValueError if none are kept."""
        optimizer = self.model.optimizer
        if not hasattr(optimizer, "_model_variables_moving_average"):
            raise ValueError(
                "SwapEMAWeights needs an optimizer with `use_ema=True` that has "
                "trained already. Received: "
                f"use_ema={getattr(optimizer, 'use_ema', None)}"
            )
        averages = optimizer._model_variables_moving_average
        return list(zip(optimizer._trainable_variables, averages, strict=True))
