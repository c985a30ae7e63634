"""Counterpart: the classes of keras/src/ops, which Keras writes by hand for each op.

A function of `minikeras.ops` that meets a KerasTensor becomes an operation by itself.
"""

from collections.abc import Callable
from functools import cache, wraps
from types import FunctionType
from typing import Any

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.graph.keras_tensor import KerasTensor, is_symbolic
from minikeras.graph.operation import Operation
from minikeras.room import room
from minikeras.signature import defaults_of, parameters, unwrapped

# The parameters of ops (of one: with its name) that hold values; what the others say is
# fixed for an operation.
_VALUES = frozenset(
    """
    x xs x1 x2 a v inputs kernel depthwise_kernel pointwise_kernel indices values
    condition key target output fill_value constant_values data segment_ids updates
    start_indices mean variance scale gamma beta bins q weights sorted_sequence pred
    true_fn false_fn loop_vars init_val start stop batch_normalization.offset
    isclose.rtol isclose.atol
    """.split()
)
_VARIADIC = 0x04  # the flag of a function that takes *args


class OpCall(Operation):
    """A function of `minikeras.ops` as an operation. Its class is called as the op, in
    capitals (Add, LogicalAnd); `options` holds all its arguments but the values."""

    function: Callable

    def __init__(self, name=None, **options):
        super().__init__(name)
        self.options = options

    def call(self, *values, **named):
        if room.is_limited:
            _check_room(self, values, named)
        return self._compute(*values, **named)

    def _compute(self, *values, **named):
        function = type(self).function
        if unwrapped(function).__code__.co_flags & _VARIADIC:
            return function(*self.options.values(), *values, **named)
        return function(*values, **named, **self.options)

    def get_config(self) -> dict:
        return {"name": self.name, **self.options}

    def __reduce__(self):
        return _blank, (type(self).function,), self.__dict__


_ARRAY = 1 << 8  # numbers that take the memory of an array of none
_OF_VALUES = ("clip", "nan_to_num")  # their options say nothing of shapes


def _times_largest(numbers: list[int], shape: tuple) -> tuple:
    return (max(numbers), *shape)


# At most how large the results of these are, from their options and an input's shape.
_GROWING: dict[str, Callable] = {
    **dict.fromkeys(("repeat", "one_hot", "linspace"), _times_largest),
    "split": lambda numbers, shape: (max(numbers), _ARRAY),
    "tile": lambda numbers, shape: (*numbers, *shape),
    "pad": lambda numbers, shape: [n + 2 * max(numbers) for n in shape],
}


def _check_room(op: OpCall, values: tuple, named: dict) -> None:
    """ValueError if what an op from a file gives is too large. Its shape is found with
    inputs that are empty along one axis: these take no memory. (Those of `_GROWING`
    may make the axis longer that is empty.)"""
    function = type(op).function.__name__
    numbers = [abs(n) for n in tree.flatten(op.options) if isinstance(n, int)]
    grow = _GROWING.get(function, lambda numbers, shape: (max(numbers),))
    shapes = [x.shape for x in tree.flatten((values, named)) if isinstance(x, Tensor)]
    for shape in shapes if numbers and function not in _OF_VALUES else ():
        room.check(grow(numbers, shape), f"a result of '{op.name}'")
    for axis in range(max(map(len, shapes), default=0)):

        def emptied(x, axis=axis):
            if not isinstance(x, Tensor) or x.ndim <= axis:
                return x
            return Tensor(x.value[(slice(None),) * axis + (slice(0),)])

        given, others = tree.map_structure(emptied, (values, named))
        try:
            outputs = op._compute(*given, **others)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            continue  # it needs an entry there: another axis tells
        for y in tree.flatten(outputs):
            shape = getattr(y, "shape", ())
            room.check([n or 3 for n in shape], f"a result of '{op.name}'")


def _blank(function) -> OpCall:
    return object.__new__(class_of(function))


@cache
def class_of(function) -> type[OpCall]:
    """The class of operations that call `function`."""
    members = {"function": staticmethod(function)}
    return type(title_of(function), (OpCall,), members)


# Classes that Keras does not call as their op. (Its ops.relu is a Relu.)
_TITLES = {
    "activations.activations.relu": "ReLU",
    "ops.comparison.allclose": "AllClose",
    "ops.normalization.layer_normalization": "LayerNorm",
    "ops.normalization.rms_normalization": "RMSNorm",
}


def title_of(function) -> str:
    """The name of an op's class: that of "logical_and" is "LogicalAnd"."""
    name = function.__name__
    place = f"{function.__module__}.{name}".removeprefix("minikeras.")
    if place in _TITLES:
        return _TITLES[place]
    words = name.strip("_").split("_")
    return "".join(word[:1].upper() + word[1:] for word in words)


def call_op(function, args: tuple, kwargs: dict) -> Any:
    """A node that calls `function`, where KerasTensors are among the arguments.

    Values that were not given are noted too, as in Keras, whose classes ask for them.
    """
    names = parameters(function)
    given = defaults_of(function) | dict(zip(names, args, strict=False)) | kwargs
    options = {
        name: given.get(name)
        for name in names
        if not _VALUES & {name, f"{function.__name__}.{name}"}
        and not is_symbolic(given.get(name))
    }
    leading = next((i for i, name in enumerate(names) if name in options), len(names))
    first = names[:leading] if set(names[:leading]) <= given.keys() else ()
    values = [*map(given.get, first), *args[len(names) :]]
    named = {
        name: x
        for name, x in given.items()
        if name not in options and name not in first
    }
    return class_of(function)(**options)(*values, **named)


KerasTensor.call_op = staticmethod(call_op)


# What these tell of a KerasTensor is known at once, or cannot be known.
_ABOUT = ("shape", "ndim", "is_tensor", "convert_to_numpy", "each_on_symbols")


def each_on_symbols(exports: dict) -> None:
    """Makes each function among a module's exports that is composed of ops ONE
    operation on KerasTensors. (A `primitive` is one by itself; it wraps a formula.)"""
    for name, function in exports.items():
        if isinstance(function, FunctionType) and not hasattr(function, "__wrapped__"):
            if name[0] != "_" and name not in _ABOUT:
                exports[name] = _on_symbols(function)
                # Where a pickle finds it, which knows a function by its place.
                exports[name].__module__ = exports["__name__"]


@cache
def _on_symbols(function):
    @wraps(function)
    def op(*args, **kwargs):
        for x in args:
            if isinstance(x, (KerasTensor, list, tuple)) and is_symbolic(x):
                return call_op(function, args, kwargs)
        if kwargs and is_symbolic(kwargs):
            return call_op(function, args, kwargs)
        return function(*args, **kwargs)

    op.composed = function  # what a node of it calls
    return op
