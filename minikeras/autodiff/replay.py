"""A recorded computation as a flat list of NumPy calls, to be done again.

Ops are pure functions on arrays. So what a training step did can be written down
once (`trace`) and repeated with other numbers: the same calls in the same order,
hence the same results to the last bit, without layers, Tensors and tapes between
them. On small batches that is most of the time.

A computation that could depend on anything but its inputs, the variables and
plain numbers is refused: `Program.of` gives None.
"""

import operator

import numpy as np

from minikeras.autodiff.tape import recording
from minikeras.autodiff.tensor import Tensor, Variable

_PLAIN = (bool, int, float, str, np.generic, np.dtype, type(None))


class trace:
    """A block whose ops are noted as `(function, inputs, options, output)`."""

    def __enter__(self) -> list:
        self._outer = recording.trace
        recording.trace = []
        return recording.trace

    def __exit__(self, *exception):
        recording.trace = self._outer


class Program:
    """The calls of a trace on numbered slots, forward and backward.

    The slots of the inputs come first; variables are read anew in each run. Made
    by `Program.of`, which gives None for a computation it cannot repeat safely.
    """

    def __init__(self, slots: "_Slots", forward: list, backward: list):
        self._numbers = slots.numbers
        self._variables = list(slots.variables.items())
        self._forward = forward
        self._backward = backward
        self._loss: int = -1
        self._trained: list = []
        self._outputs: list = []

    @classmethod
    def of(cls, calls: list, inputs: list, loss: Tensor, trained: list, outputs: list):
        """The program of a trace.

        `inputs` are the Tensors (or None) that change from run to run, `trained`
        the variables whose gradients are wanted, `outputs` the Tensors whose
        values are.
        """
        slots = _Slots(inputs)
        forward = []
        for function, arguments, options, output in calls:
            taken = [slots.find(x) for x in arguments]
            several = type(output) is tuple
            if several or None in taken or not all(map(_is_plain, options.values())):
                return None
            forward.append((function, _picker(taken), options, slots.add(output)))
        wanted: list = [slots.find(x) for x in (loss, *trained, *outputs)]
        if None in wanted:
            return None
        program = cls(slots, forward, _backward_plan(calls, slots, loss))
        program._loss = wanted[0]
        program._trained = wanted[1 : 1 + len(trained)]
        program._outputs = wanted[1 + len(trained) :]
        return program

    def run(self, inputs: list) -> tuple:
        """(loss, values of the outputs, gradients of the trained variables)."""
        values = inputs + self._numbers[len(inputs) :]
        for slot, variable in self._variables:
            values[slot] = variable.value
        vjps = []
        for function, pick, options, given in self._forward:
            values[given], vjp = function(*pick(values), **options)
            vjps.append(vjp)
        loss = values[self._loss]
        cotangents: list = [None] * len(values)
        cotangents[self._loss] = loss.dtype.type(1)
        for index, given, targets in self._backward:
            dy, vjp = cotangents[given], vjps[index]
            cotangents[given] = None
            several = type(vjp) is tuple
            parts = vjp if several else vjp(dy)
            for position, slot in targets:
                dx = parts[position]
                if several and dx is not None:
                    dx = dx(dy)
                before = cotangents[slot]
                cotangents[slot] = dx if before is None else before + dx
        gradients = [cotangents[slot] for slot in self._trained]
        return loss, [values[slot] for slot in self._outputs], gradients


def _backward_plan(calls: list, slots: "_Slots", loss: Tensor) -> list:
    """(call, slot of its output, [(argument, its slot)]) for each call that gets a
    cotangent, last call first."""
    plan = []
    reached = {slots.find(loss)}
    for index in reversed(range(len(calls))):
        _, arguments, _, output = calls[index]
        given = slots.find(output)
        if given not in reached:
            continue
        targets = [
            (position, slots.find(x))
            for position, x in enumerate(arguments)
            if isinstance(x, Tensor) and x.tracked and _passes(calls[index], position)
        ]
        reached.update(slot for _, slot in targets)
        plan.append((index, given, targets))
    return plan


def _passes(call: tuple, position: int) -> bool:
    """Whether the call has a derivative with respect to this argument."""
    function, arguments, options, _ = call
    arrays = [x.value if isinstance(x, Tensor) else x for x in arguments]
    vjp = function(*arrays, **options)[1]
    if type(vjp) is not tuple:
        return True
    return position < len(vjp) and vjp[position] is not None


class _Slots:
    """Numbers the values of a computation: inputs, then whatever comes up."""

    def __init__(self, inputs: list):
        self.numbers: list = []  # the plain values, None where a run fills in
        self.variables: dict[int, Variable] = {}
        self._by_id: dict[int, int] = {}
        self._kept: list = []  # what the ids stand for
        for x in inputs:
            self.add(x)

    def find(self, x) -> int | None:
        """The slot of a known Tensor; a new one for a variable or a plain value; None
        for anything else, which must not be repeated."""
        if _is_plain(x):
            self.numbers.append(x)
            return len(self.numbers) - 1
        slot = self._by_id.get(id(x))
        if slot is None and isinstance(x, Variable):
            slot = self.add(x)
            self.variables[slot] = x
        return slot

    def add(self, x) -> int:
        self.numbers.append(None)
        self._by_id[id(x)] = len(self.numbers) - 1
        self._kept.append(x)
        return len(self.numbers) - 1


def _is_plain(x) -> bool:
    return isinstance(x, _PLAIN) or (isinstance(x, tuple) and all(map(_is_plain, x)))


def _picker(slots: list):
    """The function that takes these slots out of the values, as a tuple."""
    if len(slots) == 1:
        only = slots[0]
        return lambda values: (values[only],)
    return operator.itemgetter(*slots)
