"""Counterpart: the tracking half of keras/src/layers/layer.py.

A layer's parts (weights, sublayers, metrics) are simply its attributes: nothing is
registered. The lists below are found by walking those attributes in the order in
which they were set, and kept until the structure of any layer changes.
"""

from functools import wraps

from minikeras.autodiff import Variable
from minikeras.autodiff.structure import (
    setting_changed,
    structure_changed,
    version,
)
from minikeras.layers.call_context import context
from minikeras.metrics import Metric
from minikeras.random import SeedGenerator

_PARTS = (Variable, Metric, SeedGenerator)


def cached(method):
    """A list-valued property, computed again only after a structural change."""
    name = method.__name__

    @wraps(method)
    def get(self):
        seen, found = self._lists.get(name, (None, None))
        if seen != version():
            found = method(self)
            # The structure may change while it is walked, by a property of the user's.
            self._lists[name] = (version(), found)
        return found

    return get


class Tracked:
    """Finds the variables, sublayers and metrics among an object's attributes.

    `Layer` fills in `trainable` and makes the other three, in `__new__`.
    """

    trainable: bool
    _lists: dict
    _trainable_own: list[Variable]
    _non_trainable_own: list[Variable]

    # Attributes whose contents are neither parts nor settings of the layer.
    _not_parts: frozenset[str] = frozenset(
        {
            "_lists",
            "_losses",
            "_init_arguments",
            "_trainable_own",
            "_non_trainable_own",
            "_accepted_shape",
            "_build_shapes",
            "_inbound_nodes",
            "_output_shape",
        }
    )

    def __setattr__(self, name, value):
        if name not in self._not_parts:
            for part in (value, self.__dict__.get(name)):
                if isinstance(part, (Tracked, *_PARTS, list, tuple, dict)):
                    structure_changed()
            if isinstance(value, Variable):
                self._track(value)
            if name[0] != "_":
                setting_changed()
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        structure_changed()
        object.__delattr__(self, name)

    def _track(self, variable: Variable) -> None:
        """Owns a weight. Keras keeps the trainable ones before the others."""
        known = [*self._trainable_own, *self._non_trainable_own]
        if any(variable is other for other in known):
            return
        own = self._trainable_own if variable.trainable else self._non_trainable_own
        own.append(variable)
        if not self.__dict__.get("_trainable", True):
            variable.trainable = False  # a frozen layer's weights are born frozen
        if context.made is not None:
            context.made.append((variable, variable.value))
        structure_changed()

    def _parts(self, kind) -> list:
        """The attributes of one kind, also inside lists, tuples and dicts."""
        found: dict[int, object] = {}
        for name, value in list(self.__dict__.items()):
            if name not in self._not_parts:
                _collect(value, kind, found)
        return list(found.values())

    @cached
    def _sublayers(self) -> list:
        return self._parts(Tracked)

    @cached
    def _all_layers(self) -> list:
        """This layer and all layers below it, each once; parts of a part last to first,
        as the losses of layers stand in Keras (keras/src/layers/layer.py).
        """
        found, waiting = {id(self): self}, self._sublayers()[::-1]
        while waiting:
            layer = waiting.pop()
            if id(layer) not in found:
                found[id(layer)] = layer
                waiting += layer._sublayers()
        return list(found.values())

    @cached
    def _own_weights(self) -> list:
        tracked = [*self._trainable_own, *self._non_trainable_own]
        return unique([*tracked, *self._parts(Variable)])

    @cached
    def _all_weights(self) -> list:
        below = [v for layer in self._sublayers() for v in layer._all_weights()]
        return unique([*self._own_weights(), *below])

    @cached
    def _all_variables(self) -> list:
        """The weights and the states of the seed generators."""
        seeds = [generator.state for generator in self._parts(SeedGenerator)]
        below = [v for layer in self._sublayers() for v in layer._all_variables()]
        return unique([*self._own_weights(), *seeds, *below])

    @cached
    def _trainable_weights(self) -> list:
        if not self.trainable:
            return []
        return [v for v in self._all_weights() if v.trainable]

    @cached
    def _own_metrics(self) -> list:
        return self._parts(Metric)

    @cached
    def _penalties(self) -> list:
        """The pairs (regularizer, weight) that add to the loss."""
        weights = self._trainable_weights()
        return [(v.regularizer, v) for v in weights if v.regularizer is not None]


def unique(items: list) -> list:
    """The items without repetitions, by identity, in order."""
    return list({id(item): item for item in items}.values())


def _collect(value, kind, found: dict) -> None:
    if isinstance(value, kind):
        found.setdefault(id(value), value)
    elif isinstance(value, (list, tuple)):
        for part in value:
            _collect(part, kind, found)
    elif isinstance(value, dict):
        for part in value.values():
            _collect(part, kind, found)
