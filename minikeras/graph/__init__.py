"""The graph of the functional API: KerasTensors, the operations that gave them, and
functions made of such a graph."""

from minikeras.graph.by_example import example, spec_of, specs_by_example
from minikeras.graph.function import Function, cut_out
from minikeras.graph.keras_tensor import (
    KerasTensor,
    is_keras_tensor,
    is_symbolic,
    standardize_shape,
)
from minikeras.graph.op_call import (
    OpCall,
    call_op,
    class_of,
    each_on_symbols,
    title_of,
)
from minikeras.graph.operation import Node, Operation

__all__ = [
    "Function",
    "KerasTensor",
    "Node",
    "OpCall",
    "Operation",
    "call_op",
    "class_of",
    "cut_out",
    "each_on_symbols",
    "example",
    "is_keras_tensor",
    "is_symbolic",
    "spec_of",
    "specs_by_example",
    "standardize_shape",
    "title_of",
]
