"""Constraints: norms after them, dtypes, configs and bad input."""

import numpy as np
import pytest

from minikeras import constraints
from minikeras.autodiff import Tensor

W = np.random.default_rng(0).normal(size=(6, 5)) * np.arange(1, 6)
EPSILON = 1e-6  # norms are off by the 1e-7 in the denominator, relative to norms of 1


def _norms(w, axis):
    return np.sqrt((np.asarray(w) ** 2).sum(axis=axis))


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1), None])
def test_norms(axis):
    before = _norms(W, axis)
    capped = constraints.MaxNorm(4.0, axis=axis)(W)
    np.testing.assert_allclose(_norms(capped, axis), np.minimum(before, 4), EPSILON)
    unit = constraints.UnitNorm(axis=axis)(W)
    np.testing.assert_allclose(_norms(unit, axis), np.ones_like(before), EPSILON)
    inside = constraints.MinMaxNorm(3.0, 5.0, axis=axis)(W)
    np.testing.assert_allclose(_norms(inside, axis), before.clip(3, 5), EPSILON)
    half = constraints.MinMaxNorm(3.0, 5.0, rate=0.5, axis=axis)(W)
    midway = (before.clip(3, 5) + before) / 2
    np.testing.assert_allclose(_norms(half, axis), midway, EPSILON)


def test_non_neg():
    w = np.float32([-1.0, 0.0, 2.0, np.inf, -np.inf])
    np.testing.assert_array_equal(constraints.NonNeg()(w).value, [0, 0, 2, np.inf, 0])


@pytest.mark.parametrize("name", ["MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtype_and_input_are_kept(name, dtype):
    w = W.astype(dtype)
    before = w.copy()
    for given in (w, Tensor(w)):
        value = getattr(constraints, name)()(given)
        assert isinstance(value, Tensor)
        assert value.dtype == dtype
        assert value.shape == w.shape
    np.testing.assert_array_equal(w, before)


@pytest.mark.parametrize("name", ["MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"])
@pytest.mark.parametrize("value", [0.0, -0.0, 1e-8, 1e4, 3e38, np.inf, np.nan])
def test_extreme_weights_warn_of_nothing(name, value):
    w = np.full((2, 2), value, "float32")
    result = getattr(constraints, name)()(w).value
    if np.isnan(value):
        assert np.isnan(result).all()
    if abs(value) <= 1e4:
        assert np.isfinite(result).all()


def test_a_list_of_axes():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 8))
    unit = constraints.UnitNorm(axis=[0, 1, 2])(kernel)
    np.testing.assert_allclose(_norms(unit, (0, 1, 2)), np.ones(8), EPSILON)


def test_the_base_changes_nothing():
    assert constraints.Constraint()(W) is W


@pytest.mark.parametrize("name", constraints.FAMILY.exports)
def test_every_export_survives_its_config(name):
    made = constraints.get(name)
    config = constraints.serialize(made)
    again = constraints.deserialize(config)
    assert type(again) is type(made)
    assert constraints.serialize(again) == config


def test_unknown_name():
    with pytest.raises(ValueError, match="Did you mean 'MaxNorm'"):
        constraints.get("maxnrom")
