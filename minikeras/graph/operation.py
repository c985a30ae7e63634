"""Counterpart: keras/src/ops/operation.py and ops/node.py. What a graph is made of.

An Operation is what can be called on KerasTensors: a layer, or a function of
`minikeras.ops`. Each such call is a Node, and the KerasTensors that it gives know it.
"""

from minikeras import tree
from minikeras.graph.by_example import specs_by_example
from minikeras.graph.keras_tensor import KerasHistory, KerasTensor, is_symbolic
from minikeras.naming import auto_name, check_name
from minikeras.signature import accepts, defaults_of, parameters


class Node:
    """One call of an operation: its arguments, and the KerasTensors that it gave.

    It enters itself at the operation, and as `_keras_history` at the outputs.
    """

    def __init__(self, operation, args: tuple, kwargs: dict, outputs):
        self.operation = operation
        self.args, self.kwargs = args, kwargs
        self.outputs: list[KerasTensor] = tree.flatten(outputs)
        self.inputs: list[KerasTensor] = [
            x for x in tree.flatten((args, kwargs)) if isinstance(x, KerasTensor)
        ]
        for x in self.outputs:
            if not isinstance(x, KerasTensor):
                raise ValueError(
                    "All outputs of an operation must be tensors. "
                    f"{operation.name} returned {x!r} (of type {type(x)})"
                )
        index = len(operation._inbound_nodes)
        operation._inbound_nodes.append(self)
        for place, x in enumerate(self.outputs):
            x._keras_history = KerasHistory(operation, index, place)

    @property
    def is_input(self) -> bool:
        """Whether it begins a graph."""
        return not self.inputs

    @property
    def parents(self) -> list["Node"]:
        """The calls that gave the inputs."""
        known = [x._keras_history for x in self.inputs]
        return [h.operation._inbound_nodes[h.node_index] for h in known if h.operation]


class Operation:
    """What can be called on tensors, and then computes, or on KerasTensors, and then
    adds a node to their graph. Subclasses define `call`."""

    name: str
    _inbound_nodes: list[Node]
    _init_arguments: tuple

    def __new__(cls, *args, **kwargs):
        operation = super().__new__(cls)
        operation.__dict__["_inbound_nodes"] = []
        operation.__dict__["_init_arguments"] = (args, kwargs)
        return operation

    def __init__(self, name=None):
        check_name(name)
        self.name = name or auto_name(type(self).__name__)

    def __call__(self, *args, **kwargs):
        if is_symbolic(args, kwargs):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args, **kwargs):
        raise NotImplementedError(
            f"{type(self).__name__} does not have a `call()` method implemented."
        )

    def symbolic_call(self, *args, **kwargs):
        """The KerasTensors that a call on KerasTensors gives, noted as a node."""
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args, **kwargs):
        return specs_by_example(self.call, args, kwargs)

    def get_config(self) -> dict:
        """The name, and the arguments that the operation was made with, if these are
        plain data; subclasses with others add theirs to the name."""
        config = {"name": self.name}
        if type(self).get_config is not Operation.get_config:
            return config
        config |= self._config_from_arguments(config)
        if not accepts(type(self).__init__, "name"):
            del config["name"]
        return config

    def _config_from_arguments(self, known: dict) -> dict:
        """The arguments that it was made with, given or not, but for the known ones."""
        args, kwargs = self._init_arguments
        init = type(self).__init__
        names = parameters(init)[1:]
        given = defaults_of(init) | dict(zip(names, args, strict=False)) | kwargs
        arguments = {n: value for n, value in given.items() if n not in known}
        plain = (str, int, float, bool, type(None), list, tuple, dict)
        odd = [n for n, value in arguments.items() if not isinstance(value, plain)]
        if odd or len(args) > len(names):
            raise NotImplementedError(
                f"Object {type(self).__name__} was created by passing non-serializable "
                f"argument values in `__init__()` ({', '.join(odd)}), and therefore "
                "the object must override `get_config()` in order to be serializable."
            )
        return arguments

    @classmethod
    def from_config(cls, config: dict):
        """A new operation from `get_config()`'s result."""
        return cls(**config)

    @property
    def input(self):
        """The KerasTensor(s) of the first call; AttributeError if there was none."""
        return _unpacked(self._first_node("input").inputs)

    @property
    def output(self):
        """The KerasTensor(s) that the first call gave; AttributeError as above."""
        return _unpacked(self._first_node("output").outputs)

    def _first_node(self, wanted: str) -> Node:
        if not self._inbound_nodes:
            raise AttributeError(
                f"The layer {self.name} has never been called and thus has no defined "
                f"{wanted}."
            )
        return self._inbound_nodes[0]

    def __repr__(self) -> str:
        return f"<Operation name={self.name}>"


def _unpacked(tensors: list):
    return tensors[0] if len(tensors) == 1 else tensors
