"""An array that notes what is done with it: what a program is learned from.

Layers, losses and optimizers are Python around NumPy calls. Run on stand-ins instead
of arrays they do what they always do, and each NumPy call on a stand-in becomes a line
of the trace (tracer.py). Shapes and dtypes are answered; whoever asks for a value, as
`if x > 0` does, gets `ReadsValues`: the answer would be frozen into the program.

Outside its trace, and in other threads, a stand-in is the array that it stands for.
"""

import operator
from typing import Any

import numpy as np

from minikeras.program import lines


class ReadsValues(TypeError):
    """A value was asked for where only shapes and dtypes are known."""


# What the shape and the dtype tell, of an array and of NumPy.
_ANSWERED = ("shape", "dtype", "ndim", "size", "nbytes", "itemsize", "strides", "flags")
_ANSWERED_BY = (np.shape, np.ndim, np.size, np.result_type, np.can_cast)
# Methods that give the values away, or a shape that depends on them.
_READ: tuple[str, ...] = (
    "item",
    "tolist",
    "tobytes",
    "tofile",
    "dump",
    "dumps",
    "data",
    "ctypes",
)
_READ += ("nonzero", "compress", "base", "flat", "choose", "resize", "byteswap")
_SHAPED_BY_VALUES = {"nonzero", "flatnonzero", "argwhere", "extract", "compress"}
_SHAPED_BY_VALUES |= {"unique", "unique_all", "unique_counts", "unique_inverse"}
_SHAPED_BY_VALUES |= {"unique_values", "trim_zeros", "bincount", "histogram", "delete"}
_SHAPED_BY_VALUES |= {"repeat", "union1d", "setdiff1d", "setxor1d", "intersect1d"}
# Where the argument `out` stands in functions that take it without its name.
_OUT_AT = dict.fromkeys(("dot", "max", "min", "argmax", "argmin", "round"), 2)
_OUT_AT |= dict.fromkeys(("clip", "take", "cumsum", "cumprod", "sum", "prod"), 3)
_OUT_AT |= dict.fromkeys(("mean", "std", "var", "any", "all"), 3)
# What writes into its first argument.
_WRITING_METHODS = ("fill", "sort", "put", "partition", "setfield")
_WRITING = {"copyto", "put", "put_along_axis", "place", "putmask", "fill_diagonal"}
_OPERANDS = (np.ndarray, np.generic, int, float, bool)

# Operators give what these functions give, and are quicker on single numbers. (Not so
# `**`: on single numbers it is another function.)
_SYMBOLS = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.matmul: "@",
    np.greater: ">",
    np.greater_equal: ">=",
    np.less: "<",
    np.less_equal: "<=",
    np.equal: "==",
    np.not_equal: "!=",
    np.bitwise_and: "&",
    np.bitwise_or: "|",
}


class StandIn(lines.Handle):
    """Stands for `example`, an array or a NumPy number, in a trace.

    `named` is what the lines of the trace know of it.
    """

    __slots__ = ()
    __hash__ = object.__hash__

    def __init__(self, example, trace, root=None, name=None):
        self.example, self.trace = example, trace
        self.named = lines.Named(name, root, getattr(example, "nbytes", 0))

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # what isinstance() asks
        return type(self.example)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if not all(isinstance(x, (*_OPERANDS, list, tuple)) for x in inputs):
            return NotImplemented
        out = options.get("out", ())
        if method == "__call__" and not options and len(inputs) == 2:
            symbol = _SYMBOLS.get(ufunc)
            if ufunc is np.power and any(isinstance(x, np.generic) for x in inputs[:1]):
                symbol = "**" if type(inputs[0]) is not StandIn else None
            if symbol and all(isinstance(x, _OPERANDS) for x in inputs):
                return self.trace.note(lines.operator_of(symbol), inputs)
        if method == "at":
            out = inputs[:1]
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if method == "__call__" and len(out) == 1 and len(inputs) == ufunc.nin:
            options.pop("out")
            inputs += out
        return self.trace.note(lines.call_of(function), inputs, options, out)

    def __array_function__(self, function, types, args, kwargs):
        if function in _ANSWERED_BY:
            return function(*lines.examples(args), **lines.examples(kwargs))
        of_two = len(args) == 2 and not kwargs  # no `out`
        if function is np.dot and of_two and isinstance(args[0], np.ndarray):
            return self.trace.note(lines.method("dot"), args)  # the same, and quicker
        name = function.__name__
        if name in _SHAPED_BY_VALUES or (name == "where" and len(args) == 1):
            if name != "repeat" or any(type(x) is StandIn for x in args[1:]):
                self.trace.refuse(f"np.{name}")
        if len(args) > _OUT_AT.get(name, 99) or (name in _WRITING and not args):
            self.trace.refuse("a place to write to that is not named")
        written = args[:1] if name in _WRITING else ()
        out = kwargs.get("out")
        if out is not None:
            written = out if isinstance(out, tuple) else (out,)
        return self.trace.note(lines.call_of(function), args, kwargs, written)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _ANSWERED:
            return getattr(self.example, name)
        value = getattr(self.example, name)
        if name in _READ and self.trace.refuse(f".{name}"):
            return value
        if not callable(value):
            return self.trace.note(lines.attribute(name), (self,))

        def method(*args, **kwargs):
            if name == "repeat" and any(type(x) is StandIn for x in args):
                self.trace.refuse(".repeat")
            written = (self,) if name in _WRITING_METHODS else ()
            out = kwargs.get("out")
            if out is not None:
                written = (out,)
            return self.trace.note(lines.method(name), (self, *args), kwargs, written)

        return method

    def __getitem__(self, key):
        for part in key if isinstance(key, tuple) else (key,):
            if type(part) is StandIn and part.dtype.kind == "b":
                self.trace.refuse("x[mask]")
            if type(part) is slice and lines.handles_in(part):
                self.trace.refuse("x[: n]")
        return self.trace.note(lines.GET_ITEM, (self, key))

    def __setitem__(self, key, value):
        self.trace.note(lines.SET_ITEM, (self, key, value), written=(self,))

    def __len__(self):
        return len(self.example)

    def __iter__(self):
        return (self[i] for i in range(len(self.example)))

    def as_array(self, dtype=None):
        """What np.asarray, which asks nobody, would give."""
        same = dtype is None or self.dtype == dtype
        if same and isinstance(self.example, np.ndarray):
            return self
        options = {} if dtype is None else {"dtype": np.dtype(dtype)}
        return self.trace.note(lines.call_of(np.asarray), (self,), options)

    def __reduce_ex__(self, protocol):
        return self.example.__reduce_ex__(protocol)

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    def __repr__(self):
        return f"<stand-in of shape {self.shape}, dtype {self.dtype}>"


def _reads(name: str, answer):
    def asked(self, *args, **options):
        self.trace.refuse(name)
        return answer(self.example, *args, **options)

    return asked


def _asked_for_array(example, dtype=None, copy=None):
    return np.array(example, dtype=dtype, copy=copy)


for _name, _answer in (
    ("bool", bool),
    ("int", int),
    ("float", float),
    ("complex", complex),
    ("index", operator.index),
    ("str", str),
    ("format", format),
    ("contains", operator.contains),
    ("array", _asked_for_array),
):
    setattr(StandIn, f"__{_name}__", _reads(_name, _answer))


def _binary(symbol: str):
    form = lines.operator_of(symbol)

    def forward(self, other):
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        return self.trace.note(form, (self, other))

    def reflected(self, other):
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        return self.trace.note(form, (other, self))

    return forward, reflected


def _in_place(symbol: str):
    plain, form = lines.operator_of(symbol), lines.in_place(symbol)

    def change(self, other):
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        if isinstance(self.example, np.generic):  # cannot be changed: a new one
            return self.trace.note(plain, (self, other))
        self.trace.note(form, (self, other), written=(self,))
        return self

    return change


for _symbol, _name in lines.BINARY.items():
    _forward, _reflected = _binary(_symbol)
    setattr(StandIn, f"__{_name}__", _forward)
    if _name not in lines.COMPARISONS:
        setattr(StandIn, f"__r{_name}__", _reflected)
        setattr(StandIn, f"__i{_name}__", _in_place(_symbol))


def _unary(symbol: str):
    form = lines.unary(symbol)
    return lambda self: self.trace.note(form, (self,))


for _symbol, _name in lines.UNARY.items():
    setattr(StandIn, f"__{_name}__", _unary(_symbol))
