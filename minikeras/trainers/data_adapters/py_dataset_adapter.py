"""Counterpart: keras/src/trainers/data_adapters/py_dataset_adapter.py."""

import itertools
import random
from collections.abc import Iterable, Iterator

from minikeras.trainers.data_adapters.conversion import class_weight_to_sample_weights
from minikeras.trainers.data_adapters.data_adapter import DataAdapter, batch_to_tensors
from minikeras.utils.py_dataset import PyDataset


class PyDatasetAdapter(DataAdapter):
    """Batches of a PyDataset, in shuffled order if asked for (Python's `random`)."""

    def __init__(self, dataset: PyDataset, class_weight=None, shuffle=False):
        self._dataset = dataset
        self._class_weight = class_weight
        self._shuffle = shuffle
        self.num_batches = dataset.num_batches
        if self.num_batches == 0:
            raise ValueError("The PyDataset has length 0")

    def batches(self) -> Iterator[tuple]:
        indices: Iterable[int] = itertools.count()
        if self.num_batches is not None:
            indices = order = list(range(self.num_batches))
            if self._shuffle:
                random.shuffle(order)
        for i in indices:
            yield batch_to_tensors(self._standardize(self._dataset[i]))

    def _standardize(self, batch) -> tuple:
        if isinstance(batch, (list, tuple)) and 1 <= len(batch) <= 3:
            batch = tuple(batch)
        elif isinstance(batch, dict) or hasattr(batch, "__array__"):
            batch = (batch,)
        else:
            raise ValueError(
                "PyDataset.__getitem__() must return a tuple or a dict. If a tuple, it "
                "must be ordered either (input,) or (inputs, targets) or (inputs, "
                f"targets, sample_weights). Received: {str(batch)[:100]}... of type "
                f"{type(batch)}"
            )
        if self._class_weight is None or len(batch) < 2:
            return batch
        if len(batch) == 3:
            raise ValueError(
                "You cannot specify `class_weight` and `sample_weight` at the same "
                "time."
            )
        weights = class_weight_to_sample_weights(batch[1], self._class_weight)
        return (*batch, weights)

    def on_epoch_begin(self) -> None:
        self._dataset.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self._dataset.on_epoch_end()
        self.num_batches = self._dataset.num_batches
