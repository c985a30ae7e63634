"""Penalties: values, derivatives, configs and bad input."""

import numpy as np
import pytest

from minikeras import regularizers
from minikeras.autodiff import GradientTape, Tensor, Variable
from tests.gradients import check_gradient

X = np.random.default_rng(0).normal(size=(4, 3))
MADE = {
    "l1": regularizers.L1(0.25),
    "l2": regularizers.L2(0.25),
    "both": regularizers.L1L2(0.25, 0.5),
    "only l1": regularizers.L1L2(l1=0.25),
    "only l2": regularizers.L1L2(l2=0.5),
    "rows": regularizers.OrthogonalRegularizer(0.25),
    "columns": regularizers.OrthogonalRegularizer(0.25, "columns"),
}


def _mean_cosine(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = [abs(unit[i] @ unit[j]) for i in range(len(unit)) for j in range(i)]
    return np.mean(pairs)


EXPECTED = {
    "l1": 0.25 * np.abs(X).sum(),
    "l2": 0.25 * (X**2).sum(),
    "both": 0.25 * np.abs(X).sum() + 0.5 * (X**2).sum(),
    "only l1": 0.25 * np.abs(X).sum(),
    "only l2": 0.5 * (X**2).sum(),
    "rows": 0.25 * _mean_cosine(X),
    "columns": 0.25 * _mean_cosine(X.T),
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-6), ("float64", 1e-14)])
def test_value(name, dtype, tolerance):
    penalty = MADE[name](Tensor(X.astype(dtype)))
    assert penalty.shape == ()
    assert penalty.dtype == dtype
    assert float(penalty) == pytest.approx(EXPECTED[name], rel=tolerance)


@pytest.mark.parametrize("name", MADE)
def test_derivative(name):
    check_gradient(MADE[name], X)


@pytest.mark.parametrize("name", MADE)
def test_derivative_keeps_float32(name):
    x = Tensor(X.astype("float32"))
    with GradientTape() as tape:
        tape.watch(x)
        y = MADE[name](x)
    assert tape.gradient(y, x).dtype == np.float32


@pytest.mark.parametrize("size", [4095, 4096, 5000, 10 * 1024])
def test_large_sums(size):
    x = np.random.default_rng(size).normal(size=size)
    assert float(regularizers.L2(1.0)(x)) == pytest.approx((x**2).sum(), rel=1e-14)


def test_nothing_to_penalise():
    x = Tensor(X.astype("float32"), tracked=True)
    with GradientTape() as tape:
        y = regularizers.L1L2()(x)
    assert y.dtype == np.float32
    assert float(y) == 0
    assert tape.gradient(y, x) is None
    assert regularizers.Regularizer()(x) == 0.0


@pytest.mark.parametrize("name", ["l1", "l2", "both"])
@pytest.mark.parametrize(
    "value", [0.0, -0.0, 1e-8, 30.0, -1e4, np.inf, -np.inf, np.nan]
)
def test_extreme_weights(name, value):
    x = Tensor(np.full((2, 2), value, "float32"), tracked=True)
    with GradientTape() as tape:
        y = MADE[name](x)
    gradient = tape.gradient(y, x)
    assert np.isnan(y.value) == np.isnan(value)
    assert np.isinf(y.value) == np.isinf(value)
    assert (np.isnan(gradient.value) == np.isnan(value)).all()


def test_orthogonal_with_a_zero_row_or_a_single_one():
    x = Tensor(X.astype("float32"), tracked=True)
    x.value[1] = 0
    with GradientTape() as tape:
        y = MADE["rows"](x)
    assert np.isfinite(y.value)
    assert np.isfinite(tape.gradient(y, x).value).all()
    one = Tensor(X[:1].astype("float32"), tracked=True)
    with GradientTape() as tape:
        y = MADE["rows"](one)
    assert np.isnan(y.value)
    assert np.isnan(tape.gradient(y, one).value).all()


@pytest.mark.parametrize("name", ["l1", "L1", "l2", "L2", "l1l2", "L1L2"])
def test_names(name):
    assert type(regularizers.get(name)).__name__ == name.upper()


def test_numpy_numbers_are_numbers():
    assert regularizers.L2(np.float32(0.5)).get_config() == {"l2": 0.5}
    assert regularizers.L1(np.int64(1)).get_config() == {"l1": 1.0}
    assert type(regularizers.L2(np.float32(0.5)).l2) is float


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf, "a", [0.1]])
@pytest.mark.parametrize(
    "make, name",
    [
        (regularizers.L1, "l1"),
        (regularizers.L2, "l2"),
        (regularizers.L1L2, "l1"),
        (lambda value: regularizers.L1L2(l2=value), "l2"),
        (regularizers.OrthogonalRegularizer, "factor"),
    ],
)
def test_bad_factors(make, name, value):
    with pytest.raises(ValueError, match=f"Received: {name}="):
        make(value)


def test_bad_input():
    with pytest.raises(ValueError, match="mode='diagonal'"):
        regularizers.OrthogonalRegularizer(mode="diagonal")
    with pytest.raises(ValueError, match=r"inputs.shape=\(4,\)"):
        regularizers.OrthogonalRegularizer()(Tensor(np.ones(4)))
    with pytest.raises(ValueError, match="Did you mean 'l1l2'"):
        regularizers.get("l1_l2")
    with pytest.raises(NotImplementedError):
        regularizers.Regularizer().get_config()


@pytest.mark.parametrize(
    "name", [n for n in regularizers.FAMILY.exports if n != "Regularizer"]
)
def test_every_export_survives_its_config(name):
    made = regularizers.get(name)
    config = regularizers.serialize(made)
    again = regularizers.deserialize(config)
    assert type(again) is type(made)
    assert regularizers.serialize(again) == config


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("size", [3e4, 1e30, 1e200, np.inf, np.nan, -np.inf])
def test_huge_weights_overflow_without_a_warning(dtype, size):
    with np.errstate(over="ignore"):
        x = np.full((3, 2), size).astype(dtype)
    x[0, 0] = 1
    for regularizer in (
        regularizers.L1(0.5),
        regularizers.L2(0.5),
        regularizers.L1L2(0.0, 0.5),
        regularizers.OrthogonalRegularizer(),
    ):
        variable = Variable(x)
        with GradientTape() as tape:
            value = regularizer(variable)
        gradient = tape.gradient(value, variable)
        assert value.value.dtype == gradient.value.dtype == dtype
        if type(regularizer) is regularizers.L2:
            fits = abs(size) < float(np.finfo(dtype).max) ** 0.5 / 2
            assert np.isfinite(value.value) == fits
