"""Counterpart: keras/src/trainers/epoch_iterator.py. The steps of an epoch.

Who owns what:
* the data adapter knows the data: order, batches, how many there are;
* the EpochIterator knows the steps: how many make an epoch, which batches go
  together in one execution, what happens when the data runs out;
* the trainer knows neither.
"""

import itertools
from collections.abc import Iterator

from minikeras.caller import warn
from minikeras.trainers.data_adapters import get_data_adapter


class EpochIterator:
    """Iterating gives `(first step, last step, batches)` for one epoch.

    Without `steps_per_epoch` an epoch is the whole data. With it an epoch is that
    many steps: the next epoch goes on where the last one stopped, and finite data
    starts again only when an epoch used it up exactly. Where data of unknown length
    end, one more step comes, without batches.
    """

    def __init__(
        self,
        x,
        y=None,
        sample_weight=None,
        batch_size=None,
        steps_per_epoch=None,
        shuffle=False,
        class_weight=None,
        steps_per_execution=1,
    ):
        self.steps_per_epoch = steps_per_epoch
        self.steps_per_execution = steps_per_execution
        self.data_adapter = get_data_adapter(
            x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight
        )
        self._known_batches = self.data_adapter.num_batches
        self._batches: Iterator | None = None
        self._seen = 0

    @property
    def num_batches(self) -> int | None:
        """The steps of an epoch; None until an epoch of unknown length is over."""
        return self.steps_per_epoch or self._known_batches

    @property
    def has_open_batches(self) -> bool:
        """Whether batches may differ in size: then `fit` builds for any size."""
        adapter = self.data_adapter
        rows = getattr(adapter, "num_samples", None)
        return rows is None or bool(rows % adapter.batch_size)

    def reset(self) -> None:
        """Forgets where the last epoch stopped."""
        self._batches = None
        self._known_batches = self.data_adapter.num_batches
        # Keras ends an epoch here too: a PyDataset sees it before the first epoch.
        self.data_adapter.on_epoch_end()

    def __iter__(self) -> Iterator[tuple]:
        self.data_adapter.on_epoch_begin()
        if self._batches is None or self.steps_per_epoch is None:
            self._batches = self.data_adapter.batches()
            self._seen = 0
        size, limit = self.steps_per_execution, self.steps_per_epoch
        limit = limit or self._known_batches
        for step in range(0, limit, size) if limit else itertools.count(0, size):
            used_up = self._known_batches and self._seen >= self._known_batches
            group = () if used_up else tuple(itertools.islice(self._batches, size))
            self._seen += size
            if not group:
                if not used_up:  # found out only after the step has begun, as in Keras
                    yield step, step + size - 1, group
                self._ran_out()
                break
            yield step, step + size - 1, group
        if self._known_batches and self._seen >= self._known_batches:
            self._batches = None
        self.data_adapter.on_epoch_end()

    def _ran_out(self) -> None:
        self._batches = None
        if self._known_batches is None:
            self._known_batches = self._seen  # the step that failed with them
        warn(
            "Your input ran out of data; interrupting training. Make sure that your "
            "dataset or generator can generate at least `steps_per_epoch * epochs` "
            "batches. You may need to use the `.repeat()` function when building your "
            "dataset."
        )
