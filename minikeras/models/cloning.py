"""Counterpart: keras/src/models/cloning.py."""

from minikeras import registry, tree
from minikeras.caller import warn
from minikeras.graph import KerasTensor, Operation
from minikeras.layers import Input
from minikeras.losses import Loss
from minikeras.metrics import Metric
from minikeras.models.functional import Functional, takes_a_graph
from minikeras.models.model import Model
from minikeras.models.sequential import Sequential
from minikeras.optimizers import Optimizer
from minikeras.trainers.trainer import Trainer


def clone_model(
    model,
    input_tensors=None,
    clone_function=None,
    call_function=None,
    recursive=False,
) -> Model:
    """A new model with the same layers and weights of its own, drawn anew; compiled if
    `model` is.

    `clone_function(layer)` gives the new layer for each one, by default one with the
    same config; `call_function(layer, *args, **kwargs)` calls it in a functional model.
    `recursive` goes into the models inside. `input_tensors` are the new model's inputs.
    Other models need a config: ValueError for what is no model.
    """
    if not isinstance(model, Model):
        raise ValueError(
            f"Expected a Model. Received: {model!r} (of type {type(model)})"
        )
    if call_function is not None and not isinstance(model, Functional):
        raise ValueError(
            "`call_function` serves functional models only: in others no layer is "
            f"called when the model is made. Received: {model!r}"
        )
    others = clone_function is not None or input_tensors is not None
    copy_of = _copying(clone_function or _anew, call_function, recursive)
    clone: Model
    if isinstance(model, Sequential):
        clone = _cloned_chain(model, copy_of, input_tensors)
    elif isinstance(model, Functional) and (others or _has_graph_config(model)):
        clone = _cloned_graph(model, copy_of, call_function or _call, input_tensors)
    elif others:
        raise ValueError(
            "`clone_function` and `input_tensors` serve Sequential and functional "
            f"models only. Received: {model!r}"
        )
    else:
        own = {type(model).__name__: type(model)}
        return registry.deserialize(registry.serialize(model), custom_objects=own)
    if model.compiled:
        _compile_alike(clone, model)
    return clone


def _compile_alike(clone: Model, model: Model) -> None:
    if type(clone).compile is not Trainer.compile:
        warn(
            f"{type(clone).__name__} has a `compile()` of its own, so its clone is not "
            "compiled: call `compile()` on it."
        )
        return
    clone.compile(**tree.map_structure(_anew, model._compile_arguments))
    if clone.built and clone.optimizer is not None:
        clone.optimizer.build(clone.trainable_weights)


def _anew(part):
    """Another object with the config of this one; names and functions as they are."""
    if isinstance(part, (Operation, Loss, Metric, Optimizer)):
        return type(part).from_config(part.get_config())
    return part


def _has_graph_config(model: Functional) -> bool:
    return type(model).get_config is Functional.get_config


def _call(layer, *args, **kwargs):
    return layer(*args, **kwargs)


def _copying(clone_function, call_function, recursive):
    """The copy of each layer, one for all of its calls."""
    copies: dict = {}

    def copy_of(layer):
        if layer not in copies:
            inside = recursive and isinstance(layer, (Sequential, Functional))
            graph = isinstance(layer, Functional)
            copies[layer] = (
                clone_model(
                    layer,
                    clone_function=copy_of,
                    call_function=call_function if graph else None,
                    recursive=True,
                )
                if inside
                else clone_function(layer)
            )
        return copies[layer]

    return copy_of


def _cloned_chain(model: Sequential, copy_of, input_tensors) -> Sequential:
    layers = [copy_of(layer) for layer in model.layers]
    given = tree.flatten(input_tensors) if input_tensors is not None else []
    if input_tensors is not None and len(given) != 1:
        raise ValueError(
            f"A Sequential model has one input. Received: input_tensors={input_tensors}"
        )
    _check_symbolic(given)
    first = model._input
    if given:
        shape, dtype = given[0].shape, given[0].dtype
        layers.insert(0, Input(batch_shape=shape, dtype=dtype))
    elif first is not None:
        layers.insert(0, _anew(first))
    return Sequential(layers, name=model.name, trainable=model.trainable)


def _cloned_graph(model: Functional, copy_of, call, inputs) -> Functional:
    if inputs is None:
        inputs = tree.map_structure(
            lambda x: Input(batch_shape=x.shape, dtype=x.dtype, name=x.name),
            model.input,
        )
    _check_symbolic(tree.flatten(inputs))
    if len(tree.flatten(inputs)) != len(model.inputs):
        raise ValueError(
            f"Model '{model.name}' has {len(model.inputs)} inputs. "
            f"Received: input_tensors={inputs}"
        )
    known = dict(zip(map(id, model.inputs), tree.flatten(inputs), strict=True))
    for operation, fill, outputs in model._plan():
        args, kwargs = fill(known)
        results = tree.flatten(call(copy_of(operation), *args, **kwargs))
        known.update(zip(outputs, results, strict=True))
    outputs = tree.pack_sequence_as(model.output, [known[id(x)] for x in model.outputs])
    cls = type(model) if takes_a_graph(type(model)) else Functional
    return cls(inputs, outputs, name=model.name)


def _check_symbolic(inputs: list) -> None:
    odd = [x for x in inputs if not isinstance(x, KerasTensor)]
    if odd:
        raise ValueError(
            f"Expected KerasTensors as `input_tensors`. Received: {odd[0]!r}"
        )
