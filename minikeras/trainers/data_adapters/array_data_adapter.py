"""Counterpart: keras/src/trainers/data_adapters/array_data_adapter.py."""

import math
from collections.abc import Iterator

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.random import global_seed, shuffle_order
from minikeras.trainers.data_adapters.conversion import (
    as_data,
    check_finite,
    check_same_length,
    class_weight_to_sample_weights,
    to_tensor_dtype,
)
from minikeras.trainers.data_adapters.data_adapter import DataAdapter

_BLOCK_BYTES = 1 << 23  # rows are gathered in blocks of about this size


class ArrayDataAdapter(DataAdapter):
    """Batches of arrays that lie in memory or in a mapped file.

    With `shuffle=True` the order of the rows is tf.random.shuffle's: fresh each
    epoch, but the same one each epoch while a global seed stands (a finding on Keras
    3.15.1, see docs/semantics.md). `shuffle="batch"` shuffles within each batch only.
    """

    num_batches: int
    batch_size: int

    def __init__(
        self,
        x,
        y=None,
        sample_weight=None,
        batch_size=None,
        steps=None,
        shuffle=False,
        class_weight=None,
    ):
        x, y = as_data(x, "x"), as_data(y, "y")
        sample_weight = as_data(sample_weight, "sample_weight")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError(
                    "You cannot `class_weight` and `sample_weight` at the same time."
                )
            if tree.is_nested(y):
                raise ValueError(
                    "`class_weight` is only supported for Models with a single output."
                )
            sample_weight = class_weight_to_sample_weights(y, class_weight)
        elif sample_weight is not None and tree.is_nested(y):
            sample_weight = _per_output(sample_weight, y)
        self.num_samples = check_same_length(x, y, sample_weight)
        if batch_size is None:
            batch_size = math.ceil(self.num_samples / steps) if steps else 32
        self.batch_size = batch_size
        self.num_batches = max(1, math.ceil(self.num_samples / batch_size))
        self.shuffle = shuffle
        self.structure = (x, y, sample_weight)
        self._arrays = tree.flatten(self.structure)
        names = ("x", "y", "sample_weight")
        for name, part in zip(names, self.structure, strict=True):
            for array in tree.flatten(part):
                if array is not None and not check_finite(array, name):
                    self.is_finite = False
        row_bytes = sum(a.nbytes for a in self._arrays if a is not None)
        row_bytes = max(1, row_bytes // max(1, self.num_samples))
        batches = max(1, _BLOCK_BYTES // (row_bytes * batch_size))
        self._block = batches * batch_size
        self._is_converted = self._block >= self.num_samples
        if self._is_converted:  # small data: once is enough
            self._arrays = [None if a is None else _read_only(a) for a in self._arrays]

    def batches(self) -> Iterator[tuple]:
        order = self._order()
        flat = not any(tree.is_nested(part) for part in self.structure)
        size = self.batch_size
        for start in range(0, max(1, self.num_samples), self._block):
            stop = min(start + self._block, self.num_samples)
            rows = None if order is None else order[start:stop]
            block = [self._gather(a, start, stop, rows) for a in self._arrays]
            for i in range(0, max(1, stop - start), size):  # no rows: one empty batch
                leaves = [None if a is None else Tensor(a[i : i + size]) for a in block]
                if flat:
                    yield tuple(leaves)
                else:
                    yield tree.pack_sequence_as(self.structure, leaves)

    def _gather(self, array, start: int, stop: int, order) -> np.ndarray | None:
        """Some rows of an array, in the given order, in the dtype of the batches."""
        if array is None:
            return None
        rows = array[start:stop] if order is None else array.take(order, 0)
        return rows if self._is_converted else _read_only(rows)

    def _order(self) -> np.ndarray | None:
        if not self.shuffle:
            return None
        batch_size = self.batch_size if self.shuffle == "batch" else None
        return shuffle_order(self.num_samples, global_seed(), batch_size)


def _read_only(array: np.ndarray) -> np.ndarray:
    """The array in the dtype of its batches, which are views of it."""
    converted = to_tensor_dtype(array).view()
    converted.flags.writeable = False
    return converted


def _per_output(sample_weight, y):
    """One array of sample weights for each of several outputs."""
    if tree.is_nested(sample_weight):
        same_kind = isinstance(sample_weight, dict) == isinstance(y, dict)
        if not same_kind or len(tree.flatten(sample_weight)) != len(tree.flatten(y)):
            raise ValueError(
                "You should provide one `sample_weight` array per output in `y`. "
                f"The two structures did not match:\n- y: {type(y).__name__} of "
                f"{len(tree.flatten(y))}\n- sample_weight: "
                f"{type(sample_weight).__name__} of {len(tree.flatten(sample_weight))}"
            )
        return sample_weight
    if sample_weight.ndim > 2 or (
        sample_weight.ndim == 2 and sample_weight.shape[1] != 1
    ):
        raise ValueError(
            "For a model with multiple outputs, a single `sample_weight` array should "
            "have one scalar per sample (shape `(num_samples,)`). "
            f"Received: shape {sample_weight.shape}"
        )
    return tree.map_structure(lambda _: sample_weight, y)
