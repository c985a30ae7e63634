"""Merging layers: the rows that every layer has, masks and mistakes."""

from functools import reduce

import numpy as np
import pytest

from minikeras import layers
from minikeras.autodiff import GradientTape, Tensor
from minikeras.graph import KerasTensor
from tests.layers.rows import CHECKS, labels

A = (2, 3, 4)


def folded(op):
    """`op` over inputs whose missing axes come right after the batch's."""

    def fold(*xs):
        rank = max(x.ndim for x in xs)
        xs = [x.reshape(len(x), *(1,) * (rank - x.ndim), *x.shape[1:]) for x in xs]
        return reduce(op, xs)

    return fold


def mean(*xs):
    return folded(np.add)(*xs) / len(xs)


def naive_dot(axis_of_x, axis_of_y, normalize=False):
    def dot(x, y):
        if normalize:
            x = x / np.sqrt((x**2).sum(axis_of_x, keepdims=True))
            y = y / np.sqrt((y**2).sum(axis_of_y, keepdims=True))
        z = [
            np.tensordot(a, b, axes=([axis_of_x - 1], [axis_of_y - 1]))
            for a, b in zip(x, y, strict=True)
        ]
        shape = x.shape[1 : x.ndim - 1], y.shape[1 : y.ndim - 1]
        tail = z[0].shape if z else sum(shape, ())
        return np.reshape(z, (len(x), *(tail or (1,))))

    return dot


NAIVE = {
    layers.Add: folded(np.add),
    layers.Multiply: folded(np.multiply),
    layers.Average: mean,
    layers.Maximum: folded(np.maximum),
    layers.Minimum: folded(np.minimum),
    layers.Subtract: folded(np.subtract),
}
ROWS = [
    *[
        (cls, {}, shapes, naive)
        for cls, naive in NAIVE.items()
        for shapes in ([A, A], [A, (2, 1, 4)], [(2, 4), (2, 5, 3, 4)], [A, A, A])
        if cls is not layers.Subtract or len(shapes) == 2
    ],
    (layers.Concatenate, {}, [A, A], lambda x, y: np.concatenate([x, y], 2)),
    (
        layers.Concatenate,
        {"axis": 1},
        [A, (2, 1, 4), A],
        lambda *xs: np.concatenate(xs, 1),
    ),
    (layers.Dot, {"axes": 1}, [(2, 5), (2, 5)], naive_dot(1, 1)),
    (layers.Dot, {"axes": -1}, [A, A], naive_dot(2, 2)),
    (layers.Dot, {"axes": (1, -1)}, [(2, 3, 5), (2, 4, 3)], naive_dot(1, 2)),
    (layers.Dot, {"axes": [2, 3]}, [(2, 3, 5, 2), (2, 4, 2, 5)], naive_dot(2, 3)),
    (layers.Dot, {"axes": (2, 1)}, [A, (2, 4)], naive_dot(2, 1)),
    (
        layers.Dot,
        {"axes": [2, 1], "normalize": True},
        [A, (2, 4, 3)],
        naive_dot(2, 1, True),
    ),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=labels(ROWS))
def test_layer(row, check):
    check(*row)


X = np.arange(24, dtype="float32").reshape(A)


def test_one_input_is_its_own_sum():
    for cls in (layers.Add, layers.Maximum, layers.Multiply, layers.Concatenate):
        np.testing.assert_array_equal(cls()([X]).value, X)


def test_functions():
    y = X[:, ::-1]
    for name, expected in {
        "add": X + y,
        "subtract": X - y,
        "multiply": X * y,
        "average": (X + y) / 2,
        "maximum": np.maximum(X, y),
        "minimum": np.minimum(X, y),
        "concatenate": np.concatenate([X, y], -1),
        "dot": X @ y.swapaxes(1, 2),
    }.items():
        merged = getattr(layers, name)([X, y], name="mine").value
        # float32: sums of four products
        np.testing.assert_allclose(merged, expected, rtol=1e-6)
    joined = layers.concatenate((X, y), axis=1)
    assert joined.shape == (2, 6, 4)


def test_ties_share_the_gradient():
    x = [Tensor(X), Tensor(X)]
    for cls in (layers.Maximum, layers.Minimum):
        with GradientTape() as tape:
            tape.watch(x)
            y = cls()(x)
        total = sum(g.value for g in tape.gradient(y, x))
        np.testing.assert_array_equal(total, np.ones(A))


def test_symbolic_shapes_with_open_axes():
    line, column = KerasTensor((None, None, 4)), KerasTensor((None, 3, 4))
    assert layers.Concatenate(axis=1)([line, line]).shape == (None, None, 4)
    assert layers.add([column, KerasTensor((None, 4))]).shape == (None, 3, 4)
    assert layers.Add().compute_output_shape([(None, 4), (2, 4)]) == (2, 4)
    shape = layers.Add().compute_output_shape([(None, None, 4), (None, 3, 4)])
    assert shape == (None, None, 4)


# Masks -------------------------------------------------------------------------

FIRST = np.array([[1, 0, 1], [0, 0, 1]], bool)
SECOND = np.array([[1, 1, 0], [0, 1, 0]], bool)


def masked(*masks):
    tensors = [Tensor(X + i) for i, _ in enumerate(masks)]
    for x, mask in zip(tensors, masks, strict=True):
        x._keras_mask = None if mask is None else Tensor(mask)
    return tensors


@pytest.mark.parametrize("cls", [*NAIVE, layers.Concatenate])
def test_a_step_counts_where_any_input_says_so(cls):
    y = cls()(masked(FIRST, SECOND))
    np.testing.assert_array_equal(y._keras_mask.value, FIRST | SECOND)


@pytest.mark.parametrize("cls", NAIVE)
def test_an_input_without_mask_takes_the_mask_away(cls):
    assert cls()(masked(FIRST, None))._keras_mask is None
    assert cls()(masked(None, None))._keras_mask is None


def test_joined_without_mask_counts_everywhere():
    y = layers.Concatenate(axis=1)(masked(FIRST, None))
    expected = np.concatenate([FIRST, np.ones((2, 3), bool)], axis=1)
    np.testing.assert_array_equal(y._keras_mask.value, expected)
    assert layers.Concatenate()(masked(None, None))._keras_mask is None


@pytest.mark.parametrize("masks", [(FIRST, SECOND), (SECOND, FIRST)])
@pytest.mark.parametrize("cls", [layers.Maximum, layers.Minimum])
def test_masked_steps_take_no_part_in_the_extremes(cls, masks):
    """Both orders, so that either side is now the larger and now the masked one."""
    first, second = masks
    y = cls()(masked(first, second)).value  # of X and X + 1
    both = X + 1 if cls is layers.Maximum else X
    expected = np.where((first & second)[..., None], both, X + second[..., None])
    counts = first | second
    np.testing.assert_array_equal(y[counts], expected[counts])


@pytest.mark.parametrize("cls", [layers.Maximum, layers.Minimum])
def test_the_larger_may_be_masked_on_either_side(cls):
    low, high = masked(FIRST, SECOND)
    swapped = cls()([high, low]).value
    counts = FIRST | SECOND
    np.testing.assert_array_equal(swapped[counts], cls()([low, high]).value[counts])


def test_masked_steps_count_as_one_in_the_product():
    y = layers.Multiply()(masked(FIRST, SECOND)).value
    first, second = FIRST[..., None], SECOND[..., None]
    expected = np.where(first, X, 1) * np.where(second, X + 1, 1)
    expected = np.where(first | second, expected, 0)
    np.testing.assert_array_equal(y, expected)
    y = layers.Multiply()(masked(FIRST, None)).value
    np.testing.assert_array_equal(y, np.where(first, X, 1) * (X + 1))


def test_dot_has_no_mask():
    assert layers.Dot(2)(masked(FIRST, SECOND))._keras_mask is None


def test_masks_must_fit_the_inputs():
    layer = layers.Add()
    assert layer.compute_mask([X, X]) is None
    for inputs, mask, message in (
        ([X, X], FIRST, "`mask` should be a list"),
        (X, [FIRST], "`inputs` should be a list"),
        ([X, X], [FIRST], "2 inputs and 1 masks"),
    ):
        with pytest.raises(ValueError, match=message):
            layer.compute_mask(inputs, mask)


# Mistakes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "inputs", "message"),
    [
        (layers.Add(name="mine"), X, r"a list of inputs.*\(2, 3, 4\)"),
        (layers.Add(name="mine"), [], "a list of inputs"),
        (layers.Multiply(name="mine"), [X, 2.0], "a list of inputs"),
        (layers.Add(name="mine"), [X, X[:, :, :3]], r"broadcast.*\(2, 3, 3\)"),
        (layers.Maximum(name="mine"), [X, X[:1]], r"batch size.*\(1, 3, 4\)"),
        (layers.Subtract(name="mine"), [X, X, X], "exactly 2"),
        (layers.Subtract(name="mine"), [X], "exactly 2"),
        (layers.Concatenate(name="mine"), X, "a list of inputs"),
        (layers.Concatenate(1, name="mine"), [X, X[:, :, :3]], "agree but for axis 1"),
        (layers.Concatenate(name="mine"), [X, X[0]], "one rank"),
        (layers.Concatenate(3, name="mine"), [X, X], "axis 3"),
        (layers.Dot(1, name="mine"), [X, X, X], "exactly 2"),
        (layers.Dot(1, name="mine"), X, "a list of inputs"),
        (layers.Dot((1, 2), name="mine"), [X, X], r"equal lengths along axes \(1, 2\)"),
        (layers.Dot(0, name="mine"), [X, X], "not the batch's"),
        (layers.Dot(-3, name="mine"), [X, X], "not the batch's"),
        (layers.Dot(3, name="mine"), [X, X], "axes 3"),
        (layers.Dot(1, name="mine"), [X, X[:1]], "one batch size"),
    ],
)
def test_what_does_not_fit(layer, inputs, message):
    with pytest.raises(ValueError, match=f"'mine'.*{message}"):
        layer(inputs)
    assert not layer.built


@pytest.mark.parametrize("axes", [None, 1.5, (1,), (1, 2, 3), (1, 1.5), "11", True])
def test_impossible_axes(axes):
    with pytest.raises(ValueError, match="axes="):
        layers.Dot(axes)
