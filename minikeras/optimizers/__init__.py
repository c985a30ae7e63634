"""Optimizers: what turns gradients into new weights."""

from minikeras import registry
from minikeras.optimizers import schedules
from minikeras.optimizers.adadelta import Adadelta
from minikeras.optimizers.adagrad import Adagrad
from minikeras.optimizers.adam import Adam
from minikeras.optimizers.adamax import Adamax
from minikeras.optimizers.adamw import AdamW
from minikeras.optimizers.ftrl import Ftrl
from minikeras.optimizers.lamb import Lamb
from minikeras.optimizers.lion import Lion
from minikeras.optimizers.nadam import Nadam
from minikeras.optimizers.optimizer import Optimizer
from minikeras.optimizers.rmsprop import RMSprop
from minikeras.optimizers.sgd import SGD

FAMILY = registry.Family(
    "optimizer",
    "keras.optimizers",
    [
        SGD,
        Adagrad,
        Adadelta,
        RMSprop,
        Adam,
        AdamW,
        Adamax,
        Nadam,
        Ftrl,
        Lion,
        Lamb,
    ],
    spellings=lambda name: [name.lower()],
)

__all__ = [
    *FAMILY.exports,
    "Optimizer",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]


def serialize(optimizer) -> dict:
    """The config of an optimizer, as Keras writes it."""
    return registry.serialize(optimizer)


def deserialize(config, custom_objects=None):
    """The optimizer that a config describes; its class name in any case."""
    name = config["class_name"]
    if name.lower() in FAMILY.names:
        config = {**config, "class_name": name.lower()}
    with registry.custom_object_scope(custom_objects or {}):
        return registry.deserialize(config, FAMILY)


def get(identifier):
    """An optimizer from its name, its config, or itself; None stays None.

    Names are understood in any case. As in Keras a class is refused: it could not
    say which learning rate is meant.
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        lower = identifier.lower()
        found = FAMILY.get(lower if lower in FAMILY.names else identifier)
    elif isinstance(identifier, dict):
        found = deserialize(identifier)
    else:
        found = identifier
    if isinstance(found, Optimizer):
        return found
    raise ValueError(
        f"Could not interpret optimizer identifier: {identifier!r}. Expected the name "
        "of an optimizer, its config, or an instance."
    )
