"""The gradient of a table as a list of rows, up to the optimizer."""

import numpy as np
import pytest

from minikeras import optimizers
from minikeras.autodiff import GradientTape, IndexedSlices, Slices, Tensor, Variable
from minikeras.ops import embedding, take

ROWS = np.array([2, 0, 2, 2])
VALUES = np.array([[1.0, 2], [3, 4], [5, -6], [-7, 8]])
DENSE = np.array([[3.0, 4], [0, 0], [-1, 4], [0, 0]])


def slices():
    return Slices(VALUES.copy(), ROWS, (4, 2))


def test_it_is_an_array_to_numpy():
    g = slices()
    assert (g.shape, g.size, g.dtype) == ((4, 2), 8, np.float64)
    np.testing.assert_array_equal(np.asarray(g), DENSE)
    for y in (2.0 * g, g * 2, np.float32(2) * g, g / 0.5, np.ones((4, 2)) * g * 2):
        assert type(y) is np.ndarray
        np.testing.assert_array_equal(y, 2 * DENSE)
    np.testing.assert_array_equal(np.ones(2) - g, 1 - DENSE)
    np.testing.assert_array_equal(np.abs(g), abs(DENSE))
    assert g.astype("float32").dtype == np.float32


def test_sums_over_the_list():
    g = slices()
    assert g.squared().tolist() == [[9, 16], [0, 0], [75, 104], [0, 0]]
    assert g.magnitudes().tolist() == [[3, 4], [0, 0], [13, 16], [0, 0]]


def test_a_sum_of_two_is_one_list_and_with_an_array_an_array():
    both = slices() + slices().with_values(-VALUES)
    assert type(both) is Slices
    assert both.rows.tolist() == [2, 0, 2, 2, 2, 0, 2, 2]
    assert not np.asarray(both).any() and both.squared().any()
    before = both
    both += slices()
    assert type(both) is Slices and len(both.rows) == 12 and len(before.rows) == 8
    for total in (slices() + np.ones((4, 2)), np.ones((4, 2)) + slices()):
        assert type(total) is np.ndarray
        np.testing.assert_array_equal(total, DENSE + 1)


def test_nothing_looked_up():
    g = Slices(np.zeros((0, 2)), np.zeros(0, int), (4, 2))
    np.testing.assert_array_equal(np.asarray(g), np.zeros((4, 2)))
    np.testing.assert_array_equal(g.squared(), np.zeros((4, 2)))


def gradient(function, start):
    variable = Variable(start, dtype="float64")
    with GradientTape() as tape:
        y = function(variable)
    return tape.gradient(y, variable)


@pytest.mark.parametrize(
    "look_up", [embedding, lambda rows, table: take(table, rows, axis=0)]
)
def test_only_a_variable_gets_slices(look_up):
    start = np.arange(8.0).reshape(4, 2)
    g = gradient(lambda v: look_up(ROWS, v), start)
    assert isinstance(g, IndexedSlices)
    assert g.indices.value.tolist() == ROWS.tolist()
    assert g.values.shape == (4, 2) and g.dense_shape.value.tolist() == [4, 2]
    ones = [[1, 1], [0, 0], [3, 3], [0, 0]]
    assert g.value.tolist() == ones
    twice = gradient(lambda v: look_up(ROWS, v) + look_up(ROWS[::-1], v), start)
    assert twice.indices.shape == (8,)
    with_more = gradient(lambda v: look_up(ROWS, v) + v, start)
    assert type(with_more) is Tensor
    assert (with_more.value == np.add(ones, 1)).all()
    of_an_op = gradient(lambda v: look_up(ROWS, v * 2.0), start)
    assert type(of_an_op) is Tensor
    assert (of_an_op.value == np.multiply(ones, 2)).all()


def test_take_from_the_end():
    g = gradient(lambda v: take(v, [-1, 1], axis=0), np.zeros((4, 2)))
    assert g.value[:, 0].tolist() == [0, 1, 0, 1]


MADE = {
    "sgd": lambda: optimizers.SGD(0.1, 0.9),
    "adam": lambda: optimizers.Adam(0.1),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.1, momentum=0.5, centered=True),
    "adamax": lambda: optimizers.Adamax(0.1),
    "nadam": lambda: optimizers.Nadam(0.1),
    "adadelta": lambda: optimizers.Adadelta(0.1),
    "lamb": lambda: optimizers.Lamb(0.1),
    "lion": lambda: optimizers.Lion(0.1),
    "ftrl": lambda: optimizers.Ftrl(0.1),
    "clipnorm": lambda: optimizers.Adam(0.1, clipnorm=0.5),
    "clipvalue": lambda: optimizers.Adam(0.1, clipvalue=0.5),
    "global_clipnorm": lambda: optimizers.Adam(0.1, global_clipnorm=0.5),
    "accumulating": lambda: optimizers.Adam(0.1, gradient_accumulation_steps=2),
}
LINEAR = {"sgd", "lion", "accumulating"}


def after_two_steps(make, gradient):
    variable = Variable(np.ones((4, 2), "float32"))
    optimizer = make()
    for _ in range(2):
        optimizer.apply([gradient], [variable])
    return variable.value


@pytest.mark.parametrize("name", MADE)
def test_updates(name):
    """Without repeated rows as by an array; with them by the list, where that differs.

    The exact numbers are held against tf.keras by the parity cases.
    """
    single = Slices(np.float32(VALUES[:2]), ROWS[:2], (4, 2))
    expected = after_two_steps(MADE[name], np.asarray(single))
    for given in (single, IndexedSlices(single)):
        found = after_two_steps(MADE[name], given)
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, expected)
    several = slices().astype("float32")
    by_list = after_two_steps(MADE[name], several)
    by_sum = after_two_steps(MADE[name], np.float32(DENSE))
    alike = np.allclose(by_list, by_sum, rtol=1e-6)
    if name != "global_clipnorm":  # there the norm differs, and Adam does not mind
        assert alike == (name in LINEAR)
