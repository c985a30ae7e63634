"""Learning rates that change with the step."""

from minikeras import registry
from minikeras.optimizers.schedules.learning_rate_schedule import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

FAMILY = registry.Family(
    "learning rate schedule",
    "keras.optimizers.schedules",
    [
        CosineDecay,
        CosineDecayRestarts,
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    ],
)

__all__ = [*FAMILY.exports, "LearningRateSchedule", "deserialize", "serialize"]


def serialize(learning_rate_schedule) -> dict:
    """The config of a schedule, as Keras writes it."""
    return registry.serialize(learning_rate_schedule)


def deserialize(config, custom_objects=None):
    """The schedule that a config describes."""
    return registry.deserialize(config, FAMILY, custom_objects)
