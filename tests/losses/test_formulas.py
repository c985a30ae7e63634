"""Every loss beside a naive float64 twin: value, derivative, dtype, few rows."""

import math
import warnings

import numpy as np
import pytest

from minikeras import losses
from minikeras.autodiff import GradientTape, Tensor
from tests.gradients import check_gradient

rng = np.random.default_rng(6)
A, B = rng.normal(size=(2, 6, 4))
P = rng.dirichlet(np.ones(4), size=6)
SOFT = rng.dirichlet(np.ones(4), size=6)
BITS = rng.integers(0, 2, size=(6, 4)).astype("float64")
LABELS = np.array([0, 3, 1, 1, 2, 0])
GROUPS = np.array([0, 0, 1, 1, 0, 2])
ONE_HOT = np.eye(4)[LABELS]
UNIT = B / np.linalg.norm(B, axis=1, keepdims=True)
EPS = 1e-7


def binary(t, p):
    return -t * np.log(p) - (1 - t) * np.log(1 - p)


def unit(x, axis):
    return x / np.linalg.norm(x, axis=axis, keepdims=True)


def circle(labels, x, gamma=8.0, margin=0.4):
    d = np.maximum(1 - x @ x.T, 0)
    result = []
    for i in range(len(x)):
        pull = push = 0.0
        for j in range(len(x)):
            if labels[i] != labels[j]:
                weight = max(1 + margin - d[i, j], 0)
                push += math.exp(gamma * weight * (1 - margin - d[i, j]))
            elif i != j:
                pull += math.exp(-gamma * (margin + d[i, j]) * (margin - d[i, j]))
        result.append(math.log1p(pull * push))
    return np.array(result)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    return np.exp(z) / np.exp(z).sum(-1, keepdims=True)


# function -> (y_true, y_pred, arguments, naive twin): several rows of one name apart
ROWS = [
    ("mean_squared_error", A, B, {}, lambda t, p: ((t - p) ** 2).mean(-1)),
    ("mean_absolute_error", A, B, {}, lambda t, p: np.abs(t - p).mean(-1)),
    (
        "mean_absolute_percentage_error",
        A,
        B,
        {},
        lambda t, p: 100 * np.abs(1 - p / t).mean(-1),
    ),
    (
        "mean_squared_logarithmic_error",
        np.abs(A),
        np.abs(B),
        {},
        lambda t, p: ((np.log1p(t) - np.log1p(p)) ** 2).mean(-1),
    ),
    (  # what lies below epsilon is raised to it, on both sides
        "mean_squared_logarithmic_error",
        A,
        B,
        {},
        lambda t, p: (
            (np.log1p(np.maximum(t, EPS)) - np.log1p(np.maximum(p, EPS))) ** 2
        ).mean(-1),
    ),
    ("cosine_similarity", A, B, {}, lambda t, p: -(unit(t, 1) * unit(p, 1)).sum(1)),
    (
        "cosine_similarity",
        A,
        B,
        {"axis": 0},
        lambda t, p: -(unit(t, 0) * unit(p, 0)).sum(0),
    ),
    (
        "huber",
        A,
        B,
        {"delta": 0.5},
        lambda t, p: np.where(
            abs(p - t) < 0.5, (p - t) ** 2 / 2, 0.5 * abs(p - t) - 0.125
        ).mean(-1),
    ),
    ("log_cosh", A, B, {}, lambda t, p: np.log(np.cosh(p - t)).mean(-1)),
    ("hinge", 2 * BITS - 1, B, {}, lambda t, p: np.maximum(1 - t * p, 0).mean(-1)),
    (
        "squared_hinge",
        BITS,
        B,
        {},
        lambda t, p: (np.maximum(1 - (2 * t - 1) * p, 0) ** 2).mean(-1),
    ),
    (
        "categorical_hinge",
        ONE_HOT,
        B,
        {},
        lambda t, p: np.maximum(1 + ((1 - t) * p).max(-1) - (t * p).sum(-1), 0),
    ),
    ("kl_divergence", SOFT, P, {}, lambda t, p: (t * np.log(t / p)).sum(-1)),
    ("poisson", np.abs(A), P, {}, lambda t, p: (p - t * np.log(p + EPS)).mean(-1)),
    ("binary_crossentropy", BITS, P, {}, lambda t, p: binary(t, p).mean(-1)),
    (
        "binary_crossentropy",
        BITS,
        B,
        {"from_logits": True, "label_smoothing": 0.2, "axis": 0},
        lambda t, z: binary(0.8 * t + 0.1, sigmoid(z)).mean(0),
    ),
    (
        "binary_focal_crossentropy",
        BITS,
        P,
        {},
        lambda t, p: (np.where(t == 1, 1 - p, p) ** 2 * binary(t, p)).mean(-1),
    ),
    (
        "binary_focal_crossentropy",
        BITS,
        P,
        {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5},
        lambda t, p: (
            np.where(t == 1, 0.3, 0.7)
            * np.where(t == 1, 1 - p, p) ** 1.5
            * binary(t, p)
        ).mean(-1),
    ),
    (
        "categorical_crossentropy",
        ONE_HOT,
        P,
        {"label_smoothing": 0.1},
        lambda t, p: -((0.9 * t + 0.025) * np.log(p)).sum(-1),
    ),
    (
        "categorical_crossentropy",
        SOFT,
        B,
        {"from_logits": True},
        lambda t, z: -(t * np.log(softmax(z))).sum(-1),
    ),
    (
        "categorical_focal_crossentropy",
        ONE_HOT,
        2 * P,
        {"alpha": 0.4, "gamma": 3.0},
        lambda t, p: -(0.4 * (1 - p / 2) ** 3 * t * np.log(p / 2)).sum(-1),
    ),
    (
        "categorical_focal_crossentropy",
        ONE_HOT,
        B,
        {"from_logits": True},
        lambda t, z: -(0.25 * (1 - softmax(z)) ** 2 * t * np.log(softmax(z))).sum(-1),
    ),
    (
        "sparse_categorical_crossentropy",
        LABELS,
        P,
        {},
        lambda t, p: -np.log(p[np.arange(6), t]),
    ),
    (
        "sparse_categorical_crossentropy",
        LABELS,
        B,
        {"from_logits": True, "ignore_class": 1},
        lambda t, z: np.where(t == 1, 0, -np.log(softmax(z)[np.arange(6), t])),
    ),
    (
        "categorical_generalized_cross_entropy",
        LABELS,
        P,
        {"q": 0.7},
        lambda t, p: (1 - p[np.arange(6), t] ** 0.7) / 0.7,
    ),
    (
        "dice",
        BITS,
        P,
        {},
        lambda t, p: 1 - 2 * (t * p).sum() / (t.sum() + p.sum() + EPS),
    ),
    (
        "dice",
        BITS,
        P,
        {"axis": 1},
        lambda t, p: 1 - 2 * (t * p).sum(1) / (t.sum(1) + p.sum(1) + EPS),
    ),
    (
        "tversky",
        BITS,
        P,
        {"alpha": 0.3, "beta": 0.6, "axis": 0},
        lambda t, p: (
            1
            - (t * p).sum(0)
            / ((t * p + 0.3 * t * (1 - p) + 0.6 * p * (1 - t)).sum(0) + EPS)
        ),
    ),
    ("circle", GROUPS, UNIT, {"gamma": 8.0}, circle),
]
IDS = [f"{row[0]}-{'-'.join(row[3])}" for row in ROWS]
FUNCTIONS = {n: f for n, f in losses.FAMILY.exports.items() if n[0].islower()}


def call(name, options):
    return lambda t, p: FUNCTIONS[name](t, p, **options)


def test_every_function_has_a_row():
    assert {row[0] for row in ROWS} == set(FUNCTIONS)


@pytest.mark.parametrize("name, y_true, y_pred, options, naive", ROWS, ids=IDS)
class TestFormula:
    def test_value(self, name, y_true, y_pred, options, naive):
        actual = call(name, options)(y_true, y_pred).value
        np.testing.assert_allclose(actual, naive(y_true, y_pred), rtol=1e-9, atol=1e-12)

    def test_gradient(self, name, y_true, y_pred, options, naive):
        function = call(name, options)
        check_gradient(lambda p: function(y_true, p), y_pred)
        binary_labels = "hinge" in name and set(y_true.flat) == {0, 1}
        if y_true.dtype.kind == "f" and not binary_labels:
            check_gradient(lambda t: function(t, Tensor(y_pred)), y_true)

    def test_float32(self, name, y_true, y_pred, options, naive):
        y_pred = Tensor(y_pred.astype("float32"))
        with GradientTape() as tape:
            tape.watch(y_pred)
            y = call(name, options)(y_true, y_pred)  # y_true takes y_pred's dtype
        assert y.value.dtype == tape.gradient(y, y_pred).value.dtype == np.float32
        # roundings of 1e-7 of numbers up to some 10, more in the cancelling ones
        expected = naive(y_true, y_pred.value.astype("float64"))
        np.testing.assert_allclose(y.value, expected, rtol=1e-5, atol=2e-6)

    @pytest.mark.parametrize("rows", [0, 1])
    def test_few_rows(self, name, y_true, y_pred, options, naive, rows):
        y_true, y_pred = y_true[:rows], Tensor(y_pred[:rows])
        with GradientTape() as tape:
            tape.watch(y_pred)
            y = call(name, options)(y_true, y_pred)
        if options.get("axis") == 0:
            return  # means over the rows, so none of them is nan
        assert tape.gradient(y, y_pred).shape == y_pred.shape
        if rows and name != "circle":
            np.testing.assert_allclose(y.value, naive_row(naive, y_true, y_pred), 1e-7)


def naive_row(naive, y_true, y_pred):
    """The twins pick labels from six rows: give them six times the one."""
    if naive.__code__.co_consts and 6 in naive.__code__.co_consts:
        return naive(np.repeat(y_true, 6), np.repeat(y_pred.value, 6, 0))[:1]
    return naive(y_true, y_pred.value)


def test_a_circle_of_one_pair_or_none_has_no_loss():
    loss = losses.Circle()
    assert float(loss(np.array([0, 1]), UNIT[:2].astype("float32"))) == 0
    assert losses.circle(np.array([3]), UNIT[:1]).value.tolist() == [0]


EXTREMES = np.float32(
    [0, -0.0, 1e-8, 1, 1.5, 30, -30, 1e4, -1e4, np.inf, -np.inf, 3e38]
)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"circle"}))
def test_extreme_input_makes_no_warning(name):
    x = np.stack([EXTREMES, np.full_like(EXTREMES, np.nan)], 1)
    labels = np.zeros(len(x), int)
    integer = name.startswith(("sparse", "categorical_generalized"))
    options = {"q": 0.5} if "generalized" in name else {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for y_true in (labels,) if integer else (x, np.ones_like(x), x[::-1]):
            value = FUNCTIONS[name](y_true, x, **options).value
            assert value.dtype == np.float32


def test_hinge_converts_only_binary_labels():
    for labels in ([0.0, 1.0], [-1.0, 1.0]):
        assert float(losses.hinge(labels, [0.5, 0.5])) == 1.0
    assert float(losses.hinge([0.0, 1.0, 2.0], [1.0, 1.0, 1.0])) == 1 / np.float32(3)


def test_huber_at_its_delta():
    assert losses.huber([[0.0]], [[1.0]]).value.tolist() == [0.5]
    assert losses.huber([[0.0]], [[3.0]]).value.tolist() == [2.5]


def test_one_class_is_suspicious():
    for loss in (
        losses.CategoricalCrossentropy(),
        losses.CategoricalFocalCrossentropy(),
    ):
        with pytest.warns(SyntaxWarning, match="binary_crossentropy"):
            loss(np.ones((2, 1)), np.ones((2, 1)))


@pytest.mark.parametrize(
    "function, y_true, y_pred",
    [
        (losses.mean_squared_error, A, B[:, :3]),
        (losses.mean_absolute_error, A, B[:5]),
        (losses.huber, A[:, 0], B),
        (losses.kl_divergence, A, B[:4]),
        (losses.hinge, A, B[:, :2]),
        (losses.dice, A, B[:, :2]),
    ],
)
def test_shapes_that_do_not_fit(function, y_true, y_pred):
    with pytest.raises(ValueError) as error:
        function(y_true, y_pred)
    assert f"y_true.shape={y_true.shape}" in str(error.value)
    assert f"y_pred.shape={y_pred.shape}" in str(error.value)


def test_a_label_that_is_no_class():
    for function, options in (
        (losses.sparse_categorical_crossentropy, {}),
        (losses.categorical_generalized_cross_entropy, {"q": 0.5}),
    ):
        for bad in (4, -1):
            with pytest.raises(ValueError, match=rf"\[0, 4\).*the label {bad}"):
                function(np.where(LABELS == 3, bad, LABELS), P, **options)
    masked = np.where(LABELS == 3, -1, LABELS)
    losses.sparse_categorical_crossentropy(masked, P, ignore_class=-1)


def test_axis_is_no_bool():
    for function in (
        losses.categorical_crossentropy,
        losses.categorical_focal_crossentropy,
    ):
        with pytest.raises(ValueError, match="axis=True"):
            function(ONE_HOT, P, axis=True)


def test_labels_in_a_column_meet_every_output():
    """Keras broadcasts integer labels (n, 1) to (n, n) here; (n,) go row by row."""
    loss = losses.CategoricalGeneralizedCrossEntropy(q=0.5, reduction="none")
    whole = loss(LABELS[:, None], P).value
    chosen = 2 * (1 - np.sqrt(P[:, LABELS].T))
    np.testing.assert_allclose(whole, chosen, rtol=1e-6)
    np.testing.assert_allclose(loss(LABELS, P).value, np.diag(chosen), rtol=1e-6)


def test_cosines_are_taken_before_broadcasting():
    column = np.array([[2.0], [-3.0]])
    rows = np.array([[3.0, 4.0], [0.0, 1.0]])
    found = losses.cosine_similarity(column, rows).value
    np.testing.assert_allclose(found, [-1.4, 1.0], rtol=1e-6)
