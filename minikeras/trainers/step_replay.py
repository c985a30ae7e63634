"""Repeats a training step as a flat function of NumPy calls, where that is safe.

tf.keras compiles the step of a model into a graph; this is the same idea without a
compiler. It changes no number: the calls are those of the step, in its order
(autodiff/replay.py). A reader of the maths can skip this file: without it everything
works the same, only slower on small batches.
"""

from minikeras.autodiff import Tensor
from minikeras.autodiff.recording import recording
from minikeras.autodiff.replay import Program
from minikeras.autodiff.structure import settings_version, version
from minikeras.autodiff.trace import trace
from minikeras.layers.call_context import state_kept
from minikeras.layers.fixed import is_fixed, is_ours
from minikeras.parallel import one_blas_thread, thread_count
from minikeras.random import SeedGenerator
from minikeras.trainers.branches import branches
from minikeras.trainers.shards import Shard, ShardedStep, shard_rows

_PROBE = 16  # one row in so many tells what a step takes
_MOST_PROGRAMS = 64  # data of ever new shapes must not fill the memory


_COMPARABLE = (bool, int, float, str)
_SETTINGS = (*_COMPARABLE, tuple, type(None))


class StepReplay:
    """The programs of a model's step, by the shapes and dtypes of the batch.

    A step is repeated only if all it is made of comes from this package: what a
    user writes in Python may do something else each time. Random numbers are inputs
    of the step, drawn anew for each batch.
    """

    def __init__(self, model):
        self._model = model
        self._programs: dict = {}
        self._version = self._settings_version = -1
        self._settings: list = []

    def __getstate__(self):
        """Copies and pickles start without programs: these hold bare functions."""
        return {
            **self.__dict__,
            "_programs": {},
            "_version": -1,
            "_settings_version": -1,
            "_settings": [],
        }

    @property
    def programs(self) -> list:
        """What is repeated, the oldest first; `text` of a Program is its source."""
        return [step for step in self._programs.values() if step is not None]

    def clear(self) -> None:
        self._programs.clear()

    def look_again(self) -> None:
        """Forgets the programs if anything was set anew in a layer, a regularizer or
        the loss: a program would not notice."""
        model = self._model
        layers = [layer for layer in model._all_layers() if layer is not model]
        regularizers = [regularizer for regularizer, _ in model._penalties()]
        settings = [
            value
            for owner in [*layers, *regularizers, model.loss_function]
            for value in getattr(owner, "__dict__", {}).values()
            if callable(value) or isinstance(value, (*_SETTINGS, SeedGenerator))
        ]
        known = self._settings
        if len(settings) != len(known) or not all(map(_is_same, settings, known)):
            self.clear()
        self._settings = settings
        self._settings_version = settings_version()

    def run(self, x, y, sample_weight):
        """(loss, y_pred, gradients) of a batch, as Tensors and arrays."""
        model = self._model
        if recording.trace is not None:
            return model.loss_and_gradients(x, y, sample_weight)
        if type(x) is not Tensor or type(y) is not Tensor:
            return model.loss_and_gradients(x, y, sample_weight)
        if self._version != version():
            self._version = version()
            self.clear()
        if self._settings_version != settings_version():
            self.look_again()
        x_value, y_value = x.value, y.value
        inputs = [x_value, y_value]
        key = (x_value.shape, x_value.dtype.num, y_value.shape, y_value.dtype.num)
        if sample_weight is not None:
            inputs.append(sample_weight.value)
            key += (sample_weight.value.shape, sample_weight.value.dtype.num)
        program = self._programs.get(key, self)
        if program is self:
            return self._record(key, inputs)
        if program is None:
            return model.loss_and_gradients(x, y, sample_weight)
        return _repeat(program, inputs)

    def _record(self, key, inputs: list):
        """Does the step, and notes its program if it has one: on several threads where
        that pays, else in the ordinary way."""
        if len(self._programs) >= _MOST_PROGRAMS:
            self._programs.clear()
        step = self._on_threads(inputs)
        if step is not None:
            self._programs[key] = step
            return _repeat(step, inputs)
        result, program, _ = self._traced(inputs)
        built_for_it = self._version == version()
        repeats = built_for_it and is_repeatable(self._model)
        self._programs[key] = program if repeats else None
        return result

    def _traced(self, inputs: list, groups=()) -> tuple:
        """(result, its program or None, the trace) of an ordinary step. `groups` are
        the numbers of calls that the program does at the same time."""
        model = self._model
        tensors = [Tensor(x) for x in inputs]
        with trace() as calls:
            result = model.loss_and_gradients(*tensors)
        loss, y_pred, gradients = result
        program = None
        plain = isinstance(y_pred, Tensor) and y_pred._keras_mask is None
        if plain and all(g is not None for g in gradients):
            logits = getattr(y_pred, "logits", None)
            outputs = [y_pred] if logits is None else [y_pred, logits]
            weights = model._trainable_weights()
            program = Program.of(calls, tensors, loss, weights, outputs, groups)
        return result, program, calls

    def _on_threads(self, inputs: list) -> Program | ShardedStep | None:
        """The step in branches or in shards, or None where that cannot be or does not
        pay. A few rows tell; the whole batch would take the memory that shards save."""
        rows = len(inputs[0])
        threads = thread_count()
        if threads < 2 or rows < 2 * threads or not self._model.built:
            return None
        probe = max(rows // _PROBE, 2)
        loss = self._model.loss_function
        if loss is None or not loss.splits or not is_repeatable(self._model):
            return None
        with state_kept(self._model):  # what the recording draws is drawn again
            try:
                _, program, calls = self._traced([x[:probe] for x in inputs])
            except ValueError:
                return None  # the whole batch will say it of its own shapes
            if program is None or not splits(self._model):
                return None
            parts = shard_rows(calls, probe, rows)
            if len(parts) <= threads:
                groups = branches(calls, rows / probe)
                if groups:
                    with one_blas_thread():
                        return self._traced(inputs, groups)[1]
            by_rows = all(draw.shape[:1] == (probe,) for draw in program.draws)
            if len(parts) < 2 or not by_rows:
                return None
            programs = {probe: program}
            shards: list[Shard] = []
            for part in parts:
                size = part.stop - part.start
                if size not in programs:
                    with one_blas_thread():
                        programs[size] = self._traced([x[part] for x in inputs])[1]
                shards.append(Shard(part, programs[size], size / rows))
        return ShardedStep(shards, rows)


def is_in_parts(step) -> bool:
    """Whether a step runs on several threads."""
    return isinstance(step, ShardedStep) or "together(" in step.text


def _repeat(step, inputs: list) -> tuple:
    if step.draws:
        inputs = inputs + [draw() for draw in step.draws]
    loss, outputs, gradients = step.run(inputs)
    y_pred = Tensor(outputs[0])
    if len(outputs) > 1:
        y_pred.logits = Tensor(outputs[1])
    return Tensor(loss), y_pred, gradients


def _is_same(one, other) -> bool:
    if one is other:
        return True
    return isinstance(one, _COMPARABLE) and type(one) is type(other) and one == other


def splits(model) -> bool:
    """Whether a batch's loss is the mean of those of its parts, by their sizes."""
    return not any(layer.couples_samples for layer in model._all_layers())


def is_repeatable(model) -> bool:
    """Whether a step of the model does the same calls for each batch of one shape."""
    if model.optimizer is None or model.optimizer.loss_scale_factor is not None:
        return False
    if not is_ours(model.loss_function):
        return False
    return all(is_fixed(layer) for layer in model._all_layers())
