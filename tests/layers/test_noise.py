"""Noise, data and function layers: the rows of every layer, training, mistakes."""

import numpy as np
import pytest

from minikeras import layers
from minikeras.autodiff import GradientTape, Tensor
from tests.layers import rows

SMALL, STEPS = [(4, 5)], [(4, 3, 5)]
IMAGES, VOLUMES = [(4, 2, 3, 5)], [(4, 2, 2, 3, 5)]


def same(x):
    return x


ROWS = [
    (layers.GaussianNoise, {"stddev": 0.5}, SMALL, same),
    (layers.GaussianDropout, {"rate": 0.5, "seed": 3}, SMALL, same),
    (layers.AlphaDropout, {"rate": 0.5}, SMALL, same),
    (layers.AlphaDropout, {"rate": 0.5, "noise_shape": [None, 1]}, SMALL, same),
    (layers.SpatialDropout1D, {"rate": 0.5}, STEPS, same),
    (layers.SpatialDropout2D, {"rate": 0.5}, IMAGES, same),
    (layers.SpatialDropout3D, {"rate": 0.5}, VOLUMES, same),
    (layers.ActivityRegularization, {"l1": 0.1, "l2": 0.2}, SMALL, same),
]
every_row = pytest.mark.parametrize("row", ROWS, ids=rows.labels(ROWS))


@pytest.mark.parametrize("check", rows.CHECKS, ids=lambda check: check.__name__)
@every_row
def test_row(row, check):
    if check is rows.check_config and "Spatial" in row[0].__name__:
        check = check_spatial_config
    check(*row)


def check_spatial_config(cls, options, shapes, naive):
    """Keras writes down neither `trainable` nor a full dtype for these."""
    written = cls(**options, name="mine", dtype="float64").get_config()
    assert cls.from_config(written).get_config() == written
    assert (written["name"], written["dtype"]) == ("mine", "float64")
    with pytest.raises(TypeError, match="trainable"):
        cls(**options, trainable=False)


# Noise in training ---------------------------------------------------------------

X = np.ones((200, 100), "float32")
NOISY = {
    layers.GaussianNoise: {"stddev": 0.5},
    layers.GaussianDropout: {"rate": 0.2},
    layers.AlphaDropout: {"rate": 0.3},
    layers.SpatialDropout1D: {"rate": 0.5},
}
every_noise = pytest.mark.parametrize("cls", NOISY, ids=lambda cls: cls.__name__)


def shaped(cls):
    return X.reshape(200, 10, 10) if "1D" in cls.__name__ else X


@every_noise
def test_noise_is_drawn_anew_each_time_and_again_from_the_seed(cls):
    x = shaped(cls)
    first, second = cls(**NOISY[cls], seed=3), cls(**NOISY[cls], seed=3)
    one, two = (first(x, training=True).value for _ in range(2))
    assert not np.array_equal(one, two)
    np.testing.assert_array_equal(second(x, training=True).value, one)
    np.testing.assert_array_equal(second(x, training=True).value, two)
    other = cls(**NOISY[cls], seed=4)(x, training=True).value
    assert not np.array_equal(one, other)


@every_noise
def test_nothing_happens_outside_of_training(cls):
    layer, x = cls(**NOISY[cls]), shaped(cls)
    state = layer.seed_generator.state.value
    for y in (layer(x), layer(x, training=False)):
        np.testing.assert_array_equal(y.value, x)
    np.testing.assert_array_equal(layer.seed_generator.state.value, state)
    off = cls(0.0)
    np.testing.assert_array_equal(off(x, training=True).value, x)
    assert off.variables == []


@every_noise
def test_the_gradient_passes_through_the_noise_that_was_drawn(cls):
    x = Tensor(shaped(cls))
    with GradientTape() as tape:
        tape.watch(x)
        y = cls(**NOISY[cls], seed=1)(x, training=True)
    slope = tape.gradient(y, x).value
    again = cls(**NOISY[cls], seed=1)(x.value * 2, training=True).value
    # y is linear in x: a few roundings
    np.testing.assert_allclose(again - y.value, slope, rtol=1e-5, atol=1e-6)


# 20000 draws: five standard deviations of their mean, and of their deviation


def test_gaussian_noise_has_its_deviation():
    y = layers.GaussianNoise(0.5, seed=1)(X, training=True).value - X
    assert abs(y.mean()) < 5 * 0.5 / 20000**0.5
    assert abs(y.std() - 0.5) < 5 * 0.5 / 40000**0.5


def test_gaussian_dropout_has_its_deviation():
    y = layers.GaussianDropout(0.2, seed=1)(X, training=True).value
    assert abs(y.mean() - 1) < 5 * 0.5 / 20000**0.5
    assert abs(y.std() - 0.5) < 5 * 0.5 / 40000**0.5


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).normal(size=(400, 250)).astype("float32")
    y = layers.AlphaDropout(0.3, seed=1)(x, training=True).value
    # 100000 draws of deviation near 1 each
    assert abs(y.mean()) < 5 / 1e5**0.5
    assert abs(y.std() - 1) < 5 * 2 / 2e5**0.5
    dropped = np.unique(y, return_counts=True)[1].max()  # all others differ
    assert abs(dropped / y.size - 0.3) < 5 * (0.3 * 0.7 / 1e5) ** 0.5


def test_alpha_dropout_shares_its_mask():
    y = layers.AlphaDropout(0.5, (200, 1), seed=1)(X, training=True).value
    assert (y == y[:, :1]).all() and len(np.unique(y[:, 0])) == 2


@pytest.mark.parametrize(
    ("cls", "options", "shape", "channels"),
    [
        (layers.SpatialDropout1D, {}, (40, 3, 20), -1),
        (layers.SpatialDropout2D, {}, (40, 3, 2, 20), -1),
        (layers.SpatialDropout2D, {"data_format": "channels_first"}, (40, 20, 2, 3), 1),
        (layers.SpatialDropout3D, {}, (40, 3, 2, 2, 20), -1),
        (
            layers.SpatialDropout3D,
            {"data_format": "channels_first"},
            (40, 20, 2, 2, 3),
            1,
        ),
    ],
)
def test_spatial_dropout_drops_whole_channels(cls, options, shape, channels):
    y = cls(0.5, seed=1, **options)(np.ones(shape, "float32"), training=True).value
    flat = np.moveaxis(y, channels, 1).reshape(40, 20, -1)
    assert (flat == flat[:, :, :1]).all()
    kept = flat[:, :, 0]
    assert set(np.unique(kept)) == {0, 2}
    assert abs((kept == 0).mean() - 0.5) < 5 * (0.25 / 800) ** 0.5


def test_activity_regularization_is_per_row():
    layer = layers.ActivityRegularization(l1=0.1, l2=0.01)
    layer(np.float32([[1, -2], [3, -4]]))
    # (0.1·10 + 0.01·30) / 2
    np.testing.assert_allclose([float(v) for v in layer.losses], [0.65], rtol=1e-6)


def test_the_mask_is_handed_on():
    for cls, options, shapes, _ in ROWS:
        tensor = Tensor(np.ones(shapes[0], "float32"))
        tensor._keras_mask = Tensor(np.ones(shapes[0][:2], bool))
        assert cls(**options)(tensor)._keras_mask is tensor._keras_mask


# Mistakes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.GaussianNoise(-0.1), "stddev=-0.1"),
        (lambda: layers.GaussianNoise(1.5), "stddev=1.5"),
        (lambda: layers.GaussianNoise("a"), "stddev='a'"),
        (lambda: layers.GaussianDropout(2), "rate=2"),
        (lambda: layers.GaussianDropout(None), "rate=None"),
        (
            lambda: layers.GaussianDropout(1.0, name="gd")(X, training=True),
            "'gd'.*below 1.*rate=1.0",
        ),
        (lambda: layers.AlphaDropout(-1), "rate=-1"),
        (lambda: layers.AlphaDropout(0.5, noise_shape=3), "noise_shape=3"),
        (
            lambda: layers.AlphaDropout(1.0, name="ad")(X, training=True),
            "'ad'.*below 1",
        ),
        (lambda: layers.SpatialDropout1D(1.5), "rate=1.5"),
        (lambda: layers.SpatialDropout1D(0.5, name="sd")(X), "'sd'.*expected ndim=3"),
        (lambda: layers.SpatialDropout2D(0.5, "last"), "data_format='last'"),
        (lambda: layers.SpatialDropout2D(0.5, name="sd")(X), "'sd'.*expected ndim=4"),
        (lambda: layers.SpatialDropout3D(0.5, name="sd")(X), "'sd'.*expected ndim=5"),
        (lambda: layers.ActivityRegularization(l1=-1), "l1"),
    ],
)
def test_impossible_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
