"""From a step to its program: the step runs on stand-ins, once."""

import threading
from collections.abc import Callable

from minikeras import tree
from minikeras.autodiff.quiet import Quiet
from minikeras.autodiff.slices import Slices
from minikeras.autodiff.tensor import Tensor, as_array
from minikeras.parallel import thread_count
from minikeras.program import lines
from minikeras.program.clean import cleaned
from minikeras.program.stand_in import ReadsValues
from minikeras.program.text import Writer
from minikeras.program.trace import Trace
from minikeras.program.work import branches, grouped, works

_learning = threading.Lock()
_quiet = Quiet()
_MOST_TRIES = 30  # each finds an op that has to stay a call


class Busy(ReadsValues):
    """Not now: it may well have a program."""


class Program:
    """A step as a flat function of NumPy calls. `print(program)` shows it.

    `run(*arrays)` takes what changes from step to step, and what is drawn; variables
    are read when it starts and set when it ends. It gives the values of what `step`
    gave; `run_on(arrays)` draws, and puts them together.
    """

    def __init__(self, text: str, run: Callable, result, draws: list, inputs: list):
        self.text, self.run, self.draws = text, run, draws
        self.dtypes = [x.dtype for x in inputs]
        self.rows = len(inputs[0]) if inputs and inputs[0].ndim else 0
        self._result = result  # an outline of what `step` gave

    def __str__(self) -> str:
        return self.text

    def run_on(self, arrays):
        """The step for other arrays."""
        if self.draws:
            arrays = [*arrays, *[draw() for draw in self.draws]]
        return self.again(_quiet.run(self.run, *arrays))

    def again(self, outputs):
        """What `step` would give: Tensors where it gave Tensors."""
        result = self._result
        if result is None:
            return None
        if type(result) is Tensor:
            return _put_together(result, iter(outputs))
        left = iter(outputs)
        return tree.map_structure(lambda leaf: _put_together(leaf, left), result)


_PARTS = ("logits", "_keras_mask")  # of a Tensor, beside its value


def _taken_apart(leaf) -> list:
    """The values that a leaf of the result consists of."""
    if isinstance(leaf, Slices):
        return [leaf.values, leaf.rows]
    if not isinstance(leaf, Tensor):
        return [leaf]
    parts = [getattr(leaf, name, None) for name in _PARTS]
    return [leaf.value, *[as_array(part) for part in parts if part is not None]]


def _outline(leaf):
    """A leaf without its values."""
    if isinstance(leaf, Slices):
        return Slices(leaf.values.example, None, leaf.shape)
    if not isinstance(leaf, Tensor):
        return None
    outline = Tensor(None)
    for name in _PARTS:
        part = getattr(leaf, name, None)
        if part is not None:
            setattr(outline, name, Tensor if isinstance(part, Tensor) else as_array)
    if hasattr(leaf, "is_softmax"):
        outline.is_softmax = leaf.is_softmax
    return outline


def _put_together(outline, values):
    """The next leaf from the values."""
    value = next(values)
    if outline is None:
        return value
    if isinstance(outline, Slices):
        return Slices(value, next(values), outline.shape)
    y = Tensor(value)
    for name in _PARTS:
        make = getattr(outline, name, None)
        if make is not None:
            setattr(y, name, make(next(values)))
    if hasattr(outline, "is_softmax"):
        y.is_softmax = outline.is_softmax
    return y


def learned(
    name: str, step: Callable, data: tuple, variables: list, side_by_side=False
) -> tuple:
    """(what `step(*data)` gives, its Program), and the step is done; ReadsValues if it
    depends on values, and nothing is done.

    `data` are Tensors, nests of them, or None, all of which the program is a function
    of; `variables` are pairs of a name and a variable. `side_by_side` lets large ops
    that need nothing of each other run at the same time. `Busy` if another thread is
    learning, whose stand-ins variables hold meanwhile, or sets one of the variables.
    """
    if not _learning.acquire(blocking=False):
        raise Busy("Another step is being learned")
    try:
        return _learned(name, step, data, variables, side_by_side)
    finally:
        _learning.release()


def _learned(name: str, step: Callable, data: tuple, variables: list, side_by_side):
    leaves = tree.flatten(data)
    names = [lines.identifier(n) for n in _names(data)]
    for _ in range(_MOST_TRIES):
        trace = Trace(variables)
        try:
            with trace:
                given = [
                    None if x is None else Tensor(trace.new(x.value, name))
                    for name, x in zip(names, leaves, strict=True)
                ]
                result = step(*tree.pack_sequence_as(data, given))
                if trace.refused:
                    raise ReadsValues(trace.refused)
            if trace.is_disturbed:
                trace.undo()
                raise Busy("Another thread has set a variable")
            arrays = [x.value for x in given if x is not None]
            return _finished(name, trace, arrays, result, side_by_side)
        except Busy:
            raise
        except ReadsValues:
            if trace.culprit is None:
                raise
            trace.keep_whole()
        except Exception as error:  # as written it fails too, or was not made for this
            trace.undo()
            raise ReadsValues(f"{type(error).__name__}: {error}") from None
        finally:
            trace.forget()
    raise ReadsValues("The step has very many ops that look at values")


def _names(data: tuple) -> list[str]:
    """What the inputs are called, in the order of tree.flatten."""
    found = []
    for name, part in zip(("x", "y", "sample_weight"), data, strict=False):
        leaves = tree.flatten(part)
        keys = tree.keys(part) if isinstance(part, dict) else range(len(leaves))
        alone = not tree.is_nested(part) or len(leaves) != len(list(keys))
        found += [name] * len(leaves) if alone else [f"{name}_{key}" for key in keys]
    return found


def _finished(name: str, trace: Trace, given: list, result, side_by_side) -> tuple:
    traced = trace.lines
    if side_by_side and thread_count() > 1:
        traced = grouped(traced, branches(works(trace.ops)))
    leaves = [x for leaf in tree.flatten(result) for x in _taken_apart(leaf)]
    ends = [*leaves, *(new for *_, new in trace.given)]
    kept, outputs = cleaned(traced, lines.named(ends))
    count = len(leaves)
    rows = [
        (variable, stand_in.named, new)
        for (variable, stand_in, _), new in zip(
            trace.given, outputs[count:], strict=True
        )
    ]
    inputs = lines.named([*given, *trace.drawn_inputs])
    text, run = Writer(name).function(inputs, rows, kept, outputs[:count])
    outline = None if result is None else tree.map_structure(_outline, result)
    program = Program(text, run, outline, trace.draws, given)
    return program.again(lines.examples(leaves)), program
