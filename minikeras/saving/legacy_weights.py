"""Counterpart: the weights half of keras/src/legacy/saving/legacy_h5_format.py.

Where the weights stand in an `.h5` file. A group has a list of names among its
attributes, and what they name within it:

    layer_names = ["dense", "dense_1"]
    dense/            weight_names = ["chain/dense/kernel", "chain/dense/bias"]
    dense/chain/dense/kernel    an array
    top_level_model_weights/    the same for the model's own weights

Neither classes nor attributes are told apart: the n-th layer that has weights gets
those of the n-th group that has some, or, `by_name`, of the group of its name. A
layer's trainable weights come first, whatever order it made them in.
"""

from collections.abc import Iterator

import numpy as np

from minikeras.autodiff import Variable, as_array
from minikeras.caller import warn
from minikeras.saving.h5_store import dataset_at, group_at
from minikeras.saving.h5_texts import attribute_at

OWN = "top_level_model_weights"
# HDF5 keeps an attribute of at most 64 KB: a longer list stands in pieces.
LONGEST = 64512
_MOST_PIECES = 1000
_UNBUILT = (
    " An `.h5` file does not say what a subclassed model was built for: make it in "
    "code, call it on some data, and use `model.load_weights(path)`."
)


def write_weights(group, model) -> None:
    """Writes the weights of a model."""
    write_names(group, "layer_names", [layer.name for layer in model.layers])
    for layer in sorted(model.layers, key=lambda layer: layer.name):
        write_arrays(group.create_group(layer.name), _in_order(layer))
    write_arrays(group.create_group(OWN), _own(model))


def write_arrays(group, variables: list[Variable]) -> None:
    """Writes each variable at its path, and the list of the paths."""
    paths = _unique([str(variable.path) for variable in variables])
    write_names(group, "weight_names", paths)
    for path, variable in zip(paths, variables, strict=True):
        group[path] = as_array(variable)


def _unique(paths: list[str]) -> list[str]:
    """Layers of two models may have one name, and their weights one path."""
    found: dict[str, None] = {}
    for path in paths:
        number, place = 0, path
        while place in found:
            number += 1
            place = f"{path}_{number}"
        found[place] = None
    return list(found)


def write_names(group, name: str, names: list[str]) -> None:
    """Writes a list of names as an attribute: `name`, or `name0`, `name1`…"""
    encoded = [each.encode("utf8") for each in names]
    if any(len(each) > LONGEST for each in encoded):
        raise ValueError(f"A name is longer than the {LONGEST} bytes of an attribute")
    count, pieces = 1, [np.asarray(encoded)]
    while any(piece.nbytes > LONGEST for piece in pieces):
        count += 1
        pieces = np.array_split(np.asarray(encoded), count)
    if count == 1:
        group.attrs[name] = encoded
        return
    for i, piece in enumerate(pieces):
        group.attrs[f"{name}{i}"] = piece


def names_in(group, name: str) -> list[str]:
    """The list that `write_names` wrote; [] if there is none."""
    if name in group.attrs:
        found = _strings(group, name)
    else:
        found = []
        for i in range(_MOST_PIECES):
            if f"{name}{i}" not in group.attrs:
                break
            found += _strings(group, f"{name}{i}")
    if len(set(found)) < len(found):
        raise ValueError(f"A name is there twice in {name!r} of {group.name!r}")
    return found


def _strings(group, attribute: str) -> list[str]:
    found = attribute_at(group, attribute)
    if isinstance(found, np.ndarray) and found.size == 0:
        return []  # written as floats: there is nothing that tells the type
    if isinstance(found, np.ndarray) and found.dtype.kind == "S" and found.ndim == 1:
        return [each.decode("utf8", "replace") for each in found]
    if not isinstance(found, list):
        raise ValueError(
            f"Expected a list of names as the attribute {attribute!r} of "
            f"{group.name!r}. Received: {found!r:.80}"
        )
    return found


def weights_in_order(group, model, skip_mismatch=False) -> Iterator[tuple]:
    """(variable, array in the file) for each weight of a model, layer by layer."""
    layers = [layer for layer in model.layers if layer.weights]
    stored = [(name, *_layer(group, name)) for name in names_in(group, "layer_names")]
    stored = [row for row in stored if row[-1]]
    if len(stored) != len(layers):
        raise ValueError(
            "Layer count mismatch when loading weights from file. "
            f"Model expected {len(layers)} layers, found {len(stored)} saved layers."
            + ("" if model.built else _UNBUILT)
        )
    for k, (layer, (name, place, names)) in enumerate(zip(layers, stored, strict=True)):
        title = f"layer #{k} (named {layer.name}, and {name} in the file)"
        if _counts_agree(title, _in_order(layer), names):
            yield from _pairs(title, _in_order(layer), place, names, skip_mismatch)
    yield from _own_weights(group, model, skip_mismatch, False)


def weights_by_name(group, model, skip_mismatch=False) -> Iterator[tuple]:
    """The same for the layers whose names the file knows."""
    for k, name in enumerate(names_in(group, "layer_names")):
        title = f"layer #{k} (named {name})"
        place, names = _layer(group, name)
        for layer in model.layers:
            if layer.name == name:
                if _counts_agree(title, _in_order(layer), names, skip_mismatch):
                    wanted = _in_order(layer)
                    yield from _pairs(title, wanted, place, names, skip_mismatch)
    yield from _own_weights(group, model, skip_mismatch, skip_mismatch)


def _own_weights(group, model, skip_mismatch, skip_counts) -> Iterator[tuple]:
    if OWN in group:  # files of before Keras 2.6 have none
        (place, names), title = _layer(group, OWN), "top-level model"
        if _counts_agree(title, _own(model), names, skip_counts):
            yield from _pairs(title, _own(model), place, names, skip_mismatch)


def _layer(group, name: str) -> tuple:
    """(the group of a layer, the names of its arrays)"""
    found = group_at(group, name)
    if found is None:
        raise ValueError(f"The file lists the layer {name!r}, but has no such group")
    return found, names_in(found, "weight_names")


def _counts_agree(title: str, variables, names, skip_mismatch=False) -> bool:
    # Looked at before any array is: a forged list may be long.
    if len(variables) == len(names):
        return True
    message = (
        f"Weight count mismatch for {title}: the model expects {len(variables)} "
        f"weight(s). Received {len(names)} saved weight(s)"
    )
    if not skip_mismatch:
        raise ValueError(message)
    warn(f"Skipping loading of weights. {message}")
    return False


def _pairs(title: str, variables, group, names, skip_mismatch: bool) -> Iterator[tuple]:
    for variable, name in zip(variables, names, strict=True):
        array = dataset_at(group, name)
        if variable.shape == array.shape:
            yield variable, array
            continue
        message = (
            f"Shape mismatch in {title} for weight {variable.path}. Weight expects "
            f"shape {variable.shape}. Received saved weight with shape {array.shape}"
        )
        if not skip_mismatch:
            raise ValueError(message)
        warn(f"Skipping loading weights. {message}")


def _in_order(layer) -> list[Variable]:
    return layer.trainable_weights + layer.non_trainable_weights


def _own(model) -> list[Variable]:
    """The weights that a model made by its own `add_weight`, in that order."""
    return [*model._trainable_own, *model._non_trainable_own]
