"""Counterpart: keras/src/legacy/saving/legacy_h5_format.py. A model as one HDF5 file.

    attributes    model_config, training_config: JSON; keras_version, backend
    model_weights/      the weights of each layer (saving/legacy_weights.py)
    optimizer_weights/  the optimizer's variables, in their order

Keras wrote models so until version 3, and still does for names that end in `.h5` or
`.hdf5`. What it wrote is read with the same care as a `.keras` file: nothing is
imported or run, nothing outside the file is looked at.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from minikeras import lambdas
from minikeras.caller import warn
from minikeras.layers.loading import loading
from minikeras.registry import CustomObjectScope, serialize, serialize_sharing
from minikeras.saving.archive import may_write, written_whole
from minikeras.saving.h5_store import dataset_at, group_at, open_h5
from minikeras.saving.h5_texts import attribute_at
from minikeras.saving.legacy_config import (
    compile_config,
    legacy,
    training_config,
    upgraded,
)
from minikeras.saving.legacy_weights import (
    names_in,
    weights_by_name,
    weights_in_order,
    write_arrays,
    write_weights,
)
from minikeras.saving.plain_json import parse_json
from minikeras.saving.saving_lib import (
    KERAS_VERSION,
    making_model,
    model_of,
)

ENDINGS = (".h5", ".hdf5")


def save_h5(model, path: str, overwrite=True, include_optimizer=True) -> None:
    """Writes a model, with the optimizer if it is to be included, to an `.h5` file."""
    import json  # serves only files

    warn(
        "You are saving your model as an HDF5 file via `model.save()` or "
        "`keras.saving.save_model(model)`. This file format is considered legacy. "
        "We recommend using instead the native Keras format, e.g. "
        "`model.save('my_model.keras')` or "
        "`keras.saving.save_model(model, 'my_model.keras')`. "
    )
    if not may_write(path, overwrite):
        return
    entry = legacy(serialize_sharing(model))
    texts = {"model_config": {**entry, "class_name": type(model).__name__}}
    include_optimizer = include_optimizer and model.compiled
    if include_optimizer:
        texts["training_config"] = training_config(model.get_compile_config())
    if os.path.dirname(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with written_whole(path) as stream, open_h5(stream, "w") as file:
        group = file.create_group("model_weights")
        for owner in (file, group):
            owner.attrs["keras_version"] = KERAS_VERSION
            owner.attrs["backend"] = "tensorflow"
        for name, config in texts.items():
            file.attrs[name] = json.dumps(config, default=serialize).encode("utf8")
        write_weights(group, model)
        if include_optimizer:
            group = file.create_group("optimizer_weights")
            write_arrays(group, model.optimizer.variables)


def load_h5(path: str, custom_objects=None, compile=True, safe_mode=True):
    """The model in an `.h5` file; ValueError or OSError for what is none."""
    with (
        _opened(path) as file,
        CustomObjectScope(custom_objects or {}),
        lambdas.allowed(safe_mode is False),
        loading.from_file(),
    ):
        config = _json(file, "model_config")
        if config is None:
            raise ValueError(f"No model config found in the file at {path}.")
        model = model_of(upgraded(config))
        _assign(_read(weights_in_order, _weights(file, path), model))
        if not compile:
            return model
        told = _json(file, "training_config")
        if told is None:
            warn(
                "No training configuration found in the save file, so the model was "
                "*not* compiled. Compile it manually."
            )
            return model
        model.compile_from_config(compile_config(told))
        if model.optimizer is not None:
            _load_optimizer(file, model.optimizer)
        return model


def load_h5_weights(model, path: str, skip_mismatch=False, by_name=False) -> None:
    """Reads the weights of an `.h5` file, of a model or of weights alone; all that are
    wanted, or none."""
    pairs = weights_by_name if by_name else weights_in_order
    with _opened(path) as file:
        alone = "layer_names" in file.attrs or "model_weights" not in file
        group = file if alone else _weights(file, path)
        _assign(_read(pairs, group, model, skip_mismatch))


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    """The file, within a block in which whatever is wrong with it is a ValueError."""
    with open_h5(path, "r") as file, making_model(os.path.getsize(path), path):
        yield file


def _json(file, name: str) -> Any:
    if name not in file.attrs:
        return None
    text = attribute_at(file, name)
    if not isinstance(text, (str, bytes)):
        raise ValueError(
            f"Expected a text in JSON as the attribute {name!r}. Received: {text!r:.80}"
        )
    return parse_json(text, f"The attribute {name!r}")


def _weights(file, path: str):
    group = group_at(file, "model_weights")
    if group is None:
        raise ValueError(f"{path!r} has no group of weights 'model_weights'")
    return group


def _read(pairs, *args) -> dict:
    """{variable: array}: all is read before anything is changed."""
    # The last of several arrays for a variable counts, and is read alone.
    wanted = {variable: stored for variable, stored in pairs(*args)}
    return {variable: np.array(stored) for variable, stored in wanted.items()}


def _assign(values: dict) -> None:
    for variable, array in values.items():
        variable.assign(array)


def _load_optimizer(file, optimizer) -> None:
    """Reads the optimizer's variables, or warns that they do not fit."""
    group = group_at(file, "optimizer_weights")
    if group is None:
        return
    names = names_in(group, "weight_names")
    called = [name.rpartition("/")[2].partition(":")[0] for name in names]
    variables = optimizer.variables
    if "learning_rate" not in called:  # a schedule, or Keras 2, which kept no variable
        variables = [v for v in variables if v.name != "learning_rate"]
    if set(called) <= {"iteration", "learning_rate"}:  # it took no step yet
        variables = variables[: len(called)]
    # Before Keras 2.11 the counter was called "iter", and the order was another.
    if called[:1] == ["iteration"] and len(names) == len(variables):
        stored = [dataset_at(group, name) for name in names]
        if [array.shape for array in stored] == [v.shape for v in variables]:
            arrays = [np.array(array) for array in stored]
            _assign(dict(zip(variables, arrays, strict=True)))
            return
    warn(
        "Error in loading the saved optimizer state. As a result, your model is "
        "starting with a freshly initialized optimizer."
    )
