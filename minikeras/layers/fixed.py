"""Which layers do the same with each input: what else the package builds on."""

from minikeras import tree


def is_fixed(layer) -> bool:
    """A layer of this package whose functions are, and whose calls are alike."""
    if layer.activity_regularizer is not None or not layer._repeats:
        return False
    functions = [value for value in list(vars(layer).values()) if callable(value)]
    regularizers = [v.regularizer for v in layer._own_weights()]
    ours = all(map(is_ours, [layer, *functions, *regularizers]))
    return ours and all(map(_is_fixed_op, getattr(layer, "_operations", ())))


def _is_fixed_op(operation) -> bool:
    """An operation of a graph that no function of the user's takes part in."""
    calls = [(node.args, node.kwargs) for node in operation._inbound_nodes]
    arguments = [calls, getattr(operation, "options", None)]
    return is_ours(operation) and not any(map(callable, tree.flatten(arguments)))


def is_ours(thing) -> bool:
    """None, or a function or an object of a class that this package defines."""
    if thing is None:
        return True
    fn = getattr(thing, "fn", None)  # a loss made of a function
    module = getattr(thing, "__module__", "")
    return module.startswith("minikeras.") and (fn is None or is_ours(fn))
