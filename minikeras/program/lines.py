"""The lines of a trace: what was done, with what, and what it gave.

A form says how a line is done (`run`, on arrays) and how it is written (`text`, of
the texts of its arguments).
"""

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

BINARY = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "@": "matmul"}
BINARY |= {"**": "pow", "//": "floordiv", "%": "mod", "&": "and", "|": "or"}
BINARY |= {"^": "xor", "<<": "lshift", ">>": "rshift"}
BINARY |= {">": "gt", ">=": "ge", "<": "lt", "<=": "le", "==": "eq", "!=": "ne"}
COMPARISONS = ("gt", "ge", "lt", "le", "eq", "ne")
UNARY = {"-": "neg", "+": "pos", "~": "invert", "abs": "abs"}


class Named:
    """What has a name in the text. `root` is what it is a view of, itself if it has
    memory of its own; a `pull` is the way back through an op."""

    __slots__ = ("is_pull", "name", "nbytes", "root")

    def __init__(self, name=None, root=None, nbytes=0, is_pull=False):
        self.name, self.nbytes, self.is_pull = name, nbytes, is_pull
        self.root: Named = self if root is None else root


class Handle:
    """What the step holds of it while it is traced: the `example`. It goes when the
    step lets it go, so that a trace takes the memory that the step takes."""

    __slots__ = ("example", "named", "trace")


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


class Pull(Handle):
    """The way back through an op that stays a call: a function of dy, or a tuple with
    one for each input."""

    __slots__ = ()

    def __init__(self, example, trace, name):
        self.example, self.trace = example, trace
        self.named = Named(name, is_pull=True)

    def functions(self):
        """What the op would give: noted when it is called."""
        if callable(self.example):
            return lambda dy: self.trace.note(_PULLED, (self, dy), whole=True)
        return tuple(
            None if function is None else functools.partial(self._part, i)
            for i, function in enumerate(self.example)
        )

    def _part(self, i: int, dy):
        return self.trace.note(_PULLED_ONE, (self, i, dy), whole=True)


class Line:
    """A form with its arguments: named things, numbers, arrays, and nests of them.

    `taken` are the named ones among the arguments, `results` is the one (or a nest of
    them) that it gave, `written` are the roots that it writes into. A line that `stays`
    is never left out. `place` says whose line it is.
    """

    def __init__(self, form, args, kwargs, taken, written, stays, place):
        self.form, self.args, self.kwargs = form, args, kwargs
        self.written, self.stays, self.place = written, stays, place
        self.taken = taken
        self.results: Any = None
        self.constant: Any = None  # what it gives, if that is known beforehand
        self.op: int | None = None  # the number of the op that it is, if it is one
        self.group: tuple | None = None  # lines of one group run at the same time


def _mapped(nest, kind: type, function: Callable):
    """The nest with function(x) for each x of a kind in it."""
    if isinstance(nest, kind):
        return function(nest)
    if type(nest) not in (tuple, list, slice, dict):
        return nest
    if type(nest) is slice:
        parts = (nest.start, nest.stop, nest.step)
        return slice(*[_mapped(part, kind, function) for part in parts])
    if type(nest) in (tuple, list):
        return type(nest)([_mapped(part, kind, function) for part in nest])
    return {key: _mapped(value, kind, function) for key, value in nest.items()}


def examples(nest):
    """The nest with the example of each handle in its place."""
    return _mapped(nest, Handle, lambda x: x.example)


def named(nest):
    """The nest with what each handle stands for in its place."""
    return _mapped(nest, Handle, lambda x: x.named)


def in_terms(nest, known: dict):
    """The nest with known[id(x)] in the place of each named x that is in there."""
    return _mapped(nest, Named, lambda x: known.get(id(x), x))


def handles_in(nest) -> list:
    """The handles of a nest in order."""
    found: list = []
    _mapped(nest, Handle, found.append)
    return found


def named_in(nest) -> list:
    """The named things of a nest in order."""
    found: list = []
    _mapped(nest, Named, found.append)
    return found


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
    """np.add, np.add.reduce, np.linalg.solve; its own name for what is not NumPy's."""
    owner: Any = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        path = f"{owner.__name__}.{function.__name__}"
    else:
        module = getattr(function, "__module__", None) or ""
        name = getattr(function, "__name__", type(function).__name__)
        path = f"{module.removeprefix('numpy').lstrip('.')}.{name}".lstrip(".")
    found: Any = np
    for part in path.split("."):
        found = getattr(found, part, None)
    if found == function:
        return f"np.{path}"
    return identifier(path.rpartition(".")[2].lstrip("_"))


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
