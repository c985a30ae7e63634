"""Counterpart: keras/src/trainers/data_adapters/__init__.py. Data in, batches out."""

import types

from minikeras.caller import warn
from minikeras.trainers.data_adapters.array_data_adapter import ArrayDataAdapter
from minikeras.trainers.data_adapters.data_adapter import DataAdapter
from minikeras.trainers.data_adapters.generator_data_adapter import (
    GeneratorDataAdapter,
)
from minikeras.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter
from minikeras.utils.py_dataset import PyDataset

__all__ = ["DataAdapter", "get_data_adapter"]


def get_data_adapter(
    x,
    y=None,
    sample_weight=None,
    batch_size=None,
    steps_per_epoch=None,
    shuffle=False,
    class_weight=None,
) -> DataAdapter:
    """The adapter for this kind of data; ValueError for what it cannot take."""
    if isinstance(x, DataAdapter):
        return x
    if isinstance(x, PyDataset):
        _refuse("PyDataset", y, sample_weight)
        if x.num_batches is None and shuffle:
            _warn_unshuffled("an infinite PyDataset")
        return PyDatasetAdapter(x, class_weight=class_weight, shuffle=shuffle)
    if isinstance(x, types.GeneratorType):
        _refuse("generator", y, sample_weight)
        if class_weight is not None:
            raise ValueError(
                "Argument `class_weight` is not supported for Python generator inputs. "
                f"Received: class_weight={class_weight}"
            )
        if shuffle:
            _warn_unshuffled("a generator")
        return GeneratorDataAdapter(x)
    return ArrayDataAdapter(
        x,
        y,
        sample_weight=sample_weight,
        batch_size=batch_size,
        steps=steps_per_epoch,
        shuffle=shuffle,
        class_weight=class_weight,
    )


def _refuse(kind: str, y, sample_weight) -> None:
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(
                f"When providing `x` as a {kind}, `{name}` should not be passed. "
                f"Instead, it should be included as part of the {kind}."
            )


def _warn_unshuffled(kind: str) -> None:
    warn(
        f"`shuffle=True` was passed, but will be ignored since the data `x` was "
        f"provided as {kind}, which is expected to be shuffled already."
    )
