"""Counterpart: keras/saving (the public module). Objects as plain data and back, and
models as files."""

from minikeras.registry import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from minikeras.registry import serialize as serialize_keras_object
from minikeras.saving.file_editor import KerasFileEditor
from minikeras.saving.saving_api import load_model, load_weights, save_model
from minikeras.saving.weights import save_weights

__all__ = [
    "CustomObjectScope",
    "KerasFileEditor",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]

# `load_model` makes models, whose classes are known once they are imported; they import
# this package too, so that it comes last.
import minikeras.models  # noqa: E402, F401
