"""Counterpart: fit, evaluate and predict of keras/src/backend/tensorflow/trainer.py.

fit        validation split (the last rows, before shuffling) → EpochIterator
           → for each epoch: for each step: train_step; then validation → callbacks
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.callbacks import CallbackList
from minikeras.caller import warn
from minikeras.layers.call_context import open_batch_axis
from minikeras.memory import freed_memory_kept
from minikeras.parallel import blas_settled
from minikeras.program.cache import Programs
from minikeras.trainers.arguments import (
    check_count,
    check_fit_arguments,
    check_verbose,
    warn_of_unused,
)
from minikeras.trainers.data_adapters.conversion import (
    as_data,
    class_weight_to_sample_weights,
)
from minikeras.trainers.data_adapters.data_adapter import batch_to_tensors
from minikeras.trainers.epoch_iterator import EpochIterator
from minikeras.trainers.interrupts import DeferredInterrupt
from minikeras.trainers.preflight import check_before_training
from minikeras.trainers.public import by_model_s_name, public
from minikeras.trainers.validation import train_validation_split
from minikeras.utils.data_packing import (
    pack_x_y_sample_weight,
    unpack_x_y_sample_weight,
)
from minikeras.utils.python_utils import pythonify_logs

if TYPE_CHECKING:
    from minikeras.layers import Layer as Mixed  # a Model is a Trainer and a Layer
else:
    Mixed = object


class TrainingLoops(Mixed):
    """The loops over epochs and steps; `Trainer` says what a step is."""

    _is_lost = False  # has this fit been told already of a loss or data that are NaN?
    _plain_steps: tuple = ()  # the steps that have a version without logs
    optimizer: Any
    _programs: Programs
    _initial_epoch: int | None = None  # set by callbacks.BackupAndRestore

    if TYPE_CHECKING:

        def get_metrics_result(self) -> dict: ...

        def reset_metrics(self) -> None: ...

    @public
    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
        validation_batch_size=None,
        validation_freq=1,
    ):
        """Trains for `epochs` epochs; returns the History of the epochs' logs.

        All arguments and the data are checked before the first step, so a mistake
        leaves the weights as they were. Ctrl-C takes effect between two steps.
        """
        self._assert_compile_called("fit")
        check_verbose(verbose)
        check_fit_arguments(
            batch_size,
            epochs,
            initial_epoch,
            steps_per_epoch,
            validation_steps,
            validation_batch_size,
            validation_freq,
            validation_split,
            shuffle,
        )
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = train_validation_split(
                (x, y, sample_weight), validation_split
            )
        epoch_iterator = EpochIterator(
            x,
            y,
            sample_weight,
            batch_size=batch_size,
            steps_per_epoch=steps_per_epoch,
            shuffle=shuffle,
            class_weight=class_weight,
            steps_per_execution=self.steps_per_execution,
        )
        warn_of_unused(batch_size, epoch_iterator)
        validation = None
        if validation_data is not None:
            validation = EpochIterator(
                *unpack_x_y_sample_weight(validation_data),
                batch_size=validation_batch_size or batch_size,
                steps_per_epoch=validation_steps,
                steps_per_execution=self.steps_per_execution,
            )
        with open_batch_axis(epoch_iterator.has_open_batches):
            check_before_training(self, epoch_iterator, validation)
            epoch_iterator.reset()
            callbacks = self._callback_list(
                callbacks, verbose, epoch_iterator, epochs=epochs, add_history=True
            )
            self.stop_training = False
            self._is_lost = not epoch_iterator.data_adapter.is_finite
            self._programs.look_again()
            callbacks.on_train_begin()
            logs: dict = {}
            # Once for all steps: NumPy would warn of a fit that diverges.
            quiet = np.errstate(all="ignore")
            with (
                DeferredInterrupt() as interrupt,
                quiet,
                freed_memory_kept(),
                blas_settled(),
            ):
                # A restored backup has the word, in later fits too, as in Keras.
                initial_epoch = self._initial_epoch or initial_epoch
                for epoch in range(initial_epoch, epochs):
                    self.reset_metrics()
                    callbacks.on_epoch_begin(epoch)
                    with self._traced_flags:
                        logs = self._do_epoch(
                            epoch, epoch_iterator, callbacks, interrupt
                        )
                    if validation is not None and _is_due(epoch, validation_freq):
                        results = self._evaluate(validation, callbacks)
                        logs.update({f"val_{k}": v for k, v in results.items()})
                    callbacks.on_epoch_end(epoch, logs)
                    if self.stop_training:
                        break
            if self.optimizer is not None:
                self.optimizer.finalize_variable_values(self.trainable_weights)
            callbacks.on_train_end(logs)
        return self.history

    def _do_epoch(self, epoch, epoch_iterator, callbacks, interrupt) -> dict:
        hooks = callbacks.has_train_batch_hooks
        step = self._step_function("train_step", "_train_on", hooks)
        logs = None
        for first, last, batches in epoch_iterator:
            if hooks:
                callbacks.on_train_batch_begin(first)
            if not batches:
                continue
            for batch in batches:
                logs = step(batch)
            if hooks:
                callbacks.on_train_batch_end(last, logs)
            interrupt.check()
            if self.stop_training:
                break
        logs = dict(self._metrics_or_logs(logs))
        if not self._is_lost and _is_nan(logs.get("loss")):
            self._is_lost = True
            warn(
                f"The loss of epoch {epoch + 1} is NaN. The learning rate may be too "
                "large, or `x` or `y` hold values that the loss is not made for."
            )
        return logs

    @public
    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose="auto",
        sample_weight=None,
        steps=None,
        callbacks=None,
        return_dict=False,
    ):
        """The loss and the metrics over the data: a number, a list, or a dict."""
        self._assert_compile_called("evaluate")
        check_verbose(verbose)
        check_count("batch_size", batch_size)
        check_count("steps", steps)
        iterator = EpochIterator(
            x,
            y,
            sample_weight,
            batch_size=batch_size,
            steps_per_epoch=steps,
            steps_per_execution=self.steps_per_execution,
        )
        warn_of_unused(batch_size, iterator)
        with open_batch_axis(iterator.has_open_batches):
            check_before_training(self, iterator, None)
            callbacks = self._callback_list(callbacks, verbose, iterator)
            self._programs.look_again()
            results = self._evaluate(iterator, callbacks)
        return results if return_dict else self._in_order(results)

    def _evaluate(self, iterator, callbacks) -> dict:
        iterator.reset()
        self.stop_evaluating = False
        callbacks.on_test_begin()
        self.reset_metrics()
        hooks = callbacks.has_test_batch_hooks
        step = self._step_function("test_step", "_test_on", hooks)
        logs = None
        for first, last, batches in iterator:
            if hooks:
                callbacks.on_test_batch_begin(first)
            if not batches:
                continue
            for batch in batches:
                logs = step(batch)
            if hooks:
                callbacks.on_test_batch_end(last, logs)
            if self.stop_evaluating:
                break
        results = pythonify_logs(self._metrics_or_logs(logs))
        callbacks.on_test_end(results)
        return results

    @public
    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """The outputs for all rows of `x`, as arrays; no rows give no rows."""
        check_verbose(verbose)
        check_count("batch_size", batch_size)
        check_count("steps", steps)
        iterator = EpochIterator(
            x,
            batch_size=batch_size,
            steps_per_epoch=steps,
            steps_per_execution=self.steps_per_execution,
        )
        warn_of_unused(batch_size, iterator)
        outputs = []
        callbacks = self._callback_list(callbacks, verbose, iterator)
        self.stop_predicting = False
        callbacks.on_predict_begin()
        hooks = callbacks.has_predict_batch_hooks
        step = self._step_function("predict_step", "predict_step", hooks)
        for first, last, batches in iterator:
            if hooks:
                callbacks.on_predict_batch_begin(first)
            if not batches:
                continue
            outputs += [step(batch) for batch in batches]
            if hooks:
                latest = tree.map_structure(_joined, *outputs[-len(batches) :])
                callbacks.on_predict_batch_end(last, {"outputs": latest})
            if self.stop_predicting:
                break
        callbacks.on_predict_end()
        return tree.map_structure(_joined, outputs[0], *outputs[1:])

    # Single batches -------------------------------------------------------------

    @by_model_s_name
    def train_on_batch(
        self, x, y=None, sample_weight=None, class_weight=None, return_dict=False
    ):
        """One update on one batch; returns the loss and the metrics of this batch."""
        self._assert_compile_called("train_on_batch")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError(
                    "Arguments `sample_weight` and `class_weight` cannot be specified "
                    f"at the same time. Received: sample_weight={sample_weight}, "
                    f"class_weight={class_weight}"
                )
            sample_weight = class_weight_to_sample_weights(
                as_data(y, "y"), class_weight
            )
        with self._traced_flags:
            return self._on_batch("train_step", (x, y, sample_weight), return_dict)

    @by_model_s_name
    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """The loss and the metrics of one batch."""
        self._assert_compile_called("test_on_batch")
        return self._on_batch("test_step", (x, y, sample_weight), return_dict)

    def _on_batch(self, step, data, return_dict):
        batch = batch_to_tensors(data)
        self.reset_metrics()
        with np.errstate(all="ignore"):
            logs = self._step_function(step, step, logs_wanted=True)(batch)
        logs = pythonify_logs(logs)
        return logs if return_dict else self._in_order(logs)

    @by_model_s_name
    def predict_on_batch(self, x):
        """The outputs for one batch, as arrays."""
        batch = batch_to_tensors((x,))
        return tree.map_structure(_as_array, self.predict_step(batch))

    # Helpers --------------------------------------------------------------------

    def _callback_list(self, callbacks, verbose, iterator, epochs=1, add_history=False):
        if isinstance(callbacks, CallbackList):
            return callbacks
        return CallbackList(
            callbacks,
            add_history=add_history,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=iterator.num_batches,
            model=self,
        )

    def _step_function(self, public: str, bare: str, logs_wanted: bool):
        """The public step, or its version without logs where nobody reads them."""
        if getattr(type(self), public) in self._plain_steps:
            return getattr(self, public if logs_wanted else bare)
        step = getattr(self, public)
        return lambda batch: step(pack_x_y_sample_weight(*batch))

    def _metrics_or_logs(self, logs) -> dict:
        """The state of the metrics, unless a custom step returned other names."""
        results = self.get_metrics_result()
        return results if logs is None or set(logs) == set(results) else logs

    def _in_order(self, logs: dict):
        """The values of `logs` as a list in the order of the metrics."""
        names: list[str] = []
        for metric in self.metrics:
            # The metrics of `compile` go by their bare names here, as in Keras.
            parts = getattr(metric, "metrics", None)
            names += [metric.name] if parts is None else [part.name for part in parts]
        found = [logs[name] for name in names if name in logs]
        found += [logs[name] for name in sorted(logs) if name not in names]
        return found[0] if len(found) == 1 else found


def _is_due(epoch: int, validation_freq) -> bool:
    """Whether this epoch (counted from 0) ends with a validation."""
    if isinstance(validation_freq, (list, tuple)):
        return epoch + 1 in validation_freq
    return (epoch + 1) % validation_freq == 0


def _is_nan(loss) -> bool:
    loss = getattr(loss, "value", loss)
    return isinstance(loss, (float, np.floating)) and loss != loss


def _as_array(output) -> np.ndarray:
    return np.asarray(output.value if isinstance(output, Tensor) else output)


def _joined(*outputs) -> np.ndarray:
    arrays = [_as_array(output) for output in outputs]
    return arrays[0].copy() if len(arrays) == 1 else np.concatenate(arrays)
