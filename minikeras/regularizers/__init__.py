"""Counterpart: keras/src/regularizers/__init__.py. Penalties on weights."""

from minikeras import registry
from minikeras.naming import to_snake_case
from minikeras.regularizers.regularizers import (
    L1,
    L1L2,
    L2,
    OrthogonalRegularizer,
    Regularizer,
)

l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

FAMILY = registry.Family(
    title="regularizer",
    module="keras.regularizers",
    exports=[Regularizer, L1, L2, L1L2, OrthogonalRegularizer],
    spellings=lambda name: [to_snake_case(name)],
)


def serialize(regularizer):
    """The config of a regularizer: plain data."""
    return registry.serialize(regularizer)


def deserialize(config, custom_objects=None):
    """The regularizer that `serialize` described."""
    return registry.deserialize(config, FAMILY, custom_objects)


def get(identifier):
    """A regularizer from a name, a config, a class, a function or itself."""
    return FAMILY.get(identifier)
