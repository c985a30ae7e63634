"""Reverse-mode differentiation with one linear tape.

A primitive is ONE function on plain ndarrays that returns its value and its
vector-Jacobian product (vjp):

    @primitive
    def multiply(x1: Array, x2: Array):
        return x1 * x2, (lambda dy: dy * x2, lambda dy: dy * x1)

The decorator lets it take Tensors. While a tape is open it writes down
`(output, inputs, vjp)`; `GradientTape.gradient` reads that list backwards.
First order only: derivatives are NumPy on ndarrays.
"""

import functools
from typing import Annotated, Any, get_origin

import numpy as np

from minikeras import tree
from minikeras.autodiff.quiet import quiet
from minikeras.autodiff.recording import recording
from minikeras.autodiff.slices import IndexedSlices, Slices
from minikeras.autodiff.tensor import Symbolic, Tensor, Variable, as_array

Array = Any  # marks the array inputs of a primitive; the other parameters are options

_PLAIN = (np.ndarray, float, int, bool, np.float32, np.float64, type(None))


def primitive(function):
    """Makes `function(*arrays, **options) -> (value, vjp)` an op on Tensors.

    Array inputs are the leading parameters annotated `Array`, or with a kind that
    says how they enter (ops/kinds.py). `vjp` is a tuple with one function of `dy`
    per array input (None where there is no gradient), so that an unwanted gradient
    is never computed, or one function for all that returns a tuple. Several
    outputs: `value` is a tuple, and so is `dy`. The function on ndarrays stays
    reachable as `op.raw`. NumPy's warnings are off in it, as they are in TensorFlow.
    """
    variadic = bool(function.__code__.co_flags & 0x04)  # *xs: Array
    names, function = _entered(function)
    count = 10**9 if variadic else len(names)

    @functools.wraps(function)
    def op(*inputs, **options):
        if options and not variadic and not options.keys().isdisjoint(names):
            inputs = _by_position(names, inputs, options)
        tracked = False
        arrays = []
        for x in inputs if len(inputs) <= count else inputs[:count]:
            if isinstance(x, Tensor):
                if x.tracked:
                    tracked = True
                arrays.append(x.value)
            elif type(x) in _PLAIN:
                arrays.append(x)
            elif isinstance(x, Symbolic):
                return x.call_op(op, inputs, options)
            elif _holds_tensor(
                x
            ):  # a list of Tensors is one Tensor, and so on the tape
                stacked = tuple(map(stack, inputs))
                return op(*stacked, **options)
            else:
                arrays.append(as_array(x))
        if len(inputs) > count:
            arrays += inputs[count:]
        trace = recording.trace
        if trace is None:
            value, vjp = quiet.run(function, *arrays, **options)
        else:
            value, vjp = quiet.run(trace.call, function, inputs, arrays, options)
        if type(value) is tuple:
            output = tuple([Tensor(part) for part in value])
        else:
            output = Tensor(value)
        if tracked and recording.tapes:
            for part in output if type(output) is tuple else (output,):
                part.tracked = True
            for tape in recording.tapes:
                tape.append((output, inputs, vjp))
        if trace is not None:
            trace.append((function, inputs, options, output, vjp))
        return output

    op.raw = function
    return op


def _entered(function) -> tuple:
    """(the names of the array inputs, the function with these as their kinds say)."""
    kinds = {n: k for n, k in function.__annotations__.items() if _is_array(k)}
    for position, kind in enumerate(kinds.values()):
        for enter in getattr(kind, "__metadata__", ()):
            function = enter(function, position)
    return tuple(kinds), function


def _is_array(annotation) -> bool:
    return annotation is Array or get_origin(annotation) is Annotated


def _holds_tensor(x) -> bool:
    if isinstance(x, (list, tuple)):
        return any(_holds_tensor(part) for part in x)
    return isinstance(x, Tensor)


def stack(x):
    """`x` itself, or the Tensor of a list that holds Tensors, however deep."""
    if isinstance(x, (list, tuple)) and _holds_tensor(x):
        return _stack(*[stack(part) for part in x])
    return x


@primitive
def _stack(*parts: Array):
    """The parts along a new first axis."""
    return np.stack([as_array(part) for part in parts]), lambda dy: tuple(dy)


def _by_position(names, inputs, options) -> tuple:
    """Moves array inputs given by keyword to their place (and fills gaps with None)."""
    given = [n for n in names if n in options]
    last = names.index(given[-1])
    if len(inputs) > last:
        raise TypeError(f"Got several values for argument {given[-1]!r}")
    return inputs + tuple(options.pop(n, None) for n in names[len(inputs) : last + 1])


class GradientTape:
    """Records the ops on trainable variables, then differentiates a result.

    >>> x = Tensor(np.float32(3.0))
    >>> with GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> float(tape.gradient(y, x))
    6.0

    `persistent=True` allows several calls of `gradient`. Tapes nest; each
    records everything. Same interface as tf.GradientTape.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True):
        self._persistent = persistent
        # With watch_accessed_variables=False: the only variables that count.
        self._watched: set[int] | None = None if watch_accessed_variables else set()
        self._entries: list = []
        self._spent = False

    def __enter__(self):
        self._spent = False
        recording.tapes += (self._entries,)
        return self

    def __exit__(self, *exception):
        tapes = recording.tapes
        if tapes and tapes[-1] is self._entries:  # cheaper, and nearly always so
            recording.tapes = tapes[:-1]
        else:
            recording.tapes = tuple(t for t in tapes if t is not self._entries)

    def watch(self, tensor) -> None:
        """Asks for derivatives with respect to `tensor` (or a list of them)."""
        for x in tensor if isinstance(tensor, (list, tuple)) else (tensor,):
            if not isinstance(x, Tensor):
                raise ValueError(
                    f"Only a Tensor can be watched. Received: {x!r} (of type {type(x)})"
                )
            x.tracked = True
            if self._watched is not None:
                self._watched.add(id(x))

    def reset(self) -> None:
        """Forgets all that was recorded."""
        self._entries.clear()

    def gradient(
        self, target, sources, output_gradients=None, unconnected_gradients=None
    ):
        """The derivative of the sum of `target` with respect to each source.

        Returns Tensors in the structure of `sources` (a Tensor or a nest of them);
        None for a source that `target` does not depend on, or zeros with
        `unconnected_gradients="zero"`. Several targets are added up.
        `output_gradients` is the cotangent of `target` (default: ones).
        """
        targets, flat = tree.flatten(target), tree.flatten(sources)
        for name, tensors in (("target", targets), ("source", flat)):
            for x in tensors:
                if not isinstance(x, Tensor):
                    raise TypeError(f"A {name} must be a Tensor. Received: {x!r}")
        seeds = [output_gradients] * len(targets)
        if output_gradients is not None and tree.is_nested(target):
            seeds = tree.flatten(output_gradients)
        kind = getattr(unconnected_gradients, "value", unconnected_gradients)
        if kind not in (None, "none", "zero"):
            raise ValueError(f"Unknown value for unconnected_gradients: {kind!r}")
        arrays = self.array_gradients(targets, flat, seeds)
        if self._watched is not None:
            arrays = [
                g if id(s) in self._watched or not isinstance(s, Variable) else None
                for s, g in zip(flat, arrays, strict=True)
            ]
        if kind == "zero":
            arrays = [
                np.zeros_like(s.value) if g is None else g
                for s, g in zip(flat, arrays, strict=True)
            ]
        gradients = [None if g is None else _as_tensor(g) for g in arrays]
        return tree.pack_sequence_as(sources, gradients)

    def array_gradients(self, target, sources: list, seeds=(None,)) -> list:
        """The gradients of a Tensor or several as ndarrays: what the trainer calls."""
        return quiet.run(self._array_gradients, target, sources, seeds)

    def _array_gradients(self, target, sources: list, seeds) -> list:
        if self._spent:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of "
                "gradients (or jacobians)"
            )
        targets = target if isinstance(target, list) else (target,)
        cotangents: dict[int, np.ndarray] = {}
        for y, seed in zip(targets, seeds, strict=True):
            dy = _seed(y.value, seed)
            cotangents[id(y)] = cotangents[id(y)] + dy if id(y) in cotangents else dy
        trace = recording.trace
        # Variables are no op's output, so only other sources need to be kept.
        wanted = {id(source) for source in sources if type(source) is Tensor}
        for output, inputs, vjp in reversed(self._entries):
            if type(output) is tuple:
                dy = _joint_cotangent(output, cotangents)
            elif wanted and id(output) in wanted:
                dy = cotangents.get(id(output))
            else:
                dy = cotangents.pop(id(output), None)
            if dy is None:
                continue
            if trace is not None:
                trace.enter_back(output)
            per_input = type(vjp) is tuple
            for x, pull in zip(inputs, vjp if per_input else vjp(dy)):  # noqa: B905  # options may follow
                if pull is None or not isinstance(x, Tensor) or not x.tracked:
                    continue
                dx = pull(dy) if per_input else pull
                key = id(x)
                if key in cotangents:
                    dx = cotangents[key] + dx
                cotangents[key] = dx
        if not self._persistent:
            self._spent = True
            self._entries.clear()
        gradients = [cotangents.get(id(source)) for source in sources]
        if trace is not None:
            trace.leave_back(sources, gradients)
        return gradients


def _as_tensor(gradient) -> Tensor:
    return (IndexedSlices if type(gradient) is Slices else Tensor)(gradient)


def _seed(y, given):
    """The cotangent of a target: ones, or `given` in the target's dtype and shape."""
    if given is not None:
        return np.broadcast_to(as_array(given, y.dtype), y.shape)
    return np.ones_like(y) if y.ndim else y.dtype.type(1)


def _joint_cotangent(outputs, cotangents):
    """The cotangents of an op with several outputs; zeros for those nobody used."""
    if not any(id(y) in cotangents for y in outputs):
        return None
    return tuple(
        cotangents[id(y)] if id(y) in cotangents else np.zeros_like(y.value)
        for y in outputs
    )


class stop_recording:
    """A block in which no open tape of this thread records."""

    def __enter__(self):
        self._tapes = recording.tapes
        recording.tapes = ()

    def __exit__(self, *exception):
        recording.tapes = self._tapes
