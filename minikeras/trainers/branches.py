"""Finds large calls of a step that do not need each other: they run side by side.

The two directions of a Bidirectional layer are such calls: each on a thread of its
own is faster than both of them on each half of the batch (fewer, longer NumPy calls
for the same work). No number changes by it. A reader of the maths can skip this file.
"""

from minikeras.autodiff import Tensor
from minikeras.autodiff.trace import Trace
from minikeras.trainers.work import LEAST_WORK, multiplications

# The calls side by side must be nearly all of a step: the rest has one thread.
_LEAST_SHARE = 0.8


def branches(calls: Trace, rows: float) -> list[list[int]]:
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
