"""Counterpart: keras/src/trainers/data_adapters/generator_data_adapter.py."""

import itertools
from collections.abc import Iterator

from minikeras.trainers.data_adapters.data_adapter import DataAdapter, batch_to_tensors


class GeneratorDataAdapter(DataAdapter):
    """Batches as a Python generator yields them: (x,), (x, y) or (x, y, weights).

    A generator is read once: later epochs go on where the last one stopped.
    """

    def __init__(self, generator):
        first = next(generator, None)
        if first is None:
            raise ValueError(
                "When passing a Python generator to a Keras model, the generator must "
                "yield at least one batch. Received an empty generator."
            )
        if not isinstance(first, tuple):
            raise ValueError(
                "When passing a Python generator to a Keras model, the generator must "
                "return a tuple, either (input,) or (inputs, targets) or (inputs, "
                f"targets, sample_weights). Received: {first}"
            )
        self._batches = itertools.chain([first], generator)

    def batches(self) -> Iterator[tuple]:
        for batch in self._batches:
            yield batch_to_tensors(batch)
