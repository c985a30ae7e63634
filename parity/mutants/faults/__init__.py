"""All faults, by family."""

from parity.mutants.faults import (
    layers,
    losses,
    ops,
    recurrent,
    training,
    values,
)

FAULTS = [
    *values.FAULTS,
    *losses.FAULTS,
    *ops.FAULTS,
    *layers.FAULTS,
    *recurrent.FAULTS,
    *training.FAULTS,
]
