"""Counterpart: keras/src/trainers/data_adapters/py_dataset_adapter.py."""

import itertools
import random
from collections.abc import Iterator

from minikeras.trainers.data_adapters.conversion import class_weight_to_sample_weights
from minikeras.trainers.data_adapters.data_adapter import DataAdapter, batch_to_tensors


class PyDataset:
    """A data set that makes its batches on demand: `self[i]` is batch number i.

    Subclasses define `__getitem__`, and `__len__` or `num_batches` (None for an
    endless one). Batches are made one after the other, in the process: `workers`,
    `use_multiprocessing` and `max_queue_size` are accepted for Keras's sake.
    """

    def __init__(self, workers=1, use_multiprocessing=False, max_queue_size=10):
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index):
        raise NotImplementedError

    @property
    def num_batches(self) -> int | None:
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            "You need to implement the `num_batches` property:\n\n"
            "@property\ndef num_batches(self):\n  return ..."
        )

    def on_epoch_begin(self) -> None:
        """Called at the beginning of every epoch."""

    def on_epoch_end(self) -> None:
        """Called at the end of every epoch."""


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
        indices = itertools.count()
        if self.num_batches is not None:
            indices = list(range(self.num_batches))
            if self._shuffle:
                random.shuffle(indices)
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
