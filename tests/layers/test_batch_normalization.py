"""BatchNormalization in training: whose moments, and what moves.

Its rows are in test_normalization.py.
"""

import numpy as np
import pytest

from minikeras import Sequential, layers
from minikeras.autodiff import GradientTape, Tensor
from tests.ops.test_normalization import naive_batch


def numbers(*shape, seed=0, dtype="float64"):
    return np.random.default_rng(seed).normal(2, 3, shape).astype(dtype)


@pytest.mark.parametrize("axis", [-1, 1])
def test_training_uses_the_batch_and_moves_the_statistics(axis):
    layer = layers.BatchNormalization(axis, momentum=0.9, dtype="float64")
    mean, variance = 0.0, 1.0
    for seed in range(3):
        x = numbers(4, 3, 2, seed=seed)
        size = x.shape[axis]
        y = layer(x, training=True)
        expected, m, v = naive_batch(axis)(x, np.ones(size), np.zeros(size))
        np.testing.assert_allclose(y.value, expected, rtol=1e-11, atol=1e-13)
        mean, variance = mean * 0.9 + m * 0.1, variance * 0.9 + v * 0.1
        np.testing.assert_allclose(layer.moving_mean.value, mean, rtol=1e-12)
        np.testing.assert_allclose(layer.moving_variance.value, variance, rtol=1e-12)


@pytest.mark.parametrize("arguments", [{}, {"training": False}, {"training": None}])
def test_without_training_nothing_moves(arguments):
    layer = layers.BatchNormalization()
    layer(numbers(4, 3), **arguments)
    assert layer.moving_mean.value.tolist() == [0, 0, 0]
    assert layer.moving_variance.value.tolist() == [1, 1, 1]


def test_a_frozen_layer_is_in_inference_mode():
    layer, x = layers.BatchNormalization(), numbers(4, 3, dtype="float32")
    y = layer(x)
    layer.trainable = False
    np.testing.assert_array_equal(layer(x, training=True).value, y.value)
    assert layer.moving_mean.value.tolist() == [0, 0, 0]
    assert layer.trainable_weights == []
    layer.trainable = True
    assert abs(layer(x, training=True).value.mean()) < 1e-6
    assert [w.name for w in layer.trainable_weights] == ["gamma", "beta"]


@pytest.mark.parametrize("as_argument", [True, False])
def test_masked_entries_do_not_count(as_argument):
    mask = np.array([[True, True, False], [True, False, False]])
    x = numbers(2, 3, 4)
    layer = layers.BatchNormalization(momentum=0.0, dtype="float64")
    if as_argument:
        layer(x, training=True, mask=mask)
    else:
        tensor = Tensor(x)
        tensor._keras_mask = Tensor(mask)
        y = layer(tensor, training=True)
        assert y._keras_mask is tensor._keras_mask
    kept = x[mask]
    # the count of 3 grows by 1e-7
    np.testing.assert_allclose(layer.moving_mean.value, kept.mean(0), rtol=1e-7)
    np.testing.assert_allclose(layer.moving_variance.value, kept.var(0), rtol=1e-6)


@pytest.mark.parametrize("renorm", [False, True])
def test_a_batch_of_nothing_moves_nothing(renorm):
    layer = layers.BatchNormalization(renorm=renorm)
    layer(numbers(4, 3), training=True)
    before = layer.get_weights()
    assert layer(numbers(0, 3), training=True).shape == (0, 3)
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_half_precision_does_not_overflow():
    layer = layers.BatchNormalization(momentum=0.0, dtype="float16")
    x = np.array([[200], [-200], [600], [-600]], "float16")  # squares up to 360000
    with GradientTape() as tape:
        y = layer(x, training=True)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y.value.std(), 1, rtol=1e-3)
    assert [g.dtype for g in tape.gradient(y, layer.trainable_weights)] == [
        np.float16,
        np.float16,
    ]
    assert layer.moving_mean.dtype == "float16"
    assert layer.moving_variance.value == np.inf  # 200000 is none of its numbers


def test_renorm_follows_the_moving_statistics():
    layer = layers.BatchNormalization(
        renorm=True, momentum=0.5, renorm_momentum=0.8, dtype="float64"
    )
    x = numbers(6, 3)
    for _ in range(4):
        m, s = x.mean(0), np.sqrt(x.var(0) + 1e-3)
        layer(x[:1], training=False)
        known = layer.renorm_mean.value, layer.renorm_stddev.value
        y = layer(x, training=True)
        # r and d undo the batch's moments: what is left are the slow ones
        np.testing.assert_allclose(y.value, (x - known[0]) / known[1], rtol=1e-10)
        moved = known[0] * 0.8 + m * 0.2, known[1] * 0.8 + s * 0.2
        np.testing.assert_allclose(layer.renorm_mean.value, moved[0], rtol=1e-12)
        np.testing.assert_allclose(layer.renorm_stddev.value, moved[1], rtol=1e-12)
    np.testing.assert_allclose(
        layer.moving_variance.value, layer.moving_stddev.value**2 - 1e-3, rtol=1e-12
    )


def test_fit_moves_the_statistics_and_predict_uses_them():
    model = Sequential([layers.BatchNormalization(momentum=0.5), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = numbers(64, 3, dtype="float32"), numbers(64, 1, dtype="float32")
    model.fit(x, y, epochs=8, batch_size=64, verbose=0)
    norm = model.layers[0]
    # 1 - 0.5**8 of the way
    np.testing.assert_allclose(norm.moving_mean.value, x.mean(0), rtol=0.02)
    np.testing.assert_allclose(norm.moving_variance.value, x.var(0), rtol=0.02)
    z = (x - norm.moving_mean.value) / np.sqrt(norm.moving_variance.value + 1e-3)
    z = z * norm.gamma.value + norm.beta.value
    dense = model.layers[1]
    np.testing.assert_allclose(
        model.predict(x, verbose=0),
        z @ dense.kernel.value + dense.bias.value,
        rtol=1e-5,
        atol=1e-5,  # sums of three products of size 5
    )
