"""The fused cross-entropies beside naive twins, and what they refuse."""

import warnings

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from minikeras.losses.reduction import with_mean
from minikeras.ops import crossentropy
from minikeras.ops.constants import sum_rows
from tests.gradients import check_gradient

rng = np.random.default_rng(5)
Z = rng.normal(size=(6, 4))
P = rng.dirichlet(np.ones(4), size=6)
SOFT = rng.dirichlet(np.ones(4), size=6)
BITS = rng.integers(0, 2, size=(6, 4)).astype("float64")
LABELS = np.array([0, 3, 1, 1, 2, 0])


def log_softmax(z, axis=-1):
    return z - np.log(np.exp(z).sum(axis, keepdims=True))


def picked(log_p):
    return -np.take_along_axis(log_p, LABELS[:, None], -1)[:, 0]


def sparse(labels=LABELS, **options):
    return lambda x: ops.sparse_categorical_crossentropy(labels, x, **options)


def smooth_sigmoid(z):
    return 1 / (1 + np.exp(-z))


BINARY = -(BITS * np.log(P) + (1 - BITS) * np.log(1 - P))
ROWS = {
    "sparse": (sparse(), P, picked(np.log(P))),
    "sparse logits": (sparse(from_logits=True), Z, picked(log_softmax(Z))),
    "sparse column": (sparse(LABELS[:, None]), P, picked(np.log(P))),
    "sparse steps": (
        sparse(LABELS.reshape(2, 3), from_logits=True),
        Z.reshape(2, 3, 4),
        picked(log_softmax(Z)).reshape(2, 3),
    ),
    "categorical": (
        lambda x: ops.categorical_crossentropy(SOFT, x),
        3 * P,
        -(SOFT * np.log(P)).sum(-1),
    ),
    "categorical logits": (
        lambda x: ops.categorical_crossentropy(SOFT, x, from_logits=True),
        Z,
        -(SOFT * log_softmax(Z)).sum(-1),
    ),
    "categorical axis": (
        lambda x: ops.categorical_crossentropy(SOFT.T, x, from_logits=True, axis=0),
        Z.T,
        -(SOFT * log_softmax(Z)).sum(-1),
    ),
    "categorical axis of probabilities": (
        lambda x: ops.categorical_crossentropy(SOFT.T, x, axis=0),
        P.T,
        -(SOFT * np.log(P)).sum(-1),
    ),
    "binary": (lambda x: ops.binary_crossentropy(BITS, x), P, BINARY),
    "binary logits": (
        lambda x: ops.binary_crossentropy(BITS, x, from_logits=True),
        Z,
        -(BITS * np.log(smooth_sigmoid(Z)) + (1 - BITS) * np.log(smooth_sigmoid(-Z))),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_value_and_gradient(name):
    function, x, expected = ROWS[name]
    np.testing.assert_allclose(function(Tensor(x)).value, expected, rtol=1e-12)
    check_gradient(function, x)


@pytest.mark.parametrize("name", ROWS)
def test_float32_stays_float32(name):
    function, x, expected = ROWS[name]
    x = Tensor(x.astype("float32"))
    with GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    assert y.value.dtype == tape.gradient(y, x).value.dtype == np.float32
    # a few float32 roundings of numbers up to 5
    np.testing.assert_allclose(y.value, expected, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize(
    "function",
    [
        ops.categorical_crossentropy,
        ops.binary_crossentropy,
        lambda t, x: ops.categorical_crossentropy(t, x, from_logits=True),
        lambda t, x: ops.binary_crossentropy(t, x, from_logits=True),
    ],
)
def test_gradient_by_the_target(function):
    check_gradient(lambda t: function(t, Tensor(P)), SOFT)


@pytest.mark.parametrize("shape", [(1, 3), (40, 3), (3, 200), (60, 100), (5000, 2)])
def test_sparse_of_any_size(shape):
    z, labels = rng.normal(size=shape), rng.integers(0, shape[1], shape[0])
    with GradientTape() as tape:
        x = Tensor(z)
        tape.watch(x)
        y = ops.sparse_categorical_crossentropy(labels, x, from_logits=True)
    expected = -log_softmax(z)[np.arange(shape[0]), labels]
    np.testing.assert_allclose(y.value, expected, rtol=1e-12)
    slope = np.exp(log_softmax(z)) - np.eye(shape[1])[labels]
    np.testing.assert_allclose(tape.gradient(y, x).value, slope, atol=1e-15)


def test_sparse_of_strided_logits():
    z = rng.normal(size=(8, 5))
    for view in (z[::2], z[:, ::-1], z.T):
        labels, x = np.zeros(len(view), "int32"), Tensor(view)
        with GradientTape() as tape:
            tape.watch(x)
            y = sparse(labels, from_logits=True)(x)
        np.testing.assert_allclose(y.value, -log_softmax(view)[:, 0], rtol=1e-12)
        slope = np.exp(log_softmax(view)) - np.eye(view.shape[1])[labels]
        np.testing.assert_allclose(tape.gradient(y, x).value, slope, atol=1e-15)


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int32", "uint64", ">i4", "float32"]
)
def test_labels_of_any_dtype(dtype):
    actual = sparse(LABELS.astype(dtype))(Tensor(P)).value
    np.testing.assert_array_equal(actual, sparse()(Tensor(P)).value)


def test_boolean_labels_and_lists():
    two = P[:, :2]
    expected = sparse(LABELS % 2)(Tensor(two)).value
    for labels in (LABELS % 2 == 1, (LABELS % 2).tolist()):
        np.testing.assert_array_equal(sparse(labels)(Tensor(two)).value, expected)


@pytest.mark.parametrize(
    "bad, named",
    [(4, "4"), (-1, "-1"), (2.5, "2.5"), (float("nan"), "nan"), (float("inf"), "inf")],
)
@pytest.mark.parametrize("from_logits", [True, False])
def test_label_that_is_no_class(bad, named, from_logits):
    labels = LABELS.astype(type(bad))
    labels[3] = bad
    with pytest.raises(ValueError, match=f"Received the label {named}") as error:
        sparse(labels, from_logits=from_logits)(Tensor(P))
    assert "whole" in str(error.value) or "[0, 4)" in str(error.value)


def test_labels_that_are_no_numbers():
    with pytest.raises(ValueError, match="Labels must be numbers"):
        sparse(np.array(["a"] * 6))(Tensor(P))


@pytest.mark.parametrize(
    "call",
    [
        sparse(LABELS[:5]),
        sparse(SOFT),
        lambda x: ops.categorical_crossentropy(SOFT[:, :3], x),
        lambda x: ops.categorical_crossentropy(SOFT[0], x),
        lambda x: ops.binary_crossentropy(BITS[:5], x),
        lambda x: ops.binary_crossentropy(LABELS, x),
    ],
)
def test_shapes_that_do_not_fit(call):
    with pytest.raises(ValueError, match=r"target.shape=.*output.shape=\(6, 4\)"):
        call(Tensor(P))


def test_only_the_last_axis_holds_classes():
    with pytest.raises(ValueError, match="Received: axis=0"):
        sparse(axis=0)(Tensor(P))
    sparse(axis=1)(Tensor(P))


def remembering(z, function):
    y = Tensor(function(z))
    y.logits = Tensor(z)
    return y


def test_probabilities_give_way_to_their_logits():
    z = np.array([[200.0, -200.0], [-300.0, 400.0]])
    with np.errstate(over="ignore"):
        sigmoid = remembering(z, smooth_sigmoid)
    softmax = remembering(z, lambda z: np.eye(2))
    bits, labels = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1, 0])
    for actual, expected in (
        (ops.binary_crossentropy(bits, sigmoid), [[200, 200], [300, 400]]),
        (ops.categorical_crossentropy(bits, softmax), [400, 700]),
        (ops.sparse_categorical_crossentropy(labels, softmax), [400, 700]),
    ):
        np.testing.assert_array_equal(actual.value, expected)


@pytest.mark.parametrize(
    "function, target",
    [
        (ops.binary_crossentropy, BITS),
        (ops.categorical_crossentropy, SOFT),
        (ops.sparse_categorical_crossentropy, LABELS),
    ],
)
def test_from_logits_on_probabilities_warns(function, target):
    y = remembering(Z, np.exp)
    with pytest.warns(UserWarning, match=f"{function.__name__}` received"):
        function(target, y, from_logits=True)


EXTREMES = np.float32(
    [0, -0.0, 1e-8, 1, 30, -30, 1e4, -1e4, np.inf, -np.inf, np.nan, 3e38, -3e38]
)


@pytest.mark.parametrize("from_logits", [True, False])
def test_extreme_input_makes_no_warning(from_logits):
    x = np.stack([EXTREMES, EXTREMES[::-1], np.zeros_like(EXTREMES)], 1)
    bits = np.tile(np.float32([1, 0, 0]), (len(x), 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function, target in (
            (ops.binary_crossentropy, bits),
            (ops.categorical_crossentropy, bits),
            (ops.sparse_categorical_crossentropy, np.zeros(len(x), int)),
        ):
            z = Tensor(x)
            with GradientTape() as tape:
                tape.watch(z)
                y = function(target, z, from_logits=from_logits)
            assert tape.gradient(y, z).value.dtype == np.float32


def test_clipping_stops_the_gradient():
    p = np.array([[0.0, 1.0, 0.5], [1e-9, 0.2, 0.3]])
    x = Tensor(p)
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.binary_crossentropy(np.ones_like(p), x)
    np.testing.assert_allclose(y.value[0], [-np.log(1e-7), 1e-7, np.log(2)], rtol=1e-7)
    np.testing.assert_array_equal(
        tape.gradient(y, x).value == 0, [[True, True, False], [True, False, False]]
    )


def test_a_saturated_logit_keeps_the_tail_of_its_slope():
    """σ(z) - target is ±e⁻³⁰ here, which a difference from 1 would round to 0."""
    z = Tensor(np.float32([30, -30, 30, -30]))
    with GradientTape() as tape:
        tape.watch(z)
        y = ops.binary_crossentropy(np.float32([1, 0, 0, 1]), z, from_logits=True)
    slopes = tape.gradient(y, z).value
    expected = np.array([-np.exp(-30), np.exp(-30), 1, -1])
    np.testing.assert_allclose(slopes, expected, rtol=4 * 6e-8)  # four roundings


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows(rows):
    for function, target in (
        (ops.categorical_crossentropy, SOFT),
        (ops.sparse_categorical_crossentropy, LABELS),
    ):
        for from_logits in (True, False):
            x = Tensor(P[:rows])
            with GradientTape() as tape:
                tape.watch(x)
                y = function(target[:rows], x, from_logits=from_logits)
            assert y.shape == (rows,)
            assert tape.gradient(y, x).shape == (rows, 4)


@pytest.mark.parametrize(
    "op, target, x",
    [
        (crossentropy.sparse_from_logits, LABELS, Z),
        (crossentropy.sparse_from_logits, LABELS.reshape(3, 2), Z.reshape(3, 2, 4)),
        (crossentropy.categorical_from_logits, SOFT, Z),
        (crossentropy.categorical_from_probabilities, SOFT, P),
        (crossentropy.binary_from_logits, BITS, Z),
        (crossentropy.binary_from_probabilities, BITS, P),
    ],
)
def test_with_mean_is_the_mean(op, target, x):
    fused = with_mean(op)
    np.testing.assert_allclose(
        fused(target, Tensor(x)).value, op(target, Tensor(x)).value.mean(), rtol=1e-14
    )
    check_gradient(lambda z: fused(target, z), x)


def test_constants_stay_constant():
    """What is kept between calls must not be written into."""
    first = [sparse(from_logits=True)(Tensor(Z)).value for _ in range(2)]
    check_gradient(sparse(from_logits=True), Z)
    np.testing.assert_array_equal(first[0], sparse(from_logits=True)(Tensor(Z)).value)
    np.testing.assert_array_equal(sum_rows(Z), np.ones(6) @ Z)


@pytest.mark.parametrize("shape", [(6, 3), (1, 4), (2, 3, 5), (0, 3)])
def test_sparse_from_softmax_is_minus_log_p(shape):
    """Against the definition in float64, far beyond where p underflows in float32."""
    rng = np.random.default_rng(2)
    z = rng.normal(size=shape) * 20
    labels = rng.integers(0, shape[-1], size=shape[:-1])
    shifted = z - z.max(-1, keepdims=True) if z.size else z
    log_p = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    expected = -np.take_along_axis(log_p, labels[..., None], -1)[..., 0]
    logits = z.astype("float32")
    p = ops.softmax(Tensor(logits)).value
    values, (_, to_logits) = crossentropy.sparse_from_softmax.raw(labels, logits, p)
    np.testing.assert_allclose(values, expected, rtol=3e-6, atol=3e-6)
    assert values.dtype == np.float32
    slope = to_logits(np.ones(shape[:-1], "float32"))
    np.testing.assert_allclose(
        slope, np.exp(log_p) - np.eye(shape[-1])[labels], atol=1e-6
    )
    assert slope.dtype == np.float32
