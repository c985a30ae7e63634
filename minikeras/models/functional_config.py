"""Counterpart: get_config and from_config of keras/src/models/functional.py.

{"name", "trainable", "layers": the config of each operation with its calls as
"inbound_nodes", "input_layers" and "output_layers": ["dense", call, output] in the
structure of the model's inputs and outputs}. Calls are counted within the model.
"""

from minikeras import activations, ops, tree
from minikeras.graph import (
    Function,
    KerasTensor,
    OpCall,
    Operation,
    class_of,
    is_symbolic,
    title_of,
)
from minikeras.registry import deserialize, did_you_mean, serialize

# Ops that take functions, which Keras cannot restore: they could loop for ever.
_OF_FUNCTIONS = ("cond", "fori_loop", "while_loop")
# How often the layers of a graph are gone through: a few times for those that Keras
# wrote, for it begins with the inputs.
_MOST_ROUNDS = 100
_MARK = "__keras_tensor__"


def config_of(model) -> dict:
    """The parts of a functional model's config that describe its graph."""
    numbers = _numbers(model)

    def place(x: KerasTensor, first: int = 0) -> list:
        operation, node_index, tensor_index = x._keras_history
        number = numbers[id(operation._inbound_nodes[node_index])]
        return [operation.name, number + first, tensor_index]

    def packed(x):
        if isinstance(x, KerasTensor):
            config = {"shape": x.shape, "dtype": x.dtype, "keras_history": place(x)}
            return {"class_name": _MARK, "config": config}
        if isinstance(x, dict):
            return {key: packed(part) for key, part in x.items()}
        if isinstance(x, (list, tuple)):
            return type(x)(packed(part) for part in x)
        return serialize(x)

    def end(x: KerasTensor) -> list:
        # Keras counts the calls of a nested model from 1: its own graph is call 0.
        return place(x, isinstance(x._keras_history.operation, Function))

    layers = []
    for operation in model.operations:
        calls = [
            {"args": packed(node.args), "kwargs": packed(node.kwargs)}
            for node in operation._inbound_nodes
            if id(node) in numbers and not node.is_input
        ]
        config = _operation_config(operation)
        # In place: a layer of two models is noted in both configs (registry.Sharing).
        config.update(name=operation.name, inbound_nodes=calls)
        layers.append(config)
    return {
        "layers": layers,
        "input_layers": tree.map_structure(end, model.input),
        "output_layers": tree.map_structure(end, model.output),
    }


def _numbers(model) -> dict[int, int]:
    """The number of each call of the model among those of its operation."""
    inside = {id(n) for nodes in model._nodes_by_depth.values() for n in nodes}
    return {
        id(node): number
        for operation in model.operations
        for number, node in enumerate(
            n for n in operation._inbound_nodes if id(n) in inside
        )
    }


def graph_of(config: dict, custom_objects=None) -> tuple:
    """(inputs, outputs) of the graph that a config describes, its layers made anew."""
    made: dict[str, Operation] = {}
    waiting: dict[str, list] = {}
    before: dict[str, int] = {}  # calls of a layer that another model has too
    for layer in config["layers"]:
        operation = _operation(layer, custom_objects)
        if layer["name"] in made:
            raise ValueError(f"Two layers have the name {layer['name']!r}.")
        made[layer["name"]] = operation
        waiting[layer["name"]] = list(layer["inbound_nodes"])
        known = [node for node in operation._inbound_nodes if not node.is_input]
        before[layer["name"]] = len(known)

    def tensor(name: str, number: int, place: int) -> KerasTensor:
        if min(number, place) < 0:
            raise ValueError(f"'{name}' has no call {number} with an output {place}.")
        return made[name]._inbound_nodes[before[name] + number].outputs[place]

    def unpacked(x):
        if isinstance(x, dict) and x.get("class_name") == _MARK:
            return tensor(*x["config"]["keras_history"])
        return _unpacked(x, unpacked)

    for _ in range(_MOST_ROUNDS):
        if not any(waiting.values()):
            break
        progress = False
        for name, calls in waiting.items():
            while calls and _is_ready(calls[0], made, before):
                _call_again(made[name], calls.pop(0), unpacked)
                progress = True
        if not progress:
            left = [name for name, calls in waiting.items() if calls]
            raise ValueError(
                "The graph of this model has a loop, or layers that nothing feeds: "
                f"{left}"
            )
    else:
        raise ValueError("The layers of this model stand in an order that takes long.")

    def end(x):
        if isinstance(x, (list, tuple)) and len(x) == 3 and isinstance(x[0], str):
            nested = isinstance(made[x[0]], Function)
            return tensor(x[0], x[1] - nested, x[2])
        if isinstance(x, dict):
            return {key: end(part) for key, part in x.items()}
        return type(x)(end(part) for part in x)

    return end(config["input_layers"]), end(config["output_layers"])


def _call_again(operation: Operation, call: dict, unpacked) -> None:
    """Makes the node of a call that a config describes."""
    args = list(unpacked(call["args"]))
    if type(operation).__name__ == "GetItem" and type(args[1]) is list:
        args[1] = tuple(args[1])  # JSON knows no tuples
    kwargs = unpacked(call["kwargs"])
    if not is_symbolic(args, kwargs):
        raise ValueError(
            f"A call of '{operation.name}' takes no tensor of the graph. Received: "
            f"args={args!r:.200}"
        )
    operation(*args, **kwargs)


def _is_ready(call: dict, made: dict, before: dict) -> bool:
    """Whether the tensors that a call takes are there."""

    def there(x) -> bool:
        if isinstance(x, dict) and x.get("class_name") == _MARK:
            name, number, _ = x["config"]["keras_history"]
            return len(made[name]._inbound_nodes) > before[name] + number
        parts = x.values() if isinstance(x, dict) else x
        return not isinstance(x, (dict, list, tuple)) or all(map(there, parts))

    return there(call["args"]) and there(call["kwargs"])


def _operation_config(operation: Operation) -> dict:
    if not isinstance(operation, OpCall):
        return serialize(operation)
    name = type(operation).__name__
    return {
        "module": f"keras.src.{_module_of(operation)}",
        "class_name": name,
        "config": serialize(operation.get_config()),
        "registered_name": name,
    }


def _module_of(operation: OpCall) -> str:
    """The module of keras/src that has the op."""
    function = type(operation).function
    own = function.__module__.removeprefix("minikeras.")
    if own == "activations.activations":
        return own
    for family in ("numpy", "nn"):
        if hasattr(getattr(ops, family), function.__name__):
            return f"ops.{family}"
    if function.__name__ in ("slice", "slice_update", "unstack"):
        return "ops.core"
    return own if own in ("ops.core", "ops.linalg") else "ops.math"


def by_title(family) -> dict:
    """The functions of a module, by the names of their nodes."""
    return {
        title_of(op): op
        for name, op in vars(family).items()
        if callable(op)
        and name[0] != "_"
        and not isinstance(op, type)
        and name not in _OF_FUNCTIONS
    }


def _operation(config: dict, custom_objects) -> Operation:
    module = str(config.get("module"))
    if not module.startswith(("keras.src.ops.", "keras.src.activations.")):
        return deserialize(config, custom_objects=custom_objects)
    title = config["class_name"]
    family = ops if module.startswith("keras.src.ops.") else activations
    known = by_title(family)
    if title not in known:
        raise ValueError(f"Unknown op: {title!r}.{did_you_mean(title, known)}")
    options = {key: _unpacked(x, _plain) for key, x in config["config"].items()}
    return class_of(getattr(known[title], "composed", known[title]))(**options)


def _plain(x):
    return _unpacked(x, _plain)


def _unpacked(x, inner):
    """The argument that was packed; `inner` does its parts."""
    if isinstance(x, dict):
        if "class_name" in x:
            return deserialize(x)
        return {key: inner(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(inner(part) for part in x)
    return x
