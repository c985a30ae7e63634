"""Checks on the whole data before the first step, so that a mistake costs nothing.

tf.keras has no counterpart: there a label out of range gives NaN or garbage.
"""

from minikeras import tree
from minikeras.autodiff import Tensor, stop_recording
from minikeras.layers.call_context import fresh_context, state_kept
from minikeras.losses import sparse_categorical_crossentropy
from minikeras.ops.crossentropy import integer_labels
from minikeras.trainers.data_adapters.array_data_adapter import ArrayDataAdapter
from minikeras.trainers.data_adapters.conversion import to_tensor_dtype


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
        loss = model.loss_function
        is_sparse = getattr(loss, "fn", None) is sparse_categorical_crossentropy
        if is_sparse and not tree.is_nested(y):
            output = _output_of_a_batch(model, adapter)
            classes = tree.flatten(output)[0].shape[-1]
            ignored = getattr(loss, "ignore_class", None)
            integer_labels(y if ignored is None else y[y != ignored], classes)
        elif validation is not None:
            _output_of_a_batch(model, adapter)


def _output_of_a_batch(model, adapter):
    """The model's output for the first rows; changes no state but builds the model."""

    def first_rows(array):
        rows = None if array is None else array[: adapter.batch_size]
        return None if rows is None else Tensor(to_tensor_dtype(rows))

    x = tree.map_structure(first_rows, adapter.structure[0])
    with state_kept(model), fresh_context(), stop_recording():
        return model(x, training=False) if model._takes_training else model(x)
