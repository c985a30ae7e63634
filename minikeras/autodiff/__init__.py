"""Tensors, variables and reverse-mode differentiation."""

from minikeras.autodiff.slices import IndexedSlices, Slices
from minikeras.autodiff.tape import (
    Array,
    GradientTape,
    primitive,
    stack,
    stop_recording,
)
from minikeras.autodiff.tensor import Symbolic, Tensor, Variable, as_array

__all__ = [
    "Array",
    "GradientTape",
    "IndexedSlices",
    "Slices",
    "Symbolic",
    "Tensor",
    "Variable",
    "as_array",
    "primitive",
    "stack",
    "stop_recording",
]
