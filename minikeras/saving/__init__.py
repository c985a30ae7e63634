"""Counterpart: keras/saving (the public module). Objects as plain data and back.

Files (`save_model`, `load_weights`…) are not covered yet.
"""

from minikeras.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from minikeras.registry import deserialize as _deserialize
from minikeras.registry import serialize as serialize_keras_object

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "register_keras_serializable",
    "serialize_keras_object",
]


def deserialize_keras_object(config, custom_objects=None, safe_mode=True):
    """The object that `serialize_keras_object` described.

    `safe_mode` is accepted for Keras's sake: no config can run code here.
    """
    return _deserialize(config, custom_objects=custom_objects)
