"""Where the two libraries are listened to: the same public methods in both, and the
one place in each that decides how a training step of `fit` is called.
"""

import functools
import importlib
import inspect
from typing import Any

import numpy as np

from parity.script import texts
from parity.script.recorder import Recorder

METHODS = (
    "fit",
    "evaluate",
    "predict",
    "train_on_batch",
    "test_on_batch",
    "predict_on_batch",
)


def install(keras: Any, recorder: Recorder, max_epochs: int | None) -> None:
    """Listens to all models, layers and optimizers of the library `keras`."""
    for method in METHODS:
        _replace(keras.Model, method, _run_hook(keras, recorder, method, max_epochs))
    _replace(keras.layers.Layer, "__call__", _call_hook(recorder))
    _replace(keras.layers.Layer, "add_weight", _weight_hook(recorder))
    _replace(keras.Model, "compute_loss", _loss_hook(recorder))
    _replace_property(keras.layers.Layer, "losses", recorder.note_losses)
    _replace(keras.optimizers.Optimizer, "apply", _gradient_hook(recorder))
    if hasattr(keras.Model, "make_train_function"):
        recorder.is_eager = importlib.import_module("tensorflow").executing_eagerly
        _replace(keras.Model, "make_train_function", _tensorflow_step(recorder))
        trainers = importlib.import_module("keras.src.trainers.compile_utils")
        _replace(trainers.CompileLoss, "build", _batches_alike)
    else:
        _replace(keras.Model, "_step_function", _minikeras_step(recorder))
        _replace(keras.layers.Layer, "symbolic_call", _example_hook(recorder))
    texts.install(keras, recorder, _replace)


def _replace(cls: type, name: str, wrap) -> None:
    """In the class that defines it, so that overrides stay overrides."""
    owner = next(c for c in cls.__mro__ if name in vars(c))
    original = vars(owner)[name]
    setattr(owner, name, functools.wraps(original)(wrap(original)))


def _replace_property(cls: type, name: str, look) -> None:
    """`look(owner, value)` is called whenever the property is read."""
    original = vars(cls)[name]

    def read(owner):
        value = original.fget(owner)
        look(owner, value)
        return value

    setattr(cls, name, property(read, original.fset, doc=original.__doc__))


def _run_hook(keras, recorder: Recorder, method: str, max_epochs: int | None):
    def wrap(original):
        signature = inspect.signature(original)

        def run(model, *args, **kwargs):
            if recorder.run is not None:  # evaluate within fit
                return original(model, *args, **kwargs)
            recorder.begin(method, model)
            if method == "fit":
                given = signature.bind(model, *args, **kwargs)
                _listen(keras, recorder, given.arguments, max_epochs)
                args, kwargs = given.args[1:], given.kwargs
            try:
                result = original(model, *args, **kwargs)
            except BaseException:
                recorder.run = None
                raise
            recorder.end(result)
            return result

        return run

    return wrap


def _listen(keras, recorder: Recorder, arguments: dict, max_epochs: int | None):
    """Adds a callback to the arguments of fit, and cuts its epochs."""

    class Listener(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            recorder.run.epoch, recorder.run.step = epoch + 1, 0

        def on_epoch_end(self, epoch, logs=None):
            recorder.epoch_end(logs)

    if max_epochs is not None:
        first = arguments.get("initial_epoch", 0)
        arguments["epochs"] = min(arguments.get("epochs", 1), first + max_epochs)
    callbacks = arguments.get("callbacks")
    if hasattr(callbacks, "append") and not isinstance(callbacks, list):
        callbacks.append(Listener())  # a CallbackList
    else:
        given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
        kept = [callback for callback in given if callback is not None]
        arguments["callbacks"] = [*kept, Listener()]


def _call_hook(recorder: Recorder):
    def wrap(original):
        def call(layer, *args, **kwargs):
            recorder.read_new_weights()
            outputs = original(layer, *args, **kwargs)
            if recorder.event is None or recorder.by_example:
                return outputs
            if not type(layer).__name__.endswith(("Cell", "Cells")):
                recorder.note("activation", layer.name, outputs)
            return outputs

        return call

    return wrap


def _example_hook(recorder: Recorder):
    """minikeras finds symbolic shapes by calls on zeros, which are no step's."""

    def wrap(original):
        def symbolic_call(layer, *args, **kwargs):
            before, recorder.by_example = recorder.by_example, True
            try:
                return original(layer, *args, **kwargs)
            finally:
                recorder.by_example = before

        return symbolic_call

    return wrap


def _weight_hook(recorder: Recorder):
    def wrap(original):
        def add_weight(layer, *args, **kwargs):
            variable = original(layer, *args, **kwargs)
            recorder.note_new_weight(variable)
            return variable

        return add_weight

    return wrap


def _loss_hook(recorder: Recorder):
    def wrap(original):
        def compute_loss(model, *args, **kwargs):
            loss = original(model, *args, **kwargs)
            recorder.note("loss", "loss", loss)
            return loss

        return compute_loss

    return wrap


def _gradient_hook(recorder: Recorder):
    def wrap(original):
        def apply(optimizer, grads, trainable_variables=None):
            if recorder.event is not None:
                grads = list(grads)
                variables = list(
                    optimizer._trainable_variables
                    if trainable_variables is None
                    else trainable_variables
                )
                trainable_variables = variables
                for gradient, variable in zip(grads, variables, strict=False):
                    recorder.note("gradient", variable.path, _dense(gradient))
            return original(optimizer, grads, trainable_variables)

        return apply

    return wrap


def _dense(gradient):
    """The array of a gradient that knows only some rows (of an Embedding)."""
    if type(gradient).__name__ == "IndexedSlices":
        return importlib.import_module("tensorflow").convert_to_tensor(gradient)
    if type(gradient).__name__ == "Slices":
        return np.asarray(gradient)
    return gradient


def _tensorflow_step(recorder: Recorder):
    """Noted steps run eagerly, all others as the compiled function they would be."""

    def wrap(original):
        def make_train_function(model, force=False):
            if model.train_function is not None and not force:
                return model.train_function
            original(model, force=force)
            compiled = model.train_function
            eagerly = model.run_eagerly
            model.run_eagerly = True
            try:
                noted = model._make_function(
                    lambda data: recorder.step(model, data, model.train_step)
                )
            finally:
                model.run_eagerly = eagerly

            def function(iterator):
                if not recorder.wants_step(model):
                    return compiled(iterator)
                if not model.built:
                    _trace(compiled, iterator)
                return noted(iterator)

            model.train_function = function
            return function

        return make_train_function

    return wrap


def _trace(compiled, iterator) -> None:
    """Builds the model as the compiled step does it: with an open batch axis, which
    an eager step would not know (a summary shows it)."""
    step = inspect.getclosurevars(compiled).nonlocals.get("multi_step_on_iterator")
    if hasattr(step, "get_concrete_function") and hasattr(iterator, "element_spec"):
        step.get_concrete_function(iterator)


def _batches_alike(original):
    """tf.keras weighs the losses of several outputs by the batch's size where it knows
    it, which is in eager steps alone: in its graphs the axis is open, and all batches
    count alike (CompileLoss in keras/src/trainers/compile_utils.py)."""

    def build(losses, *args, **kwargs):
        original(losses, *args, **kwargs)
        for metric in losses.metrics:
            metric.update_state = functools.partial(_unweighted, metric.update_state)

    return build


def _unweighted(update_state, value, sample_weight=None):
    return update_state(value)


def _minikeras_step(recorder: Recorder):
    """Noted steps run op by op, all others as the program they would be."""

    def wrap(original):
        def step_function(model, public, bare, logs_wanted):
            usual = original(model, public, bare, logs_wanted)
            if public != "train_step":
                return usual
            full = original(model, public, bare, True)

            def step(batch):
                if not recorder.wants_step(model):
                    return usual(batch)
                programs, model._programs = model._programs, _AsWritten()
                try:
                    return recorder.step(model, batch, full)
                finally:
                    model._programs = programs

            return step

        return step_function

    return wrap


class _AsWritten:
    """In the place of the Programs of a model: every step goes through the layers."""

    def run(self, name, step, data, option=None):
        return step(*data)

    def clear(self):
        """There is nothing to forget."""
