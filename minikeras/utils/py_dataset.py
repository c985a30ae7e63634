"""Counterpart: PyDataset of
keras/src/trainers/data_adapters/py_dataset_adapter.py."""


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
        raise NotImplementedError(
            f"{type(self).__name__} must define `__getitem__(self, index)` and return "
            "batch number `index`: a tuple (x, y)."
        )

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
