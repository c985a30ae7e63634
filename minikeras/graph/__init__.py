"""Symbolic tensors. (The graph of the functional API will live here.)"""

from minikeras.graph.keras_tensor import KerasTensor, example, spec_of

__all__ = ["KerasTensor", "example", "spec_of"]
