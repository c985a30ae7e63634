"""Counterpart: keras/src/constraints/__init__.py. Bounds on weights."""

from minikeras import registry
from minikeras.constraints.constraints import (
    Constraint,
    MaxNorm,
    MinMaxNorm,
    NonNeg,
    UnitNorm,
)
from minikeras.naming import to_snake_case

max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

FAMILY = registry.Family(
    title="constraint",
    module="keras.constraints",
    exports=[Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm],
    spellings=lambda name: [to_snake_case(name)],
)


def serialize(constraint):
    """The config of a constraint: plain data."""
    return registry.serialize(constraint)


def deserialize(config, custom_objects=None):
    """The constraint that `serialize` described."""
    return registry.deserialize(config, FAMILY, custom_objects)


def get(identifier):
    """A constraint from a name, a config, a class, a function or itself."""
    return FAMILY.get(identifier)
