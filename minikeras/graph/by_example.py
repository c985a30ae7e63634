"""Counterpart: keras/src/backend/numpy/core.py's compute_output_spec, by example.

A symbolic call runs on zeros at two batch sizes: axes of the output that differ
between the two are open (None). So there is no second, symbolic version of any op,
and the symbolic shape is the eager shape by construction.
"""

import contextlib
import threading

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor, as_array, stop_recording
from minikeras.graph.keras_tensor import KerasTensor
from minikeras.room import Refused, room

# The sizes of the open axes, tried in turn until the call takes them: small ones, large
# ones for large windows, and ones that can be divided (x reshaped to rows of twelve).
SIZES = ((2, 3), (64, 65), (60, 120))


def specs_by_example(call, args: tuple, kwargs: dict, sizes=SIZES):
    """The KerasTensors that `call(*args, **kwargs)` stands for, in its structure."""
    try:
        return _specs(call, args, kwargs, sizes, 0)
    except ZeroDivisionError:  # n // n of integers
        return _specs(call, args, kwargs, sizes, 1)


def _specs(call, args: tuple, kwargs: dict, sizes, value: int):
    def run(size):
        def fill(x):
            if not isinstance(x, KerasTensor):
                return x
            zeros = example(x, size, size)
            return Tensor(zeros + zeros.dtype.type(1) if value else zeros)

        filled, named = tree.map_structure(fill, (args, kwargs))
        return call(*filled, **named)

    sizes = _trying.sizes or sizes
    with stop_recording(), np.errstate(all="ignore"):
        for pair in sizes:
            try:
                with _tried(pair):
                    outputs = run(pair[0]), run(pair[1])
                break
            except ValueError as error:
                if pair == sizes[-1] or isinstance(error, Refused):
                    raise
    return tree.map_structure(_spec, *outputs)


class _Trying(threading.local):
    """The sizes that the outermost call is tried with. Those within it take the same:
    if each tried its own, a failure would take three times as long at each level."""

    sizes: tuple = ()


_trying = _Trying()


@contextlib.contextmanager
def _tried(pair: tuple):
    before, _trying.sizes = _trying.sizes, (pair,)
    try:
        yield
    finally:
        _trying.sizes = before


def _spec(first, second):
    return spec_of(
        *(x if hasattr(x, "shape") else as_array(x) for x in (first, second))
    )


def example(spec: KerasTensor, rows: int, length: int) -> np.ndarray:
    """Zeros of the spec's shape: an open first axis has `rows`, others `length`."""
    shape = [length if axis is None else axis for axis in spec.shape]
    if spec.shape and spec.shape[0] is None:
        shape[0] = rows
    room.check(shape, "an input")
    return np.zeros(shape, spec.dtype)


def spec_of(first, second) -> KerasTensor:
    """The spec of two outputs for two batch sizes: axes that differ are open."""
    if len(first.shape) != len(second.shape):
        raise ValueError(
            "The rank of an output must not depend on the batch size. "
            f"Received: shapes {first.shape} and {second.shape}"
        )
    shape = [
        a if a == b else None for a, b in zip(first.shape, second.shape, strict=True)
    ]
    return KerasTensor(shape, first.dtype)
