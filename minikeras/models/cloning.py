"""Counterpart: keras/src/models/cloning.py."""

import warnings

from minikeras import tree
from minikeras.layers import Layer
from minikeras.losses import Loss
from minikeras.metrics import Metric
from minikeras.models.model import Model
from minikeras.models.sequential import Sequential
from minikeras.optimizers import Optimizer
from minikeras.trainers.trainer import Trainer


def clone_model(model: Model) -> Model:
    """A new model with the same layers and weights of its own, drawn anew.

    For models with a config: Sequential, and subclasses whose `get_config` and
    `from_config` fit. A compiled model gives a compiled one, with an optimizer and
    metrics of its own that start from nothing. ValueError for anything but a model.
    """
    if not isinstance(model, Model):
        raise ValueError(
            f"Expected a Model. Received: {model!r} (of type {type(model)})"
        )
    if isinstance(model, Sequential):
        clones = {id(layer): _anew(layer) for layer in model._layers}
        layers = [clones[id(layer)] for layer in model._layers]  # one may come twice
        clone: Model = Sequential(layers, trainable=model.trainable, name=model.name)
    else:
        clone = _anew(model)
    if model.compiled:
        _compile_alike(clone, model)
    return clone


def _compile_alike(clone: Model, model: Model) -> None:
    if type(clone).compile is not Trainer.compile:
        warnings.warn(
            f"{type(clone).__name__} has a `compile()` of its own, so its clone is not "
            "compiled: call `compile()` on it.",
            stacklevel=3,
        )
        return
    clone.compile(**tree.map_structure(_anew, model._compile_arguments))
    if clone.built and clone.optimizer is not None:
        clone.optimizer.build(clone.trainable_weights)


def _anew(part):
    """Another object with the config of this one; names and functions as they are."""
    if isinstance(part, (Layer, Loss, Metric, Optimizer)):
        return type(part).from_config(part.get_config())
    return part
