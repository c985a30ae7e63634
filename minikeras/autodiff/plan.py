"""What a trace does, on numbered slots: forward, and backward from a loss.

A computation that could depend on anything but its inputs, the variables and plain
numbers has no plan: it must not be repeated.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minikeras.autodiff.tensor import Tensor, Variable
from minikeras.autodiff.trace import Trace

_PLAIN = (bool, int, float, str, np.generic, np.dtype, type(None))


class Call(NamedTuple):
    """An op: its function, the slots of its arguments, options, slot of the result."""

    function: Callable
    taken: list[int]
    options: dict
    given: int


class Pull(NamedTuple):
    """The way back through a call: its number, the slot of its result, whether its
    vjp is one function for all arguments, and the targets (number of the argument, its
    slot, is it the first cotangent there)."""

    call: int
    given: int
    joint: bool
    targets: list[tuple[int, int, bool]]


class Plan:
    """The calls of a trace. Slots 0, 1, … are `inputs`, then what was drawn;
    `constants` and `variables` are what other slots hold from the start."""

    def __init__(self, calls: Trace, inputs: list):
        self.inputs = len(inputs) + len(calls.draws)
        self.constants: dict[int, Any] = {}
        self.variables: dict[int, Variable] = {}
        self._by_id: dict[int, int] = {}
        self._kept: list = []  # what the ids stand for
        for x in [*inputs, *(numbers for _, numbers in calls.draws)]:
            self._add(x)
        self._calls = calls
        self.forward = [self._call(*call[:4]) for call in calls]

    @classmethod
    def of(cls, calls: Trace, inputs: list, wanted: list) -> tuple:
        """(the plan, the slots of the Tensors `wanted`), or (None, None)."""
        try:
            plan = cls(calls, inputs)
            return plan, [plan.slot(x) for x in wanted]
        except _NotRepeatable:
            return None, None

    def backward(self, loss: int) -> list[Pull]:
        """The pulls of the calls that the loss, in slot `loss`, needs; last first."""
        plan = []
        reached = {loss}
        for number in reversed(range(len(self._calls))):
            given = self.forward[number].given
            if given not in reached:
                continue
            _, arguments, _, output, vjp = self._calls[number]
            joint = type(vjp) is not tuple
            parts = vjp(np.ones_like(output.value)) if joint else vjp
            targets = []
            for position, part in enumerate(parts):
                x = arguments[position]
                if part is not None and isinstance(x, Tensor) and x.tracked:
                    slot = self.slot(x)
                    targets.append((position, slot, slot not in reached))
                    reached.add(slot)
            plan.append(Pull(number, given, joint, targets))
        return plan

    def slot(self, x) -> int:
        """That of a known Tensor; a new one for a variable or a plain value."""
        if _is_plain(x):
            slot = self._add(x)
            self.constants[slot] = x
            return slot
        slot = self._by_id.get(id(x), -1)
        if slot < 0:
            if not isinstance(x, Variable):
                raise _NotRepeatable
            slot = self._add(x)
            self.variables[slot] = x
        return slot

    def _call(self, function, arguments, options, output) -> Call:
        if type(output) is tuple or not all(map(_is_plain, options.values())):
            raise _NotRepeatable
        taken = [self.slot(x) for x in arguments]
        return Call(function, taken, options, self._add(output))

    def _add(self, x) -> int:
        self._kept.append(x)
        if not _is_plain(x):
            self._by_id[id(x)] = len(self._kept) - 1
        return len(self._kept) - 1


class _NotRepeatable(Exception):
    """The trace depends on something that may change."""


def _is_plain(x) -> bool:
    return isinstance(x, _PLAIN) or (isinstance(x, tuple) and all(map(_is_plain, x)))
