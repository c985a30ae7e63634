"""Counterpart: keras/src/trainers/data_adapters/generator_data_adapter.py."""

import itertools
from collections.abc import Iterator

from minikeras.trainers.data_adapters.data_adapter import DataAdapter, batch_to_tensors

_PEEKED = 2  # Keras looks at so many batches for their shapes


class GeneratorDataAdapter(DataAdapter):
    """Batches as a Python generator yields them: (x,), (x, y) or (x, y, weights).

    A generator is read once. Where reading starts anew (in each validation of a
    `fit`, and after the end of a finite generator), the first two batches come
    again, and then what the generator has not given yet: a quirk of Keras, which
    puts the batches that it peeked at back in front each time.
    """

    def __init__(self, generator):
        self._generator = generator
        self._first = list(itertools.islice(generator, _PEEKED))
        if not self._first:
            raise ValueError(
                "When passing a Python generator to a Keras model, the generator must "
                "yield at least one batch. Received an empty generator."
            )
        if not isinstance(self._first[0], tuple):
            raise ValueError(
                "When passing a Python generator to a Keras model, the generator must "
                "return a tuple, either (input,) or (inputs, targets) or (inputs, "
                f"targets, sample_weights). Received: {self._first[0]}"
            )

    def batches(self) -> Iterator[tuple]:
        for batch in itertools.chain(self._first, self._generator):
            yield batch_to_tensors(batch)
