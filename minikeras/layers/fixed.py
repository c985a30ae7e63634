"""Which layers do the same with each input: what else the package builds on."""



def is_fixed(layer) -> bool:
    """A layer of this package whose functions are, and whose calls are alike."""
    if layer.activity_regularizer is not None or not layer.repeats:
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
