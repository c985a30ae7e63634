"""A recorded computation as a flat list of NumPy calls, to be done again.

Ops are pure functions on arrays. So what a training step did can be written down
once (`trace`) and repeated with other numbers: the same calls in the same order,
hence the same results to the last bit, without layers, Tensors and tapes between
them. On small batches that is most of the time.

A computation that could depend on anything but its inputs, the variables and
plain numbers is refused: `Program.of` gives None.
"""

import operator
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from minikeras.autodiff.tape import recording
from minikeras.autodiff.tensor import Tensor, Variable

_PLAIN = (bool, int, float, str, np.generic, np.dtype, type(None))


class Draw(NamedTuple):
    """Random numbers that a trace met: `function(shape, *options)`."""

    function: Callable
    shape: tuple
    options: tuple

    def __call__(self):
        return self.function(self.shape, *self.options)


class Trace(list):
    """The ops of a block as `(function, inputs, options, output, vjp)`, and in `draws`
    the pairs (Draw, its Tensor)."""

    def __init__(self):
        super().__init__()
        self.draws: list[tuple[Draw, Tensor]] = []


class trace:
    """A block whose ops and draws are noted."""

    def __enter__(self) -> Trace:
        self._outer = recording.trace
        noted = recording.trace = Trace()
        return noted

    def __exit__(self, *exception):
        recording.trace = self._outer


def drawn(function, shape, *options) -> Tensor:
    """function(shape, *options), random numbers, as a Tensor. They are an input of a
    traced computation: drawn anew for each run, the first axis like the batch's."""
    output = Tensor(function(shape, *options))
    if recording.trace is not None:
        recording.trace.draws.append((Draw(function, shape, options), output))
    return output


class Forward:
    """The calls of a trace on numbered slots, for their results alone.

    Made by `Forward.of`, which gives None for what cannot be repeated safely.
    """

    def __init__(self, slots: "_Slots", calls: list, outputs: list):
        self._numbers = slots.numbers
        self._variables = list(slots.variables.items())
        self._calls = calls
        self._outputs = outputs

    @classmethod
    def of(cls, calls: Trace, inputs: list, outputs: list):
        """The program of a trace; `inputs` are the Tensors that change from run to
        run, `outputs` those whose values are wanted. None if something is drawn."""
        if calls.draws:
            return None
        slots = _Slots(inputs)
        forward = _forward_plan(calls, slots)
        wanted: list = [slots.find(x) for x in outputs]
        if forward is None or None in wanted:
            return None
        return cls(slots, forward, wanted)

    def run(self, inputs: list) -> list:
        """The values of the outputs."""
        values = inputs + self._numbers[len(inputs) :]
        for slot, variable in self._variables:
            values[slot] = variable.value
        for function, pick, options, given in self._calls:
            values[given] = function(*pick(values), **options)[0]
        return [values[slot] for slot in self._outputs]


class Program:
    """The calls of a trace on numbered slots, forward and backward.

    The slots of the inputs come first, then those of `draws`; variables are read
    anew in each run. Made by `Program.of`, which gives None for a computation it
    cannot repeat safely.
    """

    def __init__(self, slots: "_Slots", forward: list, backward: list):
        self.forward = forward
        self.backward = backward
        self._numbers = slots.numbers
        self._variables = list(slots.variables.items())
        self.draws: list[Draw] = []
        self._loss: int = -1
        self._trained: list = []
        self._outputs: list = []

    @classmethod
    def of(cls, calls: Trace, inputs: list, loss: Tensor, trained: list, outputs: list):
        """The program of a trace.

        `inputs` are the Tensors (or None) that change from run to run, `trained`
        the variables whose gradients are wanted, `outputs` the Tensors whose
        values are.
        """
        slots = _Slots([*inputs, *(numbers for _, numbers in calls.draws)])
        forward = _forward_plan(calls, slots)
        wanted: list = [slots.find(x) for x in (loss, *trained, *outputs)]
        if forward is None or None in wanted:
            return None
        program = cls(slots, forward, _backward_plan(calls, slots, loss))
        program.draws = [draw for draw, _ in calls.draws]
        program._loss = wanted[0]
        program._trained = wanted[1 : 1 + len(trained)]
        program._outputs = wanted[1 + len(trained) :]
        return program

    def run(self, inputs: list, weight: float = 1) -> tuple:
        """(loss, values of the outputs, gradients of `weight` times the loss by the
        trained variables). What `draws` gave stands at the end of `inputs`.

        Whoever calls it many times silences NumPy's warnings around them all.
        """
        values = self.start(inputs)
        vjps = []
        for function, pick, options, given in self.forward:
            values[given], vjp = function(*pick(values), **options)
            vjps.append(vjp)
        cotangents = self.seeds(values, weight)
        for index, given, joint, targets in self.backward:
            dy, vjp = cotangents[given], vjps[index]
            cotangents[given] = vjps[index] = None  # what they hold can go
            if joint:
                vjp = vjp(dy)
            for position, slot, is_first in targets:
                dx = vjp[position] if joint else vjp[position](dy)
                cotangents[slot] = dx if is_first else cotangents[slot] + dx
        return self.results(values, cotangents)

    def start(self, inputs: list) -> list:
        """The values of all slots before the first call."""
        values = inputs + self._numbers[len(inputs) :]
        for slot, variable in self._variables:
            values[slot] = variable.value
        return values

    def seeds(self, values: list, weight: float) -> list:
        """The cotangents of all slots before the way back: `weight` for the loss."""
        cotangents: list = [None] * len(values)
        cotangents[self._loss] = values[self._loss].dtype.type(weight)
        return cotangents

    def results(self, values: list, cotangents: list) -> tuple:
        """(loss, values of the outputs, gradients) after the way back."""
        gradients = [cotangents[slot] for slot in self._trained]
        return values[self._loss], [values[slot] for slot in self._outputs], gradients


def _forward_plan(calls: list, slots: "_Slots") -> list | None:
    """(function, what picks its arguments, options, slot of its output) for each
    call, None if one could depend on anything that may change."""
    plan = []
    for function, arguments, options, output, _ in calls:
        taken = [slots.find(x) for x in arguments]
        several = type(output) is tuple
        if several or None in taken or not all(map(_is_plain, options.values())):
            return None
        plan.append((function, _picker(taken), options, slots.add(output)))
    return plan


def _backward_plan(calls: list, slots: "_Slots", loss: Tensor) -> list:
    """(call, slot of its output, is its vjp one function, targets) for each call
    that gets a cotangent, last call first; the targets are (argument, its slot, is it
    the first cotangent there)."""
    plan = []
    reached = {slots.find(loss)}
    for index in reversed(range(len(calls))):
        _, arguments, _, output, _ = calls[index]
        given = slots.find(output)
        if given not in reached:
            continue
        joint, passing = _vjp_of(calls[index])
        targets = []
        for position in passing:
            x = arguments[position]
            if isinstance(x, Tensor) and x.tracked:
                slot = slots.find(x)
                targets.append((position, slot, slot not in reached))
                reached.add(slot)
        plan.append((index, given, joint, targets))
    return plan


def _vjp_of(call: tuple) -> tuple[bool, list[int]]:
    """Whether the vjp of a call is one function for all arguments, and for which
    arguments there is a derivative."""
    _, _, _, output, vjp = call
    joint = type(vjp) is not tuple
    parts = vjp(np.ones_like(output.value)) if joint else vjp
    return joint, [i for i, part in enumerate(parts) if part is not None]


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
