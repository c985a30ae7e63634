"""Checks on the whole data before the first step, so that a mistake costs nothing.

tf.keras has no counterpart: there a label out of range gives NaN or garbage.
"""

from minikeras import tree
from minikeras.autodiff import Tensor, stop_recording
from minikeras.layers.call_context import fresh_context
from minikeras.losses import SparseCategoricalCrossentropy
from minikeras.ops.crossentropy import check_labels
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
        x, y, _ = adapter.structure
        loss = model.loss_function
        if isinstance(loss, SparseCategoricalCrossentropy) and not tree.is_nested(y):
            classes = _output_of_one_row(model, x).shape[loss.axis]
            check_labels(y, classes, ignore_class=loss.ignore_class)
        elif validation is not None:
            _output_of_one_row(model, x)


def _output_of_one_row(model, x):
    """The model's output for the first row; changes no state but builds the model."""

    def first_row(array):
        return None if array is None else Tensor(to_tensor_dtype(array[:1]))

    before = [(v, v.value) for v in model.variables]
    try:
        with fresh_context(), stop_recording():
            return model.predict_step((tree.map_structure(first_row, x),))
    finally:
        for variable, value in before:
            variable.value = value
