"""Counterpart: CallContext in keras/src/layers/layer.py, and Keras's name scopes.

What is true for one outermost call of a layer and for all calls inside it.
"""

import threading

from minikeras.autodiff.recording import recording
from minikeras.program.lines import Handle


class CallContext(threading.local):
    """`entered`: a layer is being called; `training`: what that call said or found;
    `open_batch`: what is built is built for any batch size;
    `names`: the names of the layers being built, outermost first;
    `traced`: the path of the outermost layer whose call builds those below it;
    `made`: in a block of `state_kept` the new weights with their first values."""

    entered: bool = False
    training: bool | None = None
    open_batch: bool = False
    names: tuple[str, ...] = ()
    traced: str | None = None
    made: list | None = None


context = CallContext()


class name_scope:
    """Within the block, weights are built under `name`: "sequential/dense/kernel".

    Where a call is `traced` to build the layers below, TensorFlow knows their weights
    as "model/kernel:0": Keras makes them when the outermost trace is over.
    """

    def __init__(self, name: str, traced: bool = False):
        self._name, self._traced = name, traced

    def __enter__(self):
        self._before = context.names, context.traced
        if not context.names or context.names[-1] != self._name:
            context.names += (self._name,)
        if self._traced and context.traced is None:
            context.traced = current_path()

    def __exit__(self, *exception):
        context.names, context.traced = self._before


class fresh_context:
    """A block whose calls know nothing of the calls around it."""

    def __enter__(self):
        self._before = (context.entered, context.training)
        context.entered, context.training = False, None

    def __exit__(self, *exception):
        context.entered, context.training = self._before


class state_kept:
    """A block that leaves a layer's weights, metrics and losses as they were.

    Weights that were made within it get their first values back.
    """

    def __init__(self, layer):
        self._layer = layer

    def __enter__(self):
        layers = self._layer._all_layers()
        self._losses = {id(layer): layer._losses[:] for layer in layers}
        metrics = [metric for layer in layers for metric in layer._own_metrics()]
        counted = [v for metric in metrics for v in metric.variables]
        states = [v for layer in layers for v in layer._states_between_calls()]
        kept = [*self._layer.variables, *counted, *states]
        self._values = [(v, _array(v.value)) for v in kept]
        self._outer, context.made = context.made, []

    def __exit__(self, *exception):
        for variable, value in self._values + context.made:
            variable.value = value
        for layer in self._layer._all_layers():
            layer._losses[:] = self._losses.get(id(layer), [])
        if self._outer is not None:
            self._outer += context.made
        context.made = self._outer


class open_batch_axis:
    """A block in which layers are built for any batch size: `(None, …)`.

    So builds `fit`, whose data set has batches of any size; a plain call of a
    model builds it for the batch at hand (keras/src/backend/tensorflow/trainer.py).
    """

    def __init__(self, is_open: bool = True):
        self._open = is_open

    def __enter__(self):
        self._before = context.open_batch
        context.open_batch = self._open

    def __exit__(self, *exception):
        context.open_batch = self._before


def current_path() -> str:
    """The names of the layers being built, joined by slashes."""
    return "/".join(context.names)


def _array(value):
    """Itself, or the array that a stand-in of another thread stands for: it may be gone
    when the value is set again."""
    is_foreign = isinstance(value, Handle) and value.trace is not recording.trace
    return value.example if is_foreign else value
