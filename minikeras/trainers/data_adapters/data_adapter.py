"""Counterpart: keras/src/trainers/data_adapters/data_adapter.py."""

from collections.abc import Iterator

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.trainers.data_adapters.conversion import as_data, to_tensor_dtype


class DataAdapter:
    """Turns one kind of data into batches `(x, y, sample_weight)` of Tensors.

    Subclasses define `batches`, and `num_batches` and `batch_size` where these
    are known (None otherwise).
    """

    num_batches: int | None = None
    batch_size: int | None = None
    is_finite = True  # False once somebody has been told that the data hold NaN or inf

    def batches(self) -> Iterator[tuple]:
        """The batches of one epoch (of all epochs, for endless data)."""
        raise NotImplementedError

    def on_epoch_begin(self) -> None:
        """Called before an epoch's first batch."""

    def on_epoch_end(self) -> None:
        """Called before the first epoch, and after each."""


def batch_to_tensors(batch: tuple, names=("x", "y", "sample_weight")) -> tuple:
    """The arrays of a batch that a user's data set made, as Tensors."""

    def convert(array):
        return None if array is None else Tensor(to_tensor_dtype(np.asarray(array)))

    if len(batch) > len(names):
        raise ValueError(
            "A batch is expected to be in format `(x,)`, `(x, y)`, or "
            f"`(x, y, sample_weight)`. Received {len(batch)} parts."
        )
    # A Series stays a vector here, unlike in `fit(x, y)`: so it does in Keras.
    checked = [as_data(x, n, columns=False) for x, n in zip(batch, names, strict=False)]
    return tuple(tree.map_structure(convert, part) for part in checked)
