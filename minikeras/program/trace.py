"""Notes the NumPy calls of a step, line by line, while it runs on stand-ins.

Ops run as they are, and so every call that they make is noted. An op that looks at
values, or that takes very many calls, stays one line: `y, pull = op(x)`. So do
functions marked by `stays` (autodiff/recording.py), and draws of random numbers.
"""

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from minikeras.autodiff.recording import recording
from minikeras.autodiff.tensor import Tensor
from minikeras.parallel import watch
from minikeras.program import lines
from minikeras.program.lines import Pull
from minikeras.program.stand_in import ReadsValues, StandIn
from minikeras.random import seed_generator

_OF_SHAPES = (np.zeros_like, np.ones_like)  # they look at nothing else
_MOST_LINES = 40  # of an op: a longer one stays a call
_SKIPPED = (
    "minikeras/program/",
    "minikeras/autodiff/tape.py",
    "minikeras/ops/kinds.py",
)

# The ops, with the shapes of their inputs, that were found to look at values.
_stay: set = set()


class Draw(NamedTuple):
    """Random numbers that a step takes: `function(shape, *options)`."""

    function: Callable
    shape: tuple
    options: tuple

    def __call__(self):
        return self.function(self.shape, *self.options)


class Trace:
    """The lines of a step, and its variables: in the block their values are stand-ins.

    After the block the variables have what the step gave them, or, if it failed, what
    they had before. A value that another thread has set meanwhile, which trains the
    same model, stays; then the trace `is_disturbed`.
    """

    is_disturbed = False

    def __init__(self, variables: list):
        self.lines: list[lines.Line] = []
        self.variables: dict[int, tuple] = {}  # id → (variable, stand-in, value)
        self.place = ""
        self.refused: str | None = None
        self.given: list[tuple] = []  # (variable, stand-in, what it ends with)
        self._known = variables
        self._assigned: set[int] = set()  # ids of variables, by this thread
        self._ends: dict[int, Any] = {}  # id of a variable → what it ended with
        self._thread = threading.get_ident()
        self._is_paused = False  # while what stays a call runs
        self._drew: list[tuple] = []  # states of generators before a draw
        self._ops: dict[int, tuple] = {}  # id of an op's output → (its key, its place)
        self._op: tuple | None = None  # the op that runs, or whose way back does
        self._last: tuple = None, ""
        self._whole: lines.Line | None = None  # that of the op, if it stayed a call
        self.ops: list[tuple] = []  # inputs and output of each
        self.draws: list[Draw] = []
        self.drawn_inputs: list[StandIn] = []

    def __enter__(self):
        self._outer = recording.trace
        recording.trace, watch.told = self, self.refuse
        for name, variable in self._known:
            self.of(variable, name)
        return self

    def __exit__(self, kind, *exception):
        recording.trace, watch.told = self._outer, None
        if kind is not None:
            self.undo()
            return
        for variable, stand_in, value in self.variables.values():
            new = variable.value
            if self._is_of_others(variable, new):
                self.is_disturbed = True
                continue
            end = value if new is stand_in else lines.examples(new)
            self.given.append((variable, stand_in, new))
            self._ends[id(variable)] = end
            if variable.value is new:  # still: no thread takes turns in these lines
                variable.value = end

    def _is_of_others(self, variable, value) -> bool:
        """Whether another thread has set this value."""
        if type(value) is StandIn and value.trace is self:
            return False
        is_end = value is self._ends.get(id(variable), self)
        return not is_end and id(variable) not in self._assigned

    def forget(self) -> None:
        """Lets all arrays go at once: stand-ins and trace hold each other."""
        for kept in (self.lines, self.variables, self._ops, self.ops, self.given):
            kept.clear()
        self.drawn_inputs.clear()

    def undo(self) -> None:
        """Gives variables and generators of random numbers back what they had."""
        for variable, _, value in self.variables.values():
            now = variable.value
            if not self._is_of_others(variable, now) and variable.value is now:
                variable.value = value
        for state, value in reversed(self._drew):
            state.value = value

    def new(self, example, name=None) -> StandIn:
        """A stand-in for an input."""
        return StandIn(example, self, name=name)

    def of(self, variable, name=None) -> StandIn:
        """The present value of a variable, as a stand-in."""
        if id(variable) not in self.variables:
            value = variable.value
            name = lines.identifier(name or variable.path)
            stand_in = StandIn(value, self, name=name)
            self.variables[id(variable)] = variable, stand_in, value
            if variable.value is value:
                variable.value = stand_in
        return variable.value

    def knows(self, variable) -> None:
        """A variable that is assigned to must be one of those that were given."""
        self._assigned.add(id(variable))
        if id(variable) not in self.variables:
            self.refuse("an assignment to a variable that is not the model's")

    # Lines ----------------------------------------------------------------------

    def note(self, form, args, kwargs=None, written=(), stays=False, whole=False):
        """Does a line and notes it; what it gives are stand-ins. With `whole` it may
        give another time what it is given, or something new."""
        if self._is_paused and self._thread == threading.get_ident():
            raise ReadsValues("A stand-in was hidden from the trace")
        run = self._paused(form.run) if whole else form.run
        kwargs = kwargs or {}
        values = run(*lines.examples(args), **lines.examples(kwargs))
        if recording.trace is not self:
            return values
        self._name_by_frames()
        if not all(type(x) is StandIn for x in written):
            self.refuse("a write into an array that is no stand-in")
        handles = lines.handles_in([args, kwargs] if kwargs else args)
        line = lines.Line(
            form,
            lines.named(args),
            lines.named(kwargs),
            [x.named for x in handles],
            [x.named.root for x in written],
            stays,
            self.place,
        )
        results = self._stand_for(values, handles, whole)
        line.results = lines.named(results)
        if form.run in _OF_SHAPES:
            line.constant = values
        if written or stays or not any(results is x for x in handles):
            self.lines.append(line)
        return results

    def _stand_for(self, values, inputs, whole):
        if isinstance(values, (np.ndarray, np.generic, int, float)):
            for x in inputs:
                if values is x.example and type(values) is np.ndarray and not whole:
                    return x
            return StandIn(values, self, _root_of(values, inputs))
        if callable(values) or type(values) is tuple and any(map(callable, values)):
            return Pull(values, self, f"back_{_op_of(self.place)}")
        if type(values) in (tuple, list):
            return type(values)([self._stand_for(x, inputs, whole) for x in values])
        if values is not None:
            self.refuse(f"a {type(values).__name__}")
        return values

    def refuse(self, what: str) -> bool:
        """ReadsValues, in this trace; elsewhere a stand-in is an array."""
        if recording.trace is not self and not (
            self._is_paused and self._thread == threading.get_ident()
        ):
            return True
        self.refused = self.refused or what
        raise ReadsValues(f"The step depends on values: {what}")

    def _name_by_frames(self) -> None:
        """Stand-ins without a name get that of a variable of the code that runs."""
        frame: FrameType | None = sys._getframe(2)
        left = 3  # the function, and who helps it
        while frame is not None and left:
            if not any(part in frame.f_code.co_filename for part in _SKIPPED):
                left -= 1
                for name, value in frame.f_locals.items():
                    if type(value) in (StandIn, Pull) and value.named.name is None:
                        value.named.name = name
            frame = frame.f_back

    # Ops ------------------------------------------------------------------------

    def call(self, function, inputs, arrays: list, options: dict):
        """What `function(*arrays, **options)`, that of an op, gives."""
        for i, x in enumerate(inputs):
            if i < len(arrays) and hasattr(type(x), "assign"):
                arrays[i] = self.of(x)
        found = lines.handles_in([arrays, options])
        self._last, self._whole = (None, ""), None
        if not found:
            return function(*arrays, **options)
        outer, place = self._op, self.place
        key = (function, tuple(x.shape for x in found))
        self._op = self._op or key
        self.place = _title(function, _layer_being_called())
        start, refused = len(self.lines), self.refused
        try:
            if key not in _stay:
                try:
                    result = function(*arrays, **options)
                    self._whole = None
                    if len(self.lines) - start <= _MOST_LINES:
                        return result
                except ReadsValues:
                    self.refused = refused
                _stay.add(key)
                del self.lines[start:]
            value, pull = self.call_whole(function, arrays, options)
            self._whole = self.lines[-1]
            return value, pull.functions() if isinstance(pull, Pull) else pull
        finally:
            self._last = key, self.place
            self._op, self.place = outer, place

    def call_whole(self, function, args, kwargs, stays=False):
        """A call that stays one line."""
        form = lines.call_of(function)
        return self.note(form, tuple(args), kwargs, stays=stays, whole=True)

    def _paused(self, function):
        """The function, whose own calls are not noted."""

        def run(*args, **kwargs):
            outer = recording.trace, watch.told, self._is_paused
            recording.trace, watch.told, self._is_paused = None, None, True
            try:
                return function(*args, **kwargs)
            finally:
                recording.trace, watch.told, self._is_paused = outer

        return run

    def drawn(self, function, shape, options) -> Tensor:
        """Random numbers, which are one more input of the program."""
        for generator in (*options, seed_generator._global_generator):
            if isinstance(generator, seed_generator.SeedGenerator):
                self._drew.append((generator.state, generator.state.value))
        numbers = self._paused(function)(shape, *options)
        self.draws.append(Draw(function, shape, options))
        self.drawn_inputs.append(self.new(numbers, function.__name__.lstrip("_")))
        return Tensor(self.drawn_inputs[-1])

    def append(self, entry: tuple) -> None:
        """An op is over: what the tape will know it by."""
        output = entry[3]
        self._ops[id(output)] = *self._last, output
        self.ops.append((entry[1], output))
        if self._whole is not None:
            self._whole.op = len(self.ops) - 1

    def enter_back(self, output) -> None:
        """The way back comes to the op that gave `output`."""
        self._op, title, _ = self._ops.get(id(output), (None, "", None))
        self.place = f"back through {title.partition(':')[0]}" if title else ""

    def leave_back(self, sources, gradients) -> None:
        """The way back is over: the gradients have the names of their variables."""
        self._op, self.place = None, ""
        for source, gradient in zip(sources, gradients, strict=True):
            if isinstance(gradient, StandIn) and id(source) in self.variables:
                name = self.variables[id(source)][1].named.name
                gradient.named.name = f"d_{name}"

    @property
    def culprit(self) -> tuple | None:
        """The op that asked for values on the way back."""
        return self._op

    def keep_whole(self) -> None:
        """From now on that op stays a call."""
        _stay.add(self._op)

    def enter(self, title: str) -> None:
        """What follows, outside of ops, is this."""
        self.place = title


def _title(function, layer: str) -> str:
    """The layer, the op and the first sentence about it, which is its formula."""
    name = function.__name__.lstrip("_")
    paragraph = (function.__doc__ or "").strip().partition("\n\n")[0]
    formula = " ".join(paragraph.split()).partition(". ")[0].rstrip(".")
    where = f"{layer}, {name}" if layer and layer != name else name
    return f"{where}: {formula}" if formula else where


def _layer_being_called() -> str:
    """The name of the innermost layer whose `call` is running. The stack knows it, and
    so calls cost nothing more while nobody traces."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == "call":
            owner = frame.f_locals.get("self")
            calls = [vars(cls).get("call") for cls in type(owner).__mro__]
            if any(getattr(c, "__code__", None) is frame.f_code for c in calls):
                return getattr(owner, "name", "")
        frame = frame.f_back
    return ""


def _op_of(place: str) -> str:
    return place.partition(":")[0].split()[-1]


def _root_of(array, inputs):
    """The root of the input whose memory an array is a view of."""
    if isinstance(array, np.ndarray):
        for x in inputs:
            example = x.example
            if isinstance(example, np.ndarray) and np.may_share_memory(array, example):
                return x.named.root
    return None
