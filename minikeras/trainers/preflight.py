"""Checks on the whole data before the first step, so that a mistake costs nothing.

tf.keras has no counterpart: there a label out of range gives NaN or garbage.
"""

from minikeras import tree
from minikeras.autodiff import Tensor, stop_recording
from minikeras.caller import warn
from minikeras.layers.call_context import fresh_context, state_kept
from minikeras.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    sparse_categorical_crossentropy,
)
from minikeras.ops.crossentropy import integer_labels
from minikeras.trainers.data_adapters.array_data_adapter import ArrayDataAdapter
from minikeras.trainers.data_adapters.conversion import to_tensor_dtype

_OF_PROBABILITIES = (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
)


def check_before_training(model, training, validation) -> None:
    """ValueError for empty data, rows that do not fit the model, or bad labels."""
    for iterator, name in ((training, ""), (validation, "validation ")):
        if iterator is None or not isinstance(iterator.data_adapter, ArrayDataAdapter):
            continue
        adapter = iterator.data_adapter
        if not adapter.num_samples:
            raise ValueError(f"Expected {name}data with at least one row. Received: 0")
        if not model.has_plain_steps:
            continue  # nobody knows what those do with the data
        y = adapter.structure[1]
        if y is None and model.needs_targets:
            raise ValueError(
                f"The loss {model.loss!r} compares outputs with targets, but the "
                f"{name}data has no `y`. Received: y=None"
            )
        losses = tree.flatten(model._compile_loss._loss) if model._compile_loss else []
        if len(losses) > 1 and adapter is training.data_adapter:
            _warn_of_unused_losses(model, losses, y)
        _check_probabilities(losses, y)
        loss = model.loss_function
        is_sparse = getattr(loss, "fn", None) is sparse_categorical_crossentropy
        if is_sparse and not tree.is_nested(y):
            output = _output_of_a_batch(model, adapter)
            classes = tree.flatten(output)[0].shape[-1]
            ignored = getattr(loss, "ignore_class", None)
            integer_labels(y if ignored is None else y[y != ignored], classes)
        elif validation is not None:
            _output_of_a_batch(model, adapter)


def _warn_of_unused_losses(model, losses: list, y) -> None:
    if not tree.is_nested(y) and not isinstance(model.loss, dict):
        warn(
            f"`loss` lists {len(losses)} losses, but there is one target: as in Keras, "
            "the first alone trains a model with one output."
        )


def _check_probabilities(losses: list, y) -> None:
    """One warning if a label of a cross-entropy of probabilities is none."""
    targets = tree.flatten(y)
    if len(losses) == 1:
        losses = losses * len(targets)
    for loss, target in zip(losses, targets, strict=False):
        if getattr(loss, "fn", None) not in _OF_PROBABILITIES or target is None:
            continue
        if target.size and not (0 <= target.min() and target.max() <= 1):
            odd = (target < 0) | (target > 1)
            if odd.any():  # NaN is another matter
                row = int(odd.reshape(len(odd), -1).any(axis=1).argmax())
                warn(
                    f"The loss {loss.name!r} expects labels from 0 to 1, but `y` holds "
                    f"{target[odd][0]} in row {row}. For classes -1 and 1 there is "
                    "'hinge', for class numbers 'sparse_categorical_crossentropy'."
                )


def _output_of_a_batch(model, adapter):
    """The model's output for the first rows; changes no state but builds the model."""

    def first_rows(array):
        rows = None if array is None else array[: adapter.batch_size]
        return None if rows is None else Tensor(to_tensor_dtype(rows))

    x = tree.map_structure(first_rows, adapter.structure[0])
    with state_kept(model), fresh_context(), stop_recording():
        return model(x, training=False) if model._takes_training else model(x)
