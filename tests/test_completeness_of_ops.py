"""Every primitive is done by a row of a table, and every callback beside tf.keras.

A new op without a row, or without the name of the test that holds it, fails here.
"""

import importlib
import inspect
import pkgutil

import pytest

import minikeras
import tests.ops
from minikeras import callbacks, ops
from minikeras.autodiff import Tensor
from minikeras.program.work import Survey
from parity.cases import callbacks as parity_callbacks
from parity.cases import callbacks_ema, tensorboard
from tests.activations import test_activations
from tests.callbacks import test_callback_list, test_callbacks
from tests.losses import test_formulas, test_reduction
from tests.ops import (
    test_conv,
    test_crossentropy,
    test_embedding,
    test_linalg,
    test_nn,
    test_whole_sequences,
)
from tests.ops.rows import Row
from tests.random import test_random
from tests.regularizers import test_regularizers


def _modules(package):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".cli" not in found.name and "__main__" not in found.name:
            yield importlib.import_module(found.name)


def _primitives() -> dict:
    """The names of all ops, by the functions behind them."""
    return {
        op.raw: f"{op.__module__}.{op.__name__}"
        for module in _modules(minikeras)
        for op in vars(module).values()
        if inspect.isfunction(op) and hasattr(op, "raw")
    }


def _calls():
    """(what is called, with which arrays) of every row."""
    for module in _modules(tests.ops):
        for table in vars(module).values():
            if isinstance(table, list) and table and isinstance(table[0], Row):
                yield from ((row.call, row.arrays) for row in table)
    for name, options, _ in test_nn.ELEMENTWISE:
        yield (
            (lambda x, name=name, options=options: getattr(ops, name)(x, **options)),
            (test_nn.POINTS,),
        )
    for name, _ in test_nn.ROWWISE:
        yield getattr(ops, name), (test_nn.CUBE,)
    for function, x, _ in test_crossentropy.ROWS.values():
        yield function, (x,)
    for name, y_true, y_pred, options, _ in test_formulas.ROWS:
        yield test_formulas.call(name, options), (y_true, y_pred)
    for penalty in test_regularizers.MADE.values():
        yield penalty, (test_regularizers.X,)
    for op, _, arrays in test_whole_sequences.OPS.values():
        yield op, arrays


# What fits in no table, and the test that holds it.
TESTS = {
    "activations.activations._bounded_relu": test_activations.test_relu,
    "activations.activations.mish": test_activations.test_mish,
    "losses.reduction._reduced": test_reduction.test_mask_of_the_predictions,
    "ops.conv2d.conv2d": test_conv.test_op,
    "ops.core.as_new_tensor": test_activations.test_exponential_and_linear,
    "ops.crossentropy.sparse_from_softmax": (
        test_crossentropy.test_sparse_from_softmax_is_minus_log_p
    ),
    "ops.einstein._einsum": test_linalg.test_einsum,
    "ops.embedding._embedding": test_embedding.test_derivative,
    "ops.nn_axis._softmax": test_nn.test_several_axes_and_many_classes,
    "ops.nn_axis.dense": test_nn.test_dense,
    "random.random.masked": test_random.test_derivatives,
    "random.random.reordered": test_random.test_derivatives,
}


class Names(Survey):
    """A block whose primitives are noted."""

    def __init__(self):
        super().__init__()
        self.done: set = set()

    def append(self, entry):
        self.done.add(entry[0])


def test_every_primitive_has_a_row_or_a_test():
    found, done = _primitives(), set()
    for call, arrays in _calls():
        with Names() as noted:
            call(*map(Tensor, arrays))
        done |= noted.done
    without = [name for function, name in found.items() if function not in done]
    assert {name.removeprefix("minikeras.") for name in without} == set(TESTS)


# Callbacks that fit makes itself, that users subclass, or that have cases in files of
# their own, and what holds them.
ELSEWHERE = {
    "Callback": test_callbacks,
    "CallbackList": test_callback_list,
    "History": test_callbacks,
    "LambdaCallback": test_callbacks,
    "ProgbarLogger": test_callbacks,
    "SwapEMAWeights": callbacks_ema,
    "TensorBoard": tensorboard,
}


@pytest.mark.parametrize("name", callbacks.__all__)
def test_every_callback_has_a_parity_case_or_a_test(name):
    case = getattr(callbacks, name).__module__.rpartition(".")[2]
    assert hasattr(parity_callbacks, case) != (name in ELSEWHERE)
