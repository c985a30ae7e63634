"""Which layers do the same with each input: what else the package builds on."""

from minikeras.random import SeedGenerator


def is_fixed(layer) -> bool:
    """A layer of this package whose functions are, and that draws nothing."""
    if layer.activity_regularizer is not None or layer._parts(SeedGenerator):
        return False
    if layer._non_trainable_own:  # a state, which its call may change
        return False
    functions = [value for value in vars(layer).values() if callable(value)]
    regularizers = [v.regularizer for v in layer._own_weights()]
    return all(map(is_ours, [layer, *functions, *regularizers]))


def is_ours(thing) -> bool:
    """None, or a function or an object of a class that this package defines."""
    if thing is None:
        return True
    fn = getattr(thing, "fn", None)  # a loss made of a function
    module = getattr(thing, "__module__", "")
    return module.startswith("minikeras.") and (fn is None or is_ours(fn))
