"""What is noted while a script runs, in either library.

A run is one call of fit, evaluate, predict, train_on_batch and their like. The first
steps of a run are noted in detail, as the step itself computes them: nothing is
computed a second time, so layers with random numbers are no exception.
"""

import math
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from parity.script.recording import Event, Place
from parity.script.texts import progress


@dataclass
class Run:
    number: int
    method: str
    model: Any
    detailed: int  # steps still to be noted in detail
    epoch: int | None = None
    step: int = 0
    started: bool = False
    printed: list[str] = field(default_factory=list)  # by the library

    def place(self, moment: str) -> Place:
        step = self.step if moment == "step" else None
        return Place(self.number, self.method, moment, self.epoch, step)


@dataclass
class Recorder:
    """Writes events. `prepare(run)` may change a model before its first step."""

    file: BinaryIO
    max_steps: int
    prepare: Any = None
    run: Run | None = None
    event: Event | None = None  # of the step that is being done
    start: Event | None = None  # of the run, until its first step is done
    by_example: bool = False  # is a layer called on zeros, for its shapes alone?
    unread: list = field(default_factory=list)  # weights built within the step
    is_eager: Callable[[], bool] = lambda: True  # can variables be read now?
    before: dict = field(default_factory=dict)  # the weights before the step, by path
    count: int = 0
    budgets: dict[int, int] = field(default_factory=dict)  # of models, single batches
    known: list = field(default_factory=list)  # keeps models alive: ids stay theirs

    def begin(self, method: str, model) -> Run:
        self.count += 1
        detailed = self.max_steps if method == "fit" else 0
        if method == "train_on_batch":
            self.known.append(model)
            detailed = self.budgets.setdefault(id(model), self.max_steps)
            self.budgets[id(model)] = max(0, detailed - 1)
        self.run = Run(self.count, method, model, detailed)
        return self.run

    def end(self, result) -> None:
        """Notes what the call returned and, after fit, the weights."""
        run, self.run = self.run, None
        run.epoch = None
        event = Event(run.place("end"))
        kind = "output" if run.method.startswith("predict") else "metric"
        if run.method != "fit":
            for name, value in flatten(run.method, result):
                event.add(kind, name, value)
        else:
            self._count_steps(event, run.model)
            for path, value in weights_of(run.model):
                event.add("weight", path, value)
            note_slots(event, run.model)
        note_parameters(event, run.model)
        text = progress(run.printed)
        if text:
            event.add("progress text", run.method, text)
        self._write(event)

    def summary(self, model, text: str) -> None:
        """Notes what `model.summary()` printed."""
        event = Event(Place(self.count, "summary", "print"))
        event.add("summary text", model.name, text)
        note_parameters(event, model)
        self._write(event)

    def epoch_end(self, logs) -> None:
        event = Event(self.run.place("epoch"))
        self._count_steps(event, self.run.model)
        note_logs(event, logs)
        note_slots(event, self.run.model)
        self._write(event)

    def wants_step(self, model) -> bool:
        run = self.run
        return run is not None and run.model is model and run.detailed > 0

    def step(self, model, batch, do):
        """`do(batch)`, with all that can be seen of it noted."""
        run = self.run
        if not run.started:
            run.started = True
            if self.prepare:
                self.prepare(run)
            self.start = Event(run.place("start"))
        self.before = dict(weights_of(model))
        run.step += 1
        run.detailed -= 1
        self.event = Event(run.place("step"))
        parts = batch if isinstance(batch, tuple) else (batch,)
        for name, part in zip(("x", "y", "sample_weight"), parts, strict=False):
            for label, value in flatten(name, part):
                self.event.add("batch", label, value)
        try:
            logs = do(batch)
            self._write_start()
            self._note_updates(weights_of(model))
            note_slots(self.event, model)
            note_logs(self.event, logs)
            self._write(self.event)
        finally:
            self.event = None
        return logs

    def note(self, kind: str, name: str, value) -> None:
        """A tensor of the step that is being done; symbolic ones are left out."""
        if self.event is not None:
            for label, array in flatten(name, value):
                self.event.add(kind, label, array)

    def note_losses(self, layer, losses: list) -> None:
        """The terms that are added to the loss: those of `add_loss` and activity
        regularizers by number, then those of weights by the path of the weight."""
        if self.event is None or layer is not self.run.model:
            return
        weights = [v.path for v in layer.trainable_weights if v.regularizer is not None]
        first = max(len(losses) - len(weights), 0)
        names = [f"loss of a layer [{i}]" for i in range(first)] + weights
        for name, value in zip(names, losses, strict=False):
            self.note("regularization term", name, value)

    def note_new_weight(self, variable) -> None:
        """One that the step's own first call builds; read before anything changes
        it: at once, or, where tf.keras builds within a graph, before the next call
        of a layer outside one."""
        if self.event is not None and hasattr(variable, "path"):
            self.unread.append(variable)
            self.read_new_weights()

    def read_new_weights(self) -> None:
        if self.unread and self.is_eager():
            for variable in self.unread:
                self.before.setdefault(variable.path, as_array(variable))
            self.unread.clear()

    def _write_start(self) -> None:
        if self.start is not None:
            for path, _ in weights_of(self.run.model):
                if path in self.before:
                    self.start.add("initial weight", path, self.before[path])
            self._write(self.start)
            self.start = None

    def _note_updates(self, after: list) -> None:
        for path, new in after:
            if path in self.before:
                old = self.before[path]
                change = new.astype("float64") - old.astype("float64")
                self.event.add("update", path, change, scale=largest(old))

    def _count_steps(self, event: Event, model) -> None:
        if getattr(model, "optimizer", None) is not None:
            event.add("count", "steps", as_array(model.optimizer.iterations))

    def _write(self, event: Event) -> None:
        pickle.dump(event, self.file)
        self.file.flush()


def note_logs(event: Event, logs) -> None:
    """The metrics by name; those of `compile` may stand in a dict of their own."""
    for name, value in sorted((logs or {}).items()):
        for label, array in flatten(name, value):
            event.add("metric", label, array)


def note_slots(event: Event, model) -> None:
    """The optimizer's variables, in its order."""
    optimizer = getattr(model, "optimizer", None)
    for variable in getattr(optimizer, "variables", ()):
        event.add("optimizer slot", variable.path, as_array(variable))


def note_parameters(event: Event, model) -> None:
    """How many numbers the model and each of its layers hold."""
    if not model.built:
        return
    parts = {
        "total": model.weights,
        "trainable": model.trainable_weights,
        "non-trainable": model.non_trainable_weights,
    }
    for name, weights in parts.items():
        count = sum(math.prod(weight.shape) for weight in weights)
        event.add("parameter count", name, count)
    for layer in model.layers:
        if layer.built:
            event.add("parameter count", layer.name, layer.count_params())


def weights_of(model) -> list:
    """[(path, value)], without seeds and the state of metrics. Equal paths differ
    by a number."""
    found: dict = {}
    for variable in model.weights:
        path, count = variable.path, 1
        while path in found:
            count += 1
            path = f"{variable.path}#{count}"
        found[path] = as_array(variable)
    return list(found.items())


def largest(x: np.ndarray) -> float:
    """max |x| over the finite entries, 0 for none."""
    x = np.abs(x[np.isfinite(x)]) if x.dtype.kind == "f" else np.abs(x)
    return float(x.max()) if x.size else 0.0


def as_array(x) -> np.ndarray:
    return np.array(x.numpy() if hasattr(x, "numpy") else x)


def flatten(name: str, value) -> list:
    """[(label, array)] of a nest; whatever holds no numbers is left out."""
    if value is None or isinstance(value, (str, bytes)):
        return []
    if isinstance(value, dict):
        parts = [(f"{name}[{k!r}]", value[k]) for k in sorted(value)]
    elif isinstance(value, (list, tuple)):
        parts = [(f"{name}[{i}]", part) for i, part in enumerate(value)]
    else:
        array = as_array(value) if _has_numbers(value) else np.array(None)
        return [(name, array)] if array.dtype.kind in "biuf" else []
    return [entry for label, part in parts for entry in flatten(label, part)]


def _has_numbers(value) -> bool:
    """Whether the value can be read now: not a symbolic tensor of a graph."""
    if isinstance(value, (np.ndarray, np.generic, int, float)):
        return True
    return hasattr(value, "numpy") and hasattr(value, "shape")
