"""The lines of a trace: what was done, with what, and what it gave.

A form says how a line is done (`run`, on arrays) and how it is written (`text`, of
the texts of its arguments).
"""

import functools
import operator
from collections.abc import Callable
from typing import Any

BINARY = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "@": "matmul"}
BINARY |= {"**": "pow", "//": "floordiv", "%": "mod", "&": "and", "|": "or"}
BINARY |= {"^": "xor", "<<": "lshift", ">>": "rshift"}
BINARY |= {">": "gt", ">=": "ge", "<": "lt", "<=": "le", "==": "eq", "!=": "ne"}
COMPARISONS = ("gt", "ge", "lt", "le", "eq", "ne")
UNARY = {"-": "neg", "+": "pos", "~": "invert", "abs": "abs"}


class Named:
    """What has a name in the text, and an `example` in the trace."""

    __slots__ = ("example", "name", "root", "trace")

    example: Any
    name: str | None
    root: "Named"
    trace: Any


class Form:
    """How a line is done and written. `names` are functions that its text calls."""

    def __init__(self, key, run: Callable, text: Callable, names=()):
        self.key, self.run, self.text, self.names = key, run, text, names
        self.is_operator = key[0] in ("operator", "unary")

    def operands(self, count: int) -> range:
        """Which arguments stand beside an operator, or before a dot or a bracket."""
        if self.is_operator:
            return range(count)
        return range(self.key[0] in ("method", "attribute", "get item", "set item"))


class Pull(Named):
    """The way back through an op that stays a call: a function of dy, or a tuple with
    one for each input."""

    __slots__ = ()

    def __init__(self, example, trace, name):
        self.example, self.trace, self.name = example, trace, name
        self.root = self

    def functions(self):
        """What the op would give: noted when it is called."""
        if callable(self.example):
            return lambda dy: self.trace.note(_PULLED, (self, dy))
        return tuple(
            None if function is None else functools.partial(self._part, i)
            for i, function in enumerate(self.example)
        )

    def _part(self, i: int, dy):
        return self.trace.note(_PULLED_ONE, (self, i, dy))


class Line:
    """A form with its arguments: stand-ins, numbers, arrays, and nests of them.

    `taken` are the stand-ins among the arguments, `results` is the one (or a nest of
    them) that it gave, `written` are the roots that it writes into. A line that `stays`
    is never left out. `place` says whose line it is.
    """

    def __init__(self, form, args, kwargs, written, stays, place):
        self.form, self.args, self.kwargs = form, args, kwargs
        self.written, self.stays, self.place = written, stays, place
        self.taken = stand_ins([args, kwargs] if kwargs else args)
        self.results: Any = None
        self.op: int | None = None  # the number of the op that it is, if it is one
        self.group: tuple | None = None  # lines of one group run at the same time


def examples(nest):
    """The nest with each stand-in in it replaced by what it stands for."""
    if isinstance(nest, Named):
        return nest.example
    if type(nest) is slice:
        return slice(*examples((nest.start, nest.stop, nest.step)))
    if type(nest) in (tuple, list):
        return type(nest)(map(examples, nest))
    if type(nest) is dict:
        return {key: examples(value) for key, value in nest.items()}
    return nest


def stand_ins(nest) -> list:
    """The stand-ins of a nest in order."""
    if isinstance(nest, Named):
        return [nest]
    if type(nest) is slice:
        return stand_ins((nest.start, nest.stop, nest.step))
    if type(nest) in (tuple, list):
        return [x for part in nest for x in stand_ins(part)]
    if type(nest) is dict:
        return stand_ins(list(nest.values()))
    return []


def _listed(args, kwargs) -> str:
    return ", ".join([*args, *(f"{k}={v}" for k, v in kwargs.items())])


@functools.cache
def call_of(function) -> Form:
    """function(x, …)"""
    name = name_of(function)
    return Form(
        (function,),
        function,
        lambda *args, **kwargs: f"{name}({_listed(args, kwargs)})",
        () if name.startswith("np.") else ((name, function),),
    )


def name_of(function) -> str:
    """np.add, np.add.reduce, np.linalg.solve; its own name for one of ours."""
    owner: Any = getattr(function, "__self__", None)
    if type(owner).__name__ == "ufunc":
        return f"np.{owner.__name__}.{function.__name__}"
    if type(function).__name__ == "ufunc":
        return f"np.{function.__name__}"
    module = getattr(function, "__module__", None) or ""
    if module == "numpy" or module.startswith("numpy."):
        return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"
    return function.__name__.lstrip("_")


@functools.cache
def method(name: str) -> Form:
    """x.name(…)"""
    return Form(
        ("method", name),
        lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs),
        lambda x, *args, **kwargs: f"{x}.{name}({_listed(args, kwargs)})",
    )


@functools.cache
def attribute(name: str) -> Form:
    """x.name"""
    return Form(("attribute", name), operator.attrgetter(name), f"{{}}.{name}".format)


@functools.cache
def operator_of(symbol: str) -> Form:
    """x + y"""
    function = getattr(operator, f"__{BINARY[symbol]}__")
    return Form(("operator", symbol), function, f"{{}} {symbol} {{}}".format)


@functools.cache
def in_place(symbol: str) -> Form:
    """x += y"""
    function = getattr(operator, f"__i{BINARY[symbol]}__")
    return Form(("in place", symbol), function, f"{{}} {symbol}= {{}}".format)


@functools.cache
def unary(symbol: str) -> Form:
    """-x"""
    function = getattr(operator, f"__{UNARY[symbol]}__")
    text = "abs({})" if symbol == "abs" else f"{symbol}{{}}"
    return Form(("unary", symbol), function, text.format)


_PULLED = Form(("pull",), lambda pull, dy: pull(dy), "{}({})".format)
_PULLED_ONE = Form(("one",), lambda pull, i, dy: pull[i](dy), "{}[{}]({})".format)
GET_ITEM = Form(("get item",), operator.getitem, "{}[{}]".format)
SET_ITEM = Form(("set item",), operator.setitem, "{}[{}] = {}".format)


def identifier(path: str) -> str:
    """A name made of a path: dense/kernel gives dense_kernel."""
    name = "".join(c if c.isalnum() and c.isascii() else "_" for c in path)
    return f"v_{name}" if name[:1].isdigit() or not name else name
