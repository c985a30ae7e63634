"""Every op in a graph gives what it gives on values; graphs in graphs; copies.

What tf.keras makes of the same graphs stands in parity/cases/functional.py.
"""

import copy
import pickle
import re

import numpy as np
import pytest

import minikeras as keras
from minikeras import layers, ops
from minikeras.autodiff import Tensor
from minikeras.graph import Function, KerasTensor
from parity.cases import functional, graphs
from tests.ops import (
    test_control,
    test_conv,
    test_elementwise,
    test_linalg,
    test_normalization,
    test_reduce,
    test_shape,
    test_statistics,
)
from tests.ops.rows import Row, outputs

FAMILIES = (
    test_control,
    test_conv,
    test_elementwise,
    test_linalg,
    test_normalization,
    test_reduce,
    test_shape,
    test_statistics,
)
# Rows whose function holds arrays of as many rows as its own data.
FIXED = {"where", "allclose-all", "take_along_axis", "bincount-weighted"}
# Loops whose body holds x itself, and results whose size depends on values.
LEFT_OUT = {"while_loop", "fori_loop", "nonzero", "get_item-positive"}
ROWS = [
    row
    for family in FAMILIES
    for row in family.ROWS
    if isinstance(row, Row) and row.arrays and repr(row) not in LEFT_OUT
]
X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_an_op_in_a_graph(row):
    """The row's own values, noted on KerasTensors and then done on the values."""
    is_open = row.batch and repr(row) not in FIXED
    shapes = [(None, *x.shape[1:]) if is_open else x.shape for x in row.arrays]
    dtypes = [x.dtype for x in row.arrays]
    symbols = [KerasTensor(*spec) for spec in zip(shapes, dtypes, strict=True)]
    noted = outputs(row.call(*symbols))
    function = Function(symbols, noted)
    expected = outputs(row.call(*map(Tensor, row.arrays)))
    actual = function([Tensor(x) for x in row.arrays])
    for symbol, theirs, ours in zip(noted, expected, actual, strict=True):
        np.testing.assert_array_equal(ours.value, theirs.value)
        assert symbol.dtype == theirs.value.dtype.name
        pairs = zip(symbol.shape, theirs.shape, strict=True)
        assert all(size in (None, found) for size, found in pairs)


def two_branches():
    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    shared = layers.Dense(3, activation="tanh", name="shared")
    joined = layers.Concatenate()([shared(x), 2.0 * shared(y)])
    return keras.Model([x, y], layers.Dense(2, name="last")(joined))


def test_the_arithmetic_of_a_graph():
    model = two_branches()
    kernel, bias, last, shift = model.get_weights()
    first, second = (np.tanh(v @ kernel + bias) for v in (X, X[::-1]))
    expected = np.concatenate([first, 2 * second], axis=1) @ last + shift
    # Sums of 4 and 6 products of numbers near 1.
    actual = model([X, X[::-1].copy()])
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


def test_a_composed_function_is_one_operation():
    x = keras.Input((4,))
    model = keras.Model(x, ops.normalize(x))
    assert [type(op).__name__ for op in model.operations] == ["InputLayer", "Normalize"]


def test_a_layer_shared_by_two_models_has_one_set_of_weights():
    model = two_branches()
    inner = keras.Model(model.input, model.get_layer("shared").output)
    assert inner.get_layer("shared") is model.get_layer("shared")
    model.compile("sgd", "mse")
    before = inner.predict([X, X], verbose=0)
    model.fit([X, X], X[:, :2], verbose=0)
    assert np.abs(inner.predict([X, X], verbose=0) - before).max() > 1e-4


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_copies_are_models_of_their_own(duplicate):
    model = two_branches()
    other = duplicate(model)
    np.testing.assert_array_equal(model([X, X]), other([X, X]))
    other.layers[2].kernel.assign(np.zeros((4, 3)))
    assert np.abs(model([X, X]).value - other([X, X]).value).max() > 1e-4


def test_training_said_in_the_graph_yields_to_what_the_call_says():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dropout(0.5)(x, training=True))
    assert (model(X).value == 0).any()
    np.testing.assert_array_equal(model(X, training=False), X)


def test_a_functional_step_is_repeated():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2)(layers.Dense(3, activation="relu")(x) + 1.0))
    model.compile("sgd", "mse")
    model.fit(X, X[:, :2], epochs=3, verbose=0)
    assert len(model._programs.programs) == 1


def test_an_input_of_another_structure_warns():
    model = two_branches()
    with pytest.warns(UserWarning, match="structure of `inputs`"):
        model([[X], [X]])


def test_a_key_that_is_no_name_warns():
    x = keras.Input((4,), name="x")
    with pytest.warns(UserWarning, match="Received key 'other'"):
        keras.Model({"other": x}, x + 1)


def test_every_op_is_asked_of_keras():
    """parity/cases/graphs.py goes over all functions of `ops`, or says why not."""
    asked = set(re.findall(r"ops\.(\w+)\(", functional.CALLS + graphs.MORE_CALLS))
    functions = {
        name
        for name, op in vars(ops).items()
        if callable(op) and name[0] != "_" and not isinstance(op, type)
    }
    assert functions == asked | graphs.NO_NODES
    assert not asked & graphs.NO_NODES
