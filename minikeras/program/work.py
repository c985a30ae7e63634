"""How much there is to do in an op: what decides whether threads share a step."""

from typing import NamedTuple

from minikeras.autodiff.recording import recording
from minikeras.autodiff.tensor import Tensor, Variable
from minikeras.program.lines import Line, named_in

# So many multiplications of the forward pass take longer than waking the threads.
LEAST_WORK = 2_000_000
# Ops that are done side by side must be nearly all of a step: the rest has one thread.
_LEAST_SHARE = 0.8


class Work(NamedTuple):
    """The multiplications of an op, the numbers of the ops whose results it takes, and
    the shape and the bytes of what it gives."""

    multiplications: float
    takes: frozenset
    shape: tuple
    nbytes: int


class Survey:
    """A block whose ops are counted, and its draws; nothing else is noted."""

    def __init__(self):
        self.ops: list[tuple] = []  # inputs and output of each
        self.shapes: list[tuple] = []  # of what is drawn

    def __enter__(self):
        recording.trace = self
        return self

    def __exit__(self, *exception):
        recording.trace = None

    def call(self, function, inputs, arrays: list, options: dict):
        return function(*arrays, **options)

    def append(self, entry: tuple) -> None:
        self.ops.append((entry[1], entry[3]))

    def drawn(self, function, shape, options) -> Tensor:
        self.shapes.append(shape)
        return Tensor(function(shape, *options))

    def call_whole(self, function, args, kwargs, stays=False):
        return function(*args, **kwargs)

    def _passed_over(self, *args) -> None:
        """What only a program needs."""

    refuse = knows = enter = enter_back = leave_back = _passed_over


def works(ops: list) -> list[Work]:
    """The work of each of a trace's ops, which are pairs of inputs and output."""
    number = {id(output): i for i, (_, output) in enumerate(ops)}
    return [
        Work(
            _multiplications(inputs),
            frozenset(number[id(x)] for x in inputs if id(x) in number),
            *((output.shape, output.value.nbytes) if _is_one(output) else ((), 0)),
        )
        for inputs, output in ops
    ]


def _is_one(output) -> bool:
    return isinstance(output, Tensor)


def _multiplications(inputs) -> int:
    """About how many an op takes: each matrix of weights meets each vector along the
    last axis of its first input."""
    x = inputs[0] if inputs else None
    if not (isinstance(x, Tensor) and x.ndim > 1 and x.shape[-1]):
        return 0
    matrices = [w for w in inputs[1:] if isinstance(w, Variable) and w.ndim > 1]
    return sum(x.size // x.shape[-1] * w.size for w in matrices)


def branches(ops: list[Work], rows: float = 1) -> list[list[int]]:
    """The numbers of the large ops that follow each other and need nothing of each
    other, group by group: the directions of a Bidirectional layer, say. Nothing where
    it does not pay to do them at the same time. `rows` is how many times the rows of
    the trace a step has."""
    amounts = [op.multiplications * rows for op in ops]
    groups: list[list[int]] = [[]]
    for i, op in enumerate(ops):
        is_large = amounts[i] >= LEAST_WORK
        if not is_large or op.takes & set(groups[-1]):
            groups.append([])
        if is_large:
            groups[-1].append(i)
    groups = [group for group in groups if len(group) > 1]
    shared = sum(amounts[i] for group in groups for i in group)
    return groups if shared >= _LEAST_SHARE * sum(amounts) else []


def grouped(traced: list[Line], groups: list[list[int]]) -> list[Line]:
    """The lines of a trace, those of a group of ops next to each other, so that they
    can run at the same time; and so on the way back."""
    number = {op: i for i, ops in enumerate(groups) for op in ops}
    of_pull: dict[int, int] = {}
    for line in traced:
        if line.op in number:
            line.group = number[line.op], "forward", line.op
            of_pull.update((id(x), line.op) for x in named_in(line.results))
        elif line.taken and line.taken[0].is_pull:
            op = of_pull.get(id(line.taken[0]))
            if op is not None:
                line.group = number[op], "back", op
    for group in dict.fromkeys(x.group[:2] for x in traced if x.group is not None):
        traced = _brought_together(traced, group)
    return traced


def _brought_together(traced: list[Line], group: tuple) -> list[Line]:
    """The lines with those of a group where its first one stands, if what they take is
    there by then; else they are no group."""
    members = [x for x in traced if x.group is not None and x.group[:2] == group]
    first = traced.index(members[0])
    later = {id(x) for line in traced[first:] for x in named_in(line.results)}
    if any(id(x) in later for line in members for x in line.taken):
        for line in members:
            line.group = None
        return traced
    others = [line for line in traced[first:] if line not in members]
    return [*traced[:first], *members, *others]
