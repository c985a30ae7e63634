"""Counterpart: keras/src/backend/numpy/core.py's compute_output_spec, by example.

A symbolic call runs on zeros at two batch sizes: axes of the output that differ
between the two are open (None). So there is no second, symbolic version of any op,
and the symbolic shape is the eager shape by construction.
"""

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor, as_array, stop_recording
from minikeras.graph.keras_tensor import KerasTensor

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

    with stop_recording(), np.errstate(all="ignore"):
        for first, second in sizes:
            try:
                outputs = run(first), run(second)
                break
            except ValueError:
                if (first, second) == sizes[-1]:
                    raise
    return tree.map_structure(_spec, *outputs)


def _spec(first, second):
    return spec_of(
        *(x if hasattr(x, "shape") else as_array(x) for x in (first, second))
    )


def example(spec: KerasTensor, rows: int, length: int) -> np.ndarray:
    """Zeros of the spec's shape: an open first axis has `rows`, others `length`."""
    shape = [length if axis is None else axis for axis in spec.shape]
    if spec.shape and spec.shape[0] is None:
        shape[0] = rows
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
