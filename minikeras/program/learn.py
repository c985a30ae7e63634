"""From a step to its program: the step runs on stand-ins, once."""

from collections.abc import Callable

from minikeras import tree
from minikeras.autodiff.tensor import Tensor
from minikeras.program import lines
from minikeras.program.clean import cleaned
from minikeras.program.stand_in import ReadsValues
from minikeras.program.text import Writer
from minikeras.program.trace import Trace

_MOST_TRIES = 30  # each finds an op that has to stay a call


class Program:
    """A step as a flat function of NumPy calls. `print(program)` shows it.

    `run(*arrays)` takes what changes from step to step; variables are read when it
    starts and set when it ends. It gives what `step` gave, with arrays for Tensors.
    """

    def __init__(self, text: str, run: Callable, result):
        self.text, self.run = text, run
        self._result = result  # what `step` gave, for its structure

    def again(self, outputs):
        """What `step` would give: Tensors where it gave Tensors."""
        if self._result is None:
            return None
        leaves = tree.flatten(self._result)
        if len(leaves) == 1:
            outputs = (outputs,)
        made = [
            Tensor(x) if isinstance(leaf, Tensor) else x
            for leaf, x in zip(leaves, outputs, strict=True)
        ]
        return tree.pack_sequence_as(self._result, made)

    def __str__(self) -> str:
        return self.text


def learned(name: str, step: Callable, data: tuple, variables: list) -> tuple:
    """(what `step(*data)` gives, its Program), and the step is done; (None, None) if
    it depends on values, and nothing is done.

    `data` are Tensors, nests of them, or None, all of which the program is a function
    of; `variables` are pairs of a name and a variable.
    """
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
            return _finished(name, trace, [x.value for x in given if x is not None], result)
        except ReadsValues:
            if trace.culprit is None:
                return None, None
            trace.keep_whole()
    return None, None


def _names(data: tuple) -> list[str]:
    """What the inputs are called, in the order of tree.flatten."""
    found = []
    for name, part in zip(("x", "y", "sample_weight"), data, strict=False):
        leaves = tree.flatten(part)
        keys = tree.keys(part) if isinstance(part, dict) else range(len(leaves))
        alone = not tree.is_nested(part) or len(leaves) != len(list(keys))
        found += [name] * len(leaves) if alone else [f"{name}_{key}" for key in keys]
    return found


def _finished(name: str, trace: Trace, given: list, result) -> tuple:
    leaves = [x.value if isinstance(x, Tensor) else x for x in tree.flatten(result)]
    variables = list(trace.given)
    kept, outputs = cleaned(trace.lines, [*leaves, *(new for *_, new in variables)])
    count = len(leaves)
    rows = [
        (variable, stand_in, new)
        for (variable, stand_in, _), new in zip(variables, outputs[count:], strict=True)
    ]
    text, run = Writer(name).function(given, rows, kept, outputs[:count])
    if result is not None:
        values = [lines.examples(x) for x in leaves]
        made = [
            Tensor(x) if isinstance(leaf, Tensor) else x
            for leaf, x in zip(tree.flatten(result), values, strict=True)
        ]
        result = tree.pack_sequence_as(result, made)
    return result, Program(text, run, result)
