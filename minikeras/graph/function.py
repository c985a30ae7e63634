"""Counterpart: keras/src/ops/function.py. A graph of operations as a function.

The order of the operations is Keras's: by depth, the number of steps to the furthest
output, and among equals as they are met when one walks from the outputs to the inputs.
Layers, weights and the lines of `summary()` follow it.
"""

from minikeras import tree
from minikeras.graph.keras_tensor import KerasTensor
from minikeras.graph.operation import Node, Operation
from minikeras.room import room


class Function(Operation):
    """The computation from KerasTensors `inputs` to KerasTensors `outputs`, both of
    any structure, to be done again with other values: `function(inputs)`."""

    def __init__(self, inputs, outputs, name=None):
        super().__init__(name)
        self._set_graph(inputs, outputs)

    def _set_graph(self, inputs, outputs) -> None:
        for given, title in ((inputs, "inputs"), (outputs, "outputs")):
            flat = tree.flatten(given)
            odd = [x for x in flat if not isinstance(x, KerasTensor)]
            if odd:
                raise ValueError(
                    f"All `{title}` values must be KerasTensors. Received: "
                    f"{title}={given} including invalid value {odd[0]} of type "
                    f"{type(odd[0])}"
                )
            if not flat:
                raise ValueError(
                    f"`{title}` argument cannot be empty. Received: {title}={given}"
                )
        self._inputs_struct, self._outputs_struct = inputs, outputs
        nodes, met = walk(self.inputs, self.outputs)
        self._nodes_by_depth = nodes_by_depth(nodes, self.inputs)
        self._operations = _in_order(self._nodes_by_depth, met)
        self._steps: list | None = self._plan()

    def __getstate__(self):
        """A copy makes a plan of its own: plans know KerasTensors by their ids."""
        return {**self.__dict__, "_steps": None}

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs in a row."""
        return tree.flatten(self._inputs_struct)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs in a row."""
        return tree.flatten(self._outputs_struct)

    @property
    def operations(self) -> list[Operation]:
        return list(self._operations)

    def call(self, inputs):
        values = tree.flatten(inputs)
        if len(values) != len(self.inputs):
            raise ValueError(
                f"The function '{self.name}' takes {len(self.inputs)} inputs. "
                f"Received: {len(values)}"
            )
        return self._run_graph(values)

    def _run_graph(self, values: list, training=None):
        """The outputs for the values of the inputs; `training` has the word over what
        was said when the graph was made, as in Keras."""
        if self._steps is None:
            self._steps = self._plan()
        if room.is_limited:
            room.count_call()
        known = {id(x): value for x, value in zip(self.inputs, values, strict=True)}
        for operation, fill, outputs in self._steps:
            args, kwargs = fill(known)
            if training is not None and "training" in kwargs:
                kwargs["training"] = training
            results = operation(*args, **kwargs)
            if len(outputs) == 1 and not tree.is_nested(results):
                known[outputs[0]] = results
            else:
                known.update(zip(outputs, tree.flatten(results), strict=True))
        found = [known[id(x)] for x in self.outputs]
        return tree.pack_sequence_as(self._outputs_struct, found)

    def _plan(self) -> list:
        """What is to be done, in order: (operation, its arguments, its outputs)."""
        known = {id(x) for x in self.inputs}
        steps = []
        for nodes in self._nodes_by_depth.values():
            for node in nodes:
                if not node.is_input and all(id(x) in known for x in node.inputs):
                    outputs = [id(x) for x in node.outputs]
                    steps.append((node.operation, _filling(node), outputs))
                    known.update(outputs)
        for place, x in enumerate(self.outputs):
            if id(x) not in known:
                raise ValueError(
                    f"Output {place} is not connected to `inputs`: {x!r} needs a "
                    "tensor that is not among them."
                )
        return steps

    def compute_output_spec(self, inputs):
        given = [x.shape for x in tree.flatten(inputs)]
        if given == [x.shape for x in self.inputs]:
            return tree.map_structure(
                lambda x: KerasTensor(x.shape, x.dtype), self._outputs_struct
            )
        return super().compute_output_spec(inputs)

    def compute_output_shape(self, input_shape):
        """The shapes of the outputs, in their structure, for those of the inputs."""
        shapes = zip(_shapes_in(input_shape), self.inputs, strict=True)
        specs = [KerasTensor(shape, x.dtype) for shape, x in shapes]
        inputs = tree.pack_sequence_as(self._inputs_struct, specs)
        return tree.map_structure(lambda x: x.shape, self.compute_output_spec(inputs))


def _shapes_in(nest) -> list:
    """The shapes, which are tuples or lists themselves, of a nest in a row."""
    if isinstance(nest, dict):
        return [shape for key in tree.keys(nest) for shape in _shapes_in(nest[key])]
    if any(isinstance(part, (list, tuple, dict)) for part in nest):
        return [shape for part in nest for shape in _shapes_in(part)]
    return [nest]


def _filling(node: Node):
    """From the values of KerasTensors, by id, to the arguments of a call."""
    args, kwargs = node.args, node.kwargs
    if len(args) == 1 and not kwargs:
        keys = [id(x) for x in tree.flatten(args)]
        if isinstance(args[0], KerasTensor):
            return lambda known, key=keys[0]: ((known[key],), {})
        if type(args[0]) is list and len(keys) == len(node.inputs) == len(args[0]):
            return lambda known: (([known[key] for key in keys],), {})

    def fill(known):
        def value(x):
            return known[id(x)] if isinstance(x, KerasTensor) else x

        return tree.map_structure(value, args), tree.map_structure(value, kwargs)

    return fill


def walk(inputs: list, outputs: list) -> tuple[list[Node], dict[Operation, int]]:
    """The nodes between them, each behind those that it needs, and the place of each
    operation in the order in which a walk back from the outputs meets them."""
    ends = {id(x) for x in inputs}
    done: set[Node] = set()
    nodes: list[Node] = []
    met: dict[Operation, int] = {}
    waiting = [(x, False) for x in reversed(outputs)]
    while waiting:
        x, is_behind = waiting.pop()
        operation, node_index, _ = x._keras_history
        if operation is None:
            continue
        node = operation._inbound_nodes[node_index]
        if is_behind:
            if node not in done:
                done.add(node)
                nodes.append(node)
            continue
        if node in done or (id(x) in ends and not node.is_input):
            continue
        met.setdefault(operation, len(met))
        waiting.append((x, True))
        waiting += [(before, False) for before in reversed(node.inputs)]
    return nodes, met


def nodes_by_depth(nodes: list[Node], inputs: list) -> dict[int, list[Node]]:
    """The nodes of a walk by their depth, the deepest first."""
    depths: dict[Node, int] = {}
    deepest: dict[Operation, int] = {}  # a shared layer is as deep as its deepest call
    inside = set(nodes)
    for node in reversed(nodes):
        depth = max(depths.get(node, 0), deepest.get(node.operation, 0))
        depths[node] = deepest[node.operation] = depth
        for parent in node.parents:
            if parent in inside:
                depths[parent] = max(depth + 1, depths.get(parent, 0))
    for x in inputs:  # an input that no output needs is there all the same
        operation, node_index, _ = x._keras_history
        if operation is not None and operation not in deepest:
            node = operation._inbound_nodes[node_index]
            if node.is_input:
                depths.setdefault(node, 0)
    found: dict[int, list[Node]] = {
        depth: [] for depth in sorted(set(depths.values()), reverse=True)
    }
    for node, depth in depths.items():
        found[depth].append(node)
    return found


def _in_order(by_depth: dict, met: dict[Operation, int]) -> list[Operation]:
    """The operations, the deepest first, among equals as the walk met them."""
    depths: dict[Operation, int] = {}
    for depth, nodes in by_depth.items():
        for node in nodes:
            depths.setdefault(node.operation, depth)
    found = sorted(depths, key=lambda op: (-depths[op], met.get(op, -1)))
    counts: dict[str, int] = {}
    for operation in found:
        counts[operation.name] = counts.get(operation.name, 0) + 1
    for name, count in counts.items():
        if count > 1:
            raise ValueError(
                f'The name "{name}" is used {count} times in the model. '
                "All operation names should be unique."
            )
    return found


def cut_out(inputs, outputs, make_input) -> tuple:
    """(inputs, outputs) of the same graph begun at other places: what is no Input
    among `inputs` becomes `make_input(tensor)`; the calls behind it are noted anew.
    """
    flat = tree.flatten(inputs)
    nodes, _ = walk(flat, tree.flatten(outputs))
    new: dict[int, KerasTensor] = {}
    for x in flat:
        operation, node_index, _ = x._keras_history
        begins = operation is not None and operation._inbound_nodes[node_index].is_input
        new[id(x)] = x if begins else make_input(x)

    def other(x):
        return new.get(id(x), x) if isinstance(x, KerasTensor) else x

    for node in nodes:
        if node.is_input:
            continue
        for x in node.outputs:
            new[id(x)] = KerasTensor(x.shape, x.dtype, name=f"{x.name}_clone")
        args = tree.map_structure(other, node.args)
        kwargs = tree.map_structure(other, node.kwargs)
        Node(node.operation, args, kwargs, [new[id(x)] for x in node.outputs])
    return tree.map_structure(other, inputs), tree.map_structure(other, outputs)
