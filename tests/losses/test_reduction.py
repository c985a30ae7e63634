"""From losses to the loss: reductions, weights, masks, fused paths, dtypes."""

import warnings

import numpy as np
import pytest

from minikeras import losses
from minikeras.autodiff import GradientTape, Tensor
from minikeras.losses.reduction import (
    REDUCTIONS,
    apply_mask,
    reduce_weighted_values,
    squeeze_or_expand_to_same_rank,
)
from tests.gradients import check_gradient

rng = np.random.default_rng(7)
A, B = rng.normal(size=(2, 6, 4)).astype("float32")
P = rng.dirichlet(np.ones(4), size=6).astype("float32")
LABELS = np.array([0, 3, 1, 1, 2, 0])
VALUES = rng.normal(size=(3, 5))
WEIGHTS = rng.uniform(0.5, 2, size=(3, 5))
# float32: a few roundings, relative to sums of about ten terms
FLOAT32 = {"rtol": 3e-6, "atol": 1e-7}


def reduced(reduction, values, weights):
    product = values * weights
    if reduction in (None, "none"):
        return product
    if reduction == "sum":
        return product.sum()
    if reduction == "mean_with_sample_weight":
        return product.sum() / weights.sum()
    return product.sum() / product.size


@pytest.mark.parametrize("reduction", REDUCTIONS)
class TestReduction:
    def test_value(self, reduction):
        actual = reduce_weighted_values(VALUES, reduction=reduction)
        expected = reduced(reduction, VALUES, np.ones_like(VALUES))
        np.testing.assert_allclose(actual.value, expected, rtol=1e-14)

    @pytest.mark.parametrize("shape", [(3, 5), (3, 1), (1, 5), (), (3, 5, 1)])
    def test_weights(self, reduction, shape):
        weights = np.resize(WEIGHTS, shape)
        actual = reduce_weighted_values(VALUES, weights, reduction=reduction)
        flat = weights.reshape(shape[:2])
        expected = reduced(reduction, VALUES, flat)
        np.testing.assert_allclose(actual.value, expected, rtol=1e-14)

    def test_gradient(self, reduction):
        check_gradient(
            lambda v, w: reduce_weighted_values(v, w, reduction=reduction),
            VALUES,
            WEIGHTS[:, :1],
        )
        check_gradient(
            lambda v: reduce_weighted_values(v, reduction=reduction), VALUES[0]
        )

    def test_nothing_to_reduce(self, reduction):
        for values in (np.zeros((0,)), np.float64(2.5)):
            actual = reduce_weighted_values(values, reduction=reduction).value
            np.testing.assert_array_equal(actual, values)
        none = reduce_weighted_values(np.zeros((0, 3)), reduction=reduction).value
        np.testing.assert_array_equal(none, 0 if none.ndim == 0 else np.zeros((0, 3)))

    def test_weights_of_zero(self, reduction):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            actual = reduce_weighted_values(VALUES, 0 * WEIGHTS, reduction=reduction)
        assert not actual.value.any()

    def test_weights_that_do_not_fit(self, reduction):
        with pytest.raises(ValueError, match=r"\(3, 5\).*sample_weight.shape=\(4,\)"):
            reduce_weighted_values(VALUES, np.ones(4), reduction=reduction)

    def test_ignored_samples_do_not_count(self, reduction):
        loss = losses.SparseCategoricalCrossentropy(
            ignore_class=1, reduction=reduction, from_logits=True
        )
        kept = LABELS != 1
        plain = losses.SparseCategoricalCrossentropy(
            reduction=reduction, from_logits=True
        )
        actual, expected = loss(LABELS, B).value, plain(LABELS[kept], B[kept]).value
        if reduction in (None, "none"):
            assert not actual[~kept].any()
            actual = actual[kept]
        np.testing.assert_allclose(actual, expected, **FLOAT32)
        assert not loss(np.ones(6), B).value.any()


def test_mask_of_the_predictions():
    mask = np.array([True, False, True])
    weights = apply_mask(None, mask, "float64", "mean").value
    np.testing.assert_allclose(weights, [1.5, 0, 1.5])
    np.testing.assert_allclose(apply_mask(None, mask, "float64", "sum").value, mask)
    both = apply_mask(np.array([[1.0], [2.0], [3.0]]), mask, "float64", "sum").value
    np.testing.assert_allclose(both, [[1], [0], [3]])
    nothing = apply_mask(None, np.zeros(3, bool), "float32", "mean").value
    np.testing.assert_array_equal(nothing, np.zeros(3, "float32"))
    assert apply_mask(None, None, "float32", "sum") is None


@pytest.mark.parametrize(
    "shapes, expected",
    [
        (((3,), (3, 1)), ((3, 1), (3, 1))),
        (((3, 1), (3,)), ((3, 1), (3, 1))),
        (((3, 4, 1), (3, 4)), ((3, 4), (3, 4))),
        (((3, 4), (3, 4, 1)), ((3, 4), (3, 4))),
        (((3, 4), (3,)), ((3, 4), (3,))),
        (((3,), (3, 4)), ((3,), (3, 4))),
        (((3, 4, 1), (3,)), ((3, 4, 1), (3,))),
        (((), (3,)), ((), (3,))),
        (((), (1,)), ((), ())),
    ],
)
@pytest.mark.parametrize("kind", [np.zeros, lambda shape: Tensor(np.zeros(shape))])
def test_squeeze_or_expand(shapes, expected, kind):
    x1, x2 = squeeze_or_expand_to_same_rank(*map(kind, shapes))
    assert (x1.shape, x2.shape) == expected
    flat, column = np.zeros(3), np.zeros((3, 1))
    x1, x2 = squeeze_or_expand_to_same_rank(column, flat, expand_rank_1=False)
    assert x1.shape == x2.shape == (3,)


def test_a_weight_per_sample_beside_a_mask_of_steps():
    y_pred = Tensor(np.ones((4, 3, 2), "float32"))
    y_pred._keras_mask = Tensor(np.ones((4, 3), bool))
    loss, y_true = losses.MeanSquaredError(), np.zeros((4, 3, 2))
    with pytest.raises(ValueError, match=r"\(n, 1\).*sample_weight.shape=\(4,\)"):
        loss(y_true, y_pred, np.ones(4))
    assert float(loss(y_true, y_pred, np.full((4, 1), 2.0))) == 2


def with_logits(z, function):
    y = Tensor(function(z), tracked=True)
    y.logits = Tensor(z, tracked=True)
    return y


ONE_HOT = np.eye(4, dtype="float32")[LABELS]
FUSED = [
    ("MeanSquaredError", {}, A, Tensor(B)),
    ("MeanAbsoluteError", {}, A, Tensor(B)),
    ("BinaryCrossentropy", {}, ONE_HOT, Tensor(P)),
    ("BinaryCrossentropy", {"from_logits": True}, ONE_HOT, Tensor(B)),
    ("BinaryCrossentropy", {}, ONE_HOT, with_logits(B, lambda z: 1 / (1 + np.exp(-z)))),
    ("CategoricalCrossentropy", {}, ONE_HOT, Tensor(P)),
    ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, Tensor(B)),
    ("CategoricalCrossentropy", {}, ONE_HOT, with_logits(B, lambda z: P)),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, Tensor(B)),
    ("SparseCategoricalCrossentropy", {}, LABELS, with_logits(B, lambda z: P)),
    ("SparseCategoricalCrossentropy", {}, LABELS[:, None], with_logits(B, lambda z: P)),
    ("SparseCategoricalCrossentropy", {}, Tensor(LABELS), with_logits(B, lambda z: P)),
]


@pytest.mark.parametrize("name, options, y_true, y_pred", FUSED)
def test_fused_mean_is_the_long_way(name, options, y_true, y_pred, monkeypatch):
    """Value and slope of the one fused op are those of the losses and their mean."""
    source = getattr(y_pred, "logits", y_pred)

    def run():
        loss = getattr(losses, name)(**options)
        with GradientTape() as tape:
            tape.watch(source)
            value = loss(y_true, y_pred)
        return value.value, tape.gradient(value, source).value, len(used)

    used = []
    fused = type(losses.get(name if name[0].isupper() else name))._mean

    def spy(self, *args):
        result = fused(self, *args)
        used.append(1) if result is not None else None
        return result

    cls = getattr(losses, name)
    monkeypatch.setattr(cls, "_mean", spy)
    short = run()
    assert short[2] == 1, "the fused op was not taken"
    monkeypatch.setattr(cls, "_mean", lambda self, *args: None)
    long = run()
    assert short[0].dtype == long[0].dtype == short[1].dtype == np.float32
    np.testing.assert_allclose(short[0], long[0], **FLOAT32)
    np.testing.assert_allclose(short[1], long[1], **FLOAT32)


def test_from_logits_on_softmax_output_warns():
    for name in ("SparseCategoricalCrossentropy", "CategoricalCrossentropy"):
        loss = getattr(losses, name)(from_logits=True)
        y_true = LABELS if "Sparse" in name else ONE_HOT
        with pytest.warns(UserWarning, match="from_logits=True"):
            loss(y_true, with_logits(B, lambda z: P))


def test_dtype_of_a_loss():
    for dtype in ("float32", "float64"):
        loss = losses.MeanSquaredError(dtype=dtype)
        assert loss.dtype == loss(A.astype("float64"), B).value.dtype == dtype
    assert losses.MeanSquaredError()(LABELS, LABELS).value.dtype == np.float32


def test_inputs_that_are_no_arrays():
    mse = losses.MeanSquaredError()
    assert float(mse([[0.0, 1.0]], [[1.0, 1.0]])) == 0.5
    assert float(mse([0, 1], Tensor(np.float32([1, 3])))) == 2.5
    assert float(mse(0, 2)) == 4.0


def test_inputs_are_not_written_into():
    for name, options, y_true, y_pred in FUSED:
        arrays = [getattr(x, "value", x) for x in (y_true, y_pred)]
        before = [x.copy() for x in arrays]
        for x in arrays:
            x.flags.writeable = False
        source = getattr(y_pred, "logits", y_pred)
        with GradientTape() as tape:
            tape.watch(source)
            value = getattr(losses, name)(**options)(y_true, y_pred)
        tape.gradient(value, source)
        for x, old in zip(arrays, before, strict=True):
            x.flags.writeable = True
            np.testing.assert_array_equal(x, old)


def test_custom_losses():
    class Cubed(losses.Loss):
        def call(self, y_true, y_pred):
            return (y_true - y_pred) ** 3

    assert float(Cubed()([1.0, 2.0], [0.0, 0.0])) == 4.5
    assert Cubed(name="c", reduction="sum").get_config() == {
        "name": "c",
        "reduction": "sum",
    }
    doubled = losses.LossFunctionWrapper(lambda t, p, by: by * (p - t), by=2.0)
    assert float(doubled([[1.0], [1.0]], [2.0, 3.0])) == 3.0
    with pytest.raises(NotImplementedError, match="Loss must define `call`"):
        losses.Loss()(A, B)


def test_custom_loss_of_several_outputs():
    class Both(losses.Loss):
        def call(self, y_true, y_pred):
            return y_true["a"] - y_pred["a"] + y_true["b"] - y_pred["b"]

    y_true = {"a": np.ones(3), "b": np.ones(3)}
    y_pred = {"a": Tensor(np.zeros(3)), "b": Tensor(np.zeros(3))}
    assert float(Both()(y_true, y_pred)) == 2.0
