"""Does large calls of a step that do not need each other at the same time.

The two directions of a Bidirectional layer are such calls: each on a thread of its
own is faster than both of them on each half of the batch (fewer, longer NumPy calls
for the same work). No number changes by it. A reader of the maths can skip this file.
"""

from minikeras.autodiff import Tensor
from minikeras.autodiff.replay import Program
from minikeras.parallel import run_all
from minikeras.trainers.work import LEAST_WORK, multiplications

# The calls side by side must be nearly all of a step: the rest has one thread.
_LEAST_SHARE = 0.8


class BranchedStep:
    """A program whose independent large calls run on threads; runs like it."""

    def __init__(self, program: Program, groups: list[list[int]]):
        self._program = program
        self.draws = program.draws
        together = {i: group for group in groups for i in group}
        self._forward = _grouped(range(len(program.forward)), together)
        self._backward = _grouped([plan[0] for plan in program.backward], together)

    def run(self, inputs: list, weight: float = 1) -> tuple:
        """What `Program.run` gives."""
        program = self._program
        values = program.start(inputs)
        vjps: list = [None] * len(program.forward)

        def call(index):
            function, pick, options, _ = program.forward[index]
            return function(*pick(values), **options)

        for group in self._forward:
            for index, (value, vjp) in zip(group, _all(call, group), strict=True):
                values[program.forward[index][3]], vjps[index] = value, vjp
        cotangents = program.seeds(values, weight)

        def pull(position):
            index, given, joint, targets = program.backward[position]
            dy, vjp = cotangents[given], vjps[index]
            cotangents[given] = vjps[index] = None
            if joint:
                vjp = vjp(dy)
            return [vjp[i] if joint else vjp[i](dy) for i, _, _ in targets]

        for group in self._backward:
            for position, parts in zip(group, _all(pull, group), strict=True):
                targets = program.backward[position][3]
                for (_, slot, is_first), dx in zip(targets, parts, strict=True):
                    cotangents[slot] = dx if is_first else cotangents[slot] + dx
        return program.results(values, cotangents)


def _all(function, group: list) -> list:
    return run_all(function, group) if len(group) > 1 else [function(group[0])]


def _grouped(indices, together: dict) -> list[list[int]]:
    """The positions of `indices`, those of one group that follow each other in one
    list."""
    found: list[list[int]] = []
    before = None
    for position, index in enumerate(indices):
        group = together.get(index)
        if group is not None and group is before:
            found[-1].append(position)
        else:
            found.append([position])
        before = group
    return found


def branches(calls: list, rows: float) -> list[list[int]]:
    """The numbers of the large calls of a trace that follow each other and may run at
    the same time, group by group; nothing where that does not pay. `rows` is how many
    times the rows of the trace a step has."""
    work = [multiplications(call) * rows for call in calls]
    groups: list[list[int]] = [[]]
    for index, call in enumerate(calls):
        is_large = work[index] >= LEAST_WORK
        if not is_large or _takes_any(call, [calls[i] for i in groups[-1]]):
            groups.append([])
        if is_large:
            groups[-1].append(index)
    groups = [group for group in groups if len(group) > 1]
    shared = sum(work[i] for group in groups for i in group)
    return groups if shared >= _LEAST_SHARE * sum(work) else []


def _takes_any(call: tuple, others: list) -> bool:
    """Whether a call takes what one of the others gives."""
    taken = {id(x) for x in call[1] if isinstance(x, Tensor)}
    return any(id(other[3]) in taken for other in others)
