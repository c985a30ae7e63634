"""Repeats a training step as a flat function of NumPy calls, where that is safe.

tf.keras compiles the step of a model into a graph; this is the same idea without a
compiler. It changes no number: the calls are those of the step, in its order
(autodiff/replay.py). A reader of the maths can skip this file: without it everything
works the same, only slower on small batches.
"""

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.autodiff.replay import Program
from minikeras.autodiff.structure import settings_version, version
from minikeras.autodiff.trace import trace
from minikeras.layers import Layer
from minikeras.layers.call_context import state_kept
from minikeras.layers.fixed import is_fixed, is_ours
from minikeras.parallel import one_blas_thread, thread_count
from minikeras.random import SeedGenerator
from minikeras.trainers.branches import branches
from minikeras.trainers.nests import Answer, key_of
from minikeras.trainers.outputs import named_outputs
from minikeras.trainers.shards import Shard, ShardedStep, shard_rows

_PROBE = 16  # one row in so many tells what a step takes
_MOST_PROGRAMS = 64  # data of ever new shapes must not fill the memory


_COMPARABLE = (bool, int, float, str)
_SETTINGS = (*_COMPARABLE, tuple, type(None))
_NOTHING = (None, None)


class StepReplay:
    """The programs of a model's step, by the shapes and dtypes of the batch.

    A step is repeated only if all it is made of comes from this package: what a
    user writes in Python may do something else each time. Random numbers are inputs
    of the step, drawn anew for each batch.
    """

    def __init__(self, model):
        self._model = model
        self._programs: dict = {}
        self._answers: dict = {}  # how the outputs of each program are made
        self._version = self._settings_version = -1
        self._settings: list = []

    def __getstate__(self):
        """Copies and pickles start without programs: these hold bare functions."""
        return {
            **self.__dict__,
            "_programs": {},
            "_answers": {},
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
        self._answers.clear()

    def look_again(self) -> None:
        """Forgets the programs if anything was set anew in a layer, a regularizer or
        a loss: a program would not notice."""
        model = self._model
        layers = [layer for layer in model._all_layers() if layer is not model]
        regularizers = [regularizer for regularizer, _ in model._penalties()]
        settings = [
            value
            for owner in [*layers, *regularizers, *model.loss_functions]
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
        data = (x, y) if sample_weight is None else (x, y, sample_weight)
        inputs: list = []
        key = key_of(data, inputs)
        if key is None:
            return model.loss_and_gradients(x, y, sample_weight)
        if self._version != version():
            self._version = version()
            self.clear()
        if self._settings_version != settings_version():
            self.look_again()
        program = self._programs.get(key, self)
        if program is self:
            return self._record(key, data, inputs)
        if program is None:
            return model.loss_and_gradients(x, y, sample_weight)
        return self._repeat(program, self._answers[key], inputs)

    def _record(self, key, data: tuple, inputs: list):
        """Does the step, and notes its program if it has one: on several threads where
        that pays, else in the ordinary way."""
        if len(self._programs) >= _MOST_PROGRAMS:
            self.clear()
        step, answer = self._on_threads(data, inputs)
        if step is not None:
            self._programs[key], self._answers[key] = step, answer
            return self._repeat(step, answer, inputs)
        result, program, _, answer = self._traced(data, inputs)
        built_for_it = self._version == version()
        repeats = built_for_it and is_repeatable(self._model)
        self._programs[key] = program if repeats else None
        self._answers[key] = answer
        return result

    def _traced(self, data: tuple, inputs: list, groups=()) -> tuple:
        """(result, its program or None, the trace, the Answer) of an ordinary step on
        `inputs` in the nest of `data`. `groups` are the numbers of calls that the
        program does at the same time."""
        model = self._model
        tensors = [Tensor(x) for x in inputs]
        with trace() as calls:
            result = model.loss_and_gradients(*tree.pack_sequence_as(data, tensors))
        loss, y_pred, gradients = result
        program = None
        answer = Answer.of(y_pred)
        if answer is not None and all(g is not None for g in gradients):
            outputs = answer.tensors + model._losses_of_outputs()
            weights = model._trainable_weights()
            program = Program.of(calls, tensors, loss, weights, outputs, groups)
            answer.tensors = []  # their values may be large
        return result, program, calls, answer

    def _on_threads(self, data: tuple, inputs: list) -> tuple:
        """(the step in branches or in shards, its Answer), or (None, None) where that
        cannot be or does not pay. A few rows tell; the whole batch would take the
        memory that shards save."""
        rows = len(inputs[0]) if inputs[0].ndim else 0
        threads = thread_count()
        if threads < 2 or rows < 2 * threads or not self._model.built:
            return _NOTHING
        if any(x.shape[:1] != (rows,) for x in inputs):
            return _NOTHING
        probe = max(rows // _PROBE, 2)
        losses = self._model.loss_functions
        if not losses or not all(getattr(loss, "splits", False) for loss in losses):
            return _NOTHING
        if not is_repeatable(self._model):
            return _NOTHING
        # What the recording draws is drawn again, and what it tracks is no step.
        with state_kept(self._model), self._model._compile_loss.untracked():
            try:
                first = [x[:probe] for x in inputs]
                result, program, calls, answer = self._traced(data, first)
            except ValueError:
                return _NOTHING  # the whole batch will say it of its own shapes
            if program is None or not splits(self._model):
                return _NOTHING
            if any(y.shape[:1] != (probe,) for y in tree.flatten(result[1])):
                return _NOTHING
            parts = shard_rows(calls, probe, rows)
            if len(parts) <= threads:
                groups = branches(calls, rows / probe)
                if groups:
                    with one_blas_thread():
                        return self._traced(data, inputs, groups)[1], answer
            by_rows = all(draw.shape[:1] == (probe,) for draw in program.draws)
            if len(parts) < 2 or not by_rows:
                return _NOTHING
            programs = {probe: program}
            shards: list[Shard] = []
            for part in parts:
                size = part.stop - part.start
                if size not in programs:
                    with one_blas_thread():
                        some = [x[part] for x in inputs]
                        programs[size] = self._traced(data, some)[1]
                shards.append(Shard(part, programs[size], size / rows))
        return ShardedStep(shards, rows), answer

    def _repeat(self, step, answer: Answer, inputs: list) -> tuple:
        if step.draws:
            inputs = inputs + [draw() for draw in step.draws]
        loss, outputs, gradients = step.run(inputs)
        y_pred = answer.made(outputs)
        losses = self._model._compile_loss
        if losses is not None and losses.latest:  # as when the step was noted
            predictions = named_outputs(y_pred, losses.output_names)[1]
            found = outputs[-len(losses.latest) :]
            losses.track(found, predictions, self._model.run_eagerly)
        return Tensor(loss), y_pred, gradients


def _is_same(one, other) -> bool:
    if one is other:
        return True
    return isinstance(one, _COMPARABLE) and type(one) is type(other) and one == other


def splits(model) -> bool:
    """Whether a batch's loss is the mean of those of its parts, by their sizes."""
    layers = model._all_layers()
    operations = [op for layer in layers for op in getattr(layer, "_operations", ())]
    # Nobody knows of an op between layers whether it takes sums over the batch.
    return all(isinstance(op, Layer) for op in operations) and not any(
        layer.couples_samples for layer in layers
    )


def is_repeatable(model) -> bool:
    """Whether a step of the model does the same calls for each batch of one shape."""
    if model.optimizer is None or model.optimizer.loss_scale_factor is not None:
        return False
    if not all(map(is_ours, model.loss_functions)):
        return False
    return all(is_fixed(layer) for layer in model._all_layers())
