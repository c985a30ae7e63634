"""Writes the lines of a trace down as a Python function, and compiles it."""

import collections
import keyword
import math
import textwrap

import numpy as np

from minikeras.parallel import run_all
from minikeras.program.constants import described
from minikeras.program.lines import (
    GET_ITEM,
    SET_ITEM,
    Line,
    Named,
    identifier,
    named_in,
)

_LITERALS = (bool, int, str, type(None))
_LARGE = 1 << 15  # bytes from which on an array is let go as soon as it can
_WIDTH = 84  # of a line without its indent


class Writer:
    """Collects the text of a function, and in `names` what its names stand for."""

    def __init__(self, name: str):
        self.name = name
        self.names: dict = {"np": np}
        self._texts: dict[int, str] = {}  # what a stand-in or a constant is called
        self._taken = {"np", "_", "abs", name, *keyword.kwlist}
        self._kept: list = []
        self._head: list[str] = []  # constants
        self._sources: dict[str, str] = {}  # their names by their expressions
        self._body: list[str] = []
        self._group: list[tuple] = []  # lines that will run at the same time
        self._pending: dict[int, tuple] = {}  # they go into another line

    def function(self, inputs: list, variables: list, lines: list[Line], outputs: list):
        """(text, function) of `inputs`; `variables` are (variable, its stand-in,
        what it is given at the end, or itself again)."""
        used = {id(x) for line in lines for x in line.taken}
        used |= {id(x) for x in named_in(outputs)}
        parameters = [self._named(x, x.name) for x in inputs]
        given = []
        for variable, stand_in, new in variables:
            changed = new is not stand_in
            if changed and isinstance(new, Named) and new.name is None:
                new.name = f"new_{stand_in.name}"
            if changed or id(stand_in) in used:
                owner = self._bound(f"{stand_in.name}_variable", variable)
                given.append((owner, new, changed))
                if id(stand_in) in used:
                    text = self._named(stand_in, stand_in.name)
                    self._body.append(f"{text} = {owner}.value")
        self._write(lines, [*outputs, *(new for _, new, changed in given if changed)])
        for owner, new, changed in given:
            if changed:
                self._body.append(f"{owner}.value = {self._text(new)}")
        if any(x is not None for x in outputs):
            self._body.append(f"return {self._text(outputs)}")
        head = f"def {self.name}({', '.join(parameters)}):\n    "
        text = head + "\n    ".join(self._body) + "\n"
        if self._head:
            text = "\n".join(self._head) + "\n\n\n" + text
        exec(compile(text, f"<{self.name}>", "exec"), self.names)
        return text, self.names.pop(self.name)

    def _write(self, lines: list[Line], outputs: list) -> None:
        uses = collections.Counter(id(x) for x in named_in(outputs))
        uses.update(id(x) for line in lines for x in line.taken)
        last = _last_uses(lines, outputs)
        place = ""
        for number, line in enumerate(lines):
            self._group_ended(line)
            self._make_way(line)
            if line.place != place:
                place = line.place
                self._write_pending(self._pending)
                self._comment(place)
            text = self._expression(line)
            if len(text) > _WIDTH or line.group:
                self._write_pending(line.taken)
                text = self._expression(line)
            for x in line.taken:
                if id(x) in self._pending:
                    line.taken = line.taken + self._pending.pop(id(x))[0].taken
            if line.group:
                self._group.append((line, text))
            elif _can_wait(line) and uses[id(line.results)] == 1:
                self._pending[id(line.results)] = line, text
            else:
                self._body.append(self._statement(line, text))
            gone = [x for x in last.get(number, []) if id(x) in self._texts]
            if gone and not self._pending and not self._group:
                self._body.append(f"del {', '.join(self._texts[id(x)] for x in gone)}")
            elif gone:  # not before what waits for them is written
                last.setdefault(number + 1, []).extend(gone)
        self._group_ended(None)
        self._write_pending(self._pending)

    def _group_ended(self, line: Line | None) -> None:
        """Writes the lines of a group down, unless `line` is one more of them."""
        group = self._group
        if not group or (
            line is not None
            and line.group is not None
            and line.group[:2] == group[0][0].group[:2]
        ):
            return
        self._group = []
        by_op: dict[int, list] = {}
        for member, text in group:
            by_op.setdefault(member.group[2], []).append((member.results, text))
        if len(by_op) == 1:
            self._body += [self._statement(*member) for member in group]
            return
        tasks = [
            f"lambda: {_in_brackets([text for _, text in rows])}"
            for rows in by_op.values()
        ]
        targets = [
            _in_brackets([self._target(results) for results, _ in rows])
            for rows in by_op.values()
        ]
        together = self._bound("together", _together)
        self._body.append(f"{', '.join(targets)} = {together}({', '.join(tasks)})")

    def _make_way(self, line: Line) -> None:
        """Writes down what waits and would see that the line changes something."""
        roots = {id(root) for root in line.written}
        taken = {id(x) for x in line.taken}
        for key, (waiting, _) in list(self._pending.items()):
            read = {id(x.root) for x in [waiting.results, *waiting.taken]}
            if key not in taken and (roots & read or line.stays):
                self._write_pending([waiting.results])

    def _write_pending(self, wanted) -> None:
        keys = {x if isinstance(x, int) else id(x) for x in wanted}
        for key in [key for key in self._pending if key in keys]:
            line, text = self._pending.pop(key)
            self._body.append(self._statement(line, text))

    def _comment(self, place: str) -> None:
        lines = textwrap.wrap(place, _WIDTH - 6)
        self._body += [f"# {line}" for line in lines]

    def _statement(self, line: Line, text: str) -> str:
        inputs = line.taken
        if line.results is None or any(line.results is x for x in inputs):
            return text  # it changes something in place
        return f"{self._target(line.results)} = {text}"

    def _expression(self, line: Line) -> str:
        """The text of a line without what it gives."""
        for name, function in line.form.names:
            self._bound(name, function)
        args = [self._text(x) for x in line.args]
        if line.form in (GET_ITEM, SET_ITEM):
            args[1] = self._index(line.args[1])
        for i in line.form.operands(len(args)):
            args[i] = self._operand(line.args[i], args[i])
        kwargs = {key: self._text(value) for key, value in line.kwargs.items()}
        text = line.form.text(*args, **kwargs)
        for name, function in line.form.names:
            text = self._texts[id(function)] + text.removeprefix(name)
        return text

    def _operand(self, x, text: str) -> str:
        """In parentheses where it needs them beside an operator or a dot."""
        waiting = self._pending.get(id(x))
        is_sum = waiting is not None and waiting[0].form.is_operator
        return f"({text})" if is_sum or text.startswith("-") else text

    def _target(self, results) -> str:
        if results is None:
            return "_"
        if isinstance(results, Named):
            return self._named(results, results.name or "t")
        return f"[{', '.join(map(self._target, results))}]"

    def _named(self, x, wish: str) -> str:
        name = self._free(wish)
        self._texts[id(x)] = name
        self._kept.append(x)
        return name

    def _bound(self, wish: str, value) -> str:
        """A name for something that is there before the function runs."""
        if id(value) not in self._texts:
            self.names[self._named(value, wish)] = value
        return self._texts[id(value)]

    def _constant(self, x) -> str:
        """A name for a constant. Its value stands above the function, if it can."""
        if id(x) not in self._texts:
            wish, source = described(x)
            if source in self._sources:
                return self._sources[source]
            name = self._bound(wish, x)
            if source:
                self._sources[source] = name
                self._head.append(f"{name} = {source}")
            else:
                self._head.append(f"# {name}: an array of shape {x.shape}")
        return self._texts[id(x)]

    def _free(self, wish: str) -> str:
        name, count = wish, 1
        while name in self._taken:
            count += 1
            name = f"{wish}_{count}"
        self._taken.add(name)
        return name

    def _text(self, x) -> str:
        if isinstance(x, Named):
            waiting = self._pending.get(id(x))
            return waiting[1] if waiting else self._texts[id(x)]
        if type(x) in _LITERALS or type(x) is float and math.isfinite(x):
            return repr(x)
        if x is Ellipsis:
            return "..."
        if type(x) is tuple:
            return f"({', '.join(map(self._text, x))}{',' * (len(x) == 1)})"
        if type(x) is list:
            return f"[{', '.join(map(self._text, x))}]"
        if isinstance(x, np.dtype) and x.isbuiltin:
            return f"np.{x.type.__name__}"
        if isinstance(x, type) and issubclass(x, np.generic):
            return f"np.{x.__name__}"
        if isinstance(x, (np.ndarray, np.generic)):
            return self._constant(x)
        return self._bound(identifier(type(x).__name__.lower()), x)

    def _index(self, key) -> str:
        """What stands between the brackets of x[…]."""
        if type(key) is tuple and len(key) > 1:
            return ", ".join(map(self._index, key))
        return self._slice(key) if type(key) is slice else self._text(key)

    def _slice(self, x: slice) -> str:
        parts = ["" if p is None else self._text(p) for p in (x.start, x.stop)]
        step = [] if x.step is None else [self._text(x.step)]
        return ":".join(parts + step)


def _can_wait(line: Line) -> bool:
    """Whether a line may go into the one that uses what it gives: a nameless step."""
    result = line.results
    plain = isinstance(result, Named) and result.name is None
    return plain and not (line.written or line.stays or result.is_pull)


def _last_uses(lines: list[Line], outputs: list) -> dict[int, list]:
    """What can be let go after each line, where there is anything large."""
    kept = {id(x) for x in named_in(outputs)}
    last: dict[int, tuple] = {}
    for number, line in enumerate(lines):
        for x in [*line.taken, *named_in(line.results)]:
            if id(x) not in kept and _is_large(x):
                last[id(x)] = number, x
    found: dict[int, list] = {}
    for number, x in last.values():
        found.setdefault(number, []).append(x)
    return found


def _is_large(x) -> bool:
    return x.is_pull or x.nbytes >= _LARGE


def _in_brackets(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _together(*calls) -> list:
    return run_all(lambda call: call(), calls)
