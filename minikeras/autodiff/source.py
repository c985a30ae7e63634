"""Writes a plan down as a Python function: what is left of a training step when layers,
Tensors and tapes are gone. `print(program.text)` shows it:

    def step(inputs, weight=1):
        [v0, v1] = inputs
        v2 = variable2.value
        v4, pull0 = dense(v0, v2)
        …
        d4 = pull1[0](d5)
        d2 = pull0[1](d4)
        return v5, [v4], [d2]

v are values, d the loss's derivatives by them. The text is made of numbers and the
names of this package's functions alone.
"""

import math
from collections.abc import Callable

from minikeras.autodiff.plan import Call, Plan, Pull
from minikeras.parallel import run_all

_LITERALS = (bool, int, str, type(None))


def forward_function(plan: Plan, outputs: list[int]) -> tuple[str, Callable]:
    """The text and the function `call(inputs) -> values of the slots `outputs``."""
    writer = _Writer(plan)
    lines = ["def call(inputs):", *writer.start()]
    for call in plan.forward:
        lines.append(f"v{call.given} = {writer.call(call)}[0]")
    lines.append(f"return {_list('v', outputs)}")
    return writer.compiled("call", lines)


def step_function(
    plan: Plan,
    backward: list[Pull],
    loss: int,
    trained: list[int],
    outputs: list[int],
    groups: list[list[int]],
) -> tuple[str, Callable]:
    """The text and the function `step(inputs, weight=1) -> (loss, outputs, gradients)`
    of `weight` times the loss. `groups` are the numbers of calls to do at the same
    time, each group's in a row."""
    writer = _Writer(plan)
    lines = ["def step(inputs, weight=1):", *writer.start()]
    together = {number: group for group in groups for number in group}
    for group in _runs(range(len(plan.forward)), together):
        lines += writer.forward(group)
    lines.append(f"d{loss} = v{loss}.dtype.type(weight)")
    for positions in _runs([pull.call for pull in backward], together):
        lines += writer.backward([backward[i] for i in positions])
    values, gradients = _list("v", outputs), _list("d", trained)
    lines.append(f"return v{loss}, {values}, {gradients}")
    return writer.compiled("step", lines)


class _Writer:
    """Writes lines, and collects what their names stand for."""

    def __init__(self, plan: Plan):
        self._plan = plan
        self._names: dict = {"together": _together}

    def start(self) -> list[str]:
        lines = [f"[{', '.join(f'v{i}' for i in range(self._plan.inputs))}] = inputs"]
        for slot, variable in self._plan.variables.items():
            self._names[f"variable{slot}"] = variable
            lines.append(f"v{slot} = variable{slot}.value")
        return lines

    def call(self, call: Call) -> str:
        """ "dense(v0, v2, units=3)" """
        constants = self._plan.constants
        arguments = [
            self._literal(constants[slot]) if slot in constants else f"v{slot}"
            for slot in call.taken
        ]
        arguments += [f"{k}={self._literal(v)}" for k, v in call.options.items()]
        return f"{self._name(call.function)}({', '.join(arguments)})"

    def forward(self, numbers: list[int]) -> list[str]:
        calls = [self._plan.forward[number] for number in numbers]
        targets = [
            f"v{call.given}, pull{number}"
            for number, call in zip(numbers, calls, strict=True)
        ]
        if len(calls) == 1:
            return [f"{targets[0]} = {self.call(calls[0])}"]
        tasks = ", ".join(f"lambda: {self.call(call)}" for call in calls)
        return [f"{', '.join(f'({t})' for t in targets)} = together({tasks})"]

    def backward(self, pulls: list[Pull]) -> list[str]:
        lines = []
        side_by_side = len(pulls) > 1
        if side_by_side:
            names = ", ".join(f"parts{pull.call}" for pull in pulls)
            tasks = ", ".join(f"lambda: {_all_parts(pull)}" for pull in pulls)
            lines.append(f"{names} = together({tasks})")
        for number, given, joint, targets in pulls:
            if joint and not side_by_side:
                lines.append(f"parts{number} = pull{number}(d{given})")
            for i, (position, slot, is_first) in enumerate(targets):
                part = f"pull{number}[{position}](d{given})"
                if joint or side_by_side:
                    part = f"parts{number}[{position if joint else i}]"
                lines.append(f"d{slot} = {part if is_first else f'd{slot} + {part}'}")
            kept = [f"parts{number}"] if joint or side_by_side else []
            lines.append(f"del {', '.join([f'd{given}', f'pull{number}', *kept])}")
        return lines

    def compiled(self, name: str, lines: list[str]) -> tuple[str, Callable]:
        text = "\n    ".join(lines) + "\n"
        exec(compile(text, f"<{name}>", "exec"), self._names)
        return text, self._names.pop(name)  # else it would hold itself

    def _name(self, function) -> str:
        """The function's own, with a number if another one has it already."""
        base = function.__name__.lstrip("_")
        name, count = base, 1
        while self._names.setdefault(name, function) is not function:
            count += 1
            name = f"{base}_{count}"
        return name

    def _literal(self, value) -> str:
        """The value as Python writes it, or a name for it."""
        if type(value) in _LITERALS or type(value) is float and math.isfinite(value):
            return repr(value)
        if type(value) is tuple:
            return _tuple([self._literal(part) for part in value])
        name = f"constant{len(self._names)}"
        self._names[name] = value
        return name


def _all_parts(pull: Pull) -> str:
    """What a pull gives for all its targets."""
    name = f"pull{pull.call}"
    if pull.joint:
        return f"{name}(d{pull.given})"
    return _tuple([f"{name}[{p}](d{pull.given})" for p, _, _ in pull.targets])


def _tuple(parts: list[str]) -> str:
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


def _together(*calls) -> list:
    return run_all(lambda call: call(), calls)


def _list(letter: str, slots: list[int]) -> str:
    return f"[{', '.join(f'{letter}{slot}' for slot in slots)}]"


def _runs(numbers, together: dict) -> list[list[int]]:
    """The positions of `numbers`, those of one group that follow each other in one
    list."""
    found: list[list[int]] = []
    before = None
    for position, number in enumerate(numbers):
        group = together.get(number)
        if group is not None and group is before:
            found[-1].append(position)
        else:
            found.append([position])
        before = group
    return found
