"""Noise, data and function layers: the rows of every layer, training, mistakes."""

import numpy as np
import pytest

import minikeras
from minikeras import Sequential, layers, ops
from minikeras.autodiff import GradientTape, Tensor
from minikeras.config import set_image_data_format
from minikeras.layers.layer import Layer
from tests.layers import rows

SMALL, STEPS = [(4, 5)], [(4, 3, 5)]
IMAGES, VOLUMES = [(4, 2, 3, 5)], [(4, 2, 2, 3, 5)]


def same(x):
    return x


def double(x):
    return x * 2


def scaled(x, factor, training=None):
    return x * factor


MOMENTS = {"mean": [1.0, 2, 3, 4, 5], "variance": [1.0, 4, 9, 1, 0.25]}
DEVIATIONS = np.array([1, 2, 3, 1, 0.5])

ROWS = [
    (layers.GaussianNoise, {"stddev": 0.5}, SMALL, same),
    (layers.GaussianDropout, {"rate": 0.5, "seed": 3}, SMALL, same),
    (layers.AlphaDropout, {"rate": 0.5}, SMALL, same),
    (layers.AlphaDropout, {"rate": 0.5, "noise_shape": [None, 1]}, SMALL, same),
    (layers.SpatialDropout1D, {"rate": 0.5}, STEPS, same),
    (layers.SpatialDropout2D, {"rate": 0.5}, IMAGES, same),
    (layers.SpatialDropout3D, {"rate": 0.5}, VOLUMES, same),
    (layers.ActivityRegularization, {"l1": 0.1, "l2": 0.2}, SMALL, same),
    (layers.Rescaling, {"scale": 0.5, "offset": 2}, SMALL, lambda x: x * 0.5 + 2),
    (
        layers.Rescaling,
        {"scale": [1.0, 2, 3, 4, 5], "offset": [0.5] * 5},
        STEPS,
        lambda x: x * np.arange(1, 6) + 0.5,
    ),
    (
        layers.Normalization,
        MOMENTS,
        STEPS,
        lambda x: (x - np.arange(1, 6)) / DEVIATIONS,
    ),
    (
        layers.Normalization,
        {"invert": True, **MOMENTS},
        SMALL,
        lambda x: x * DEVIATIONS + np.arange(1, 6),
    ),
    (
        layers.Normalization,
        {"axis": None, "mean": 3.0, "variance": 4.0},
        STEPS,
        lambda x: (x - 3) / 2,
    ),
    (
        layers.Normalization,
        {"axis": (-1, 1), "mean": [[1.0], [2], [3]], "variance": [[4.0], [4], [4]]},
        STEPS,
        lambda x: (x - np.array([[1], [2], [3]])) / 2,
    ),
    (layers.Lambda, {"function": double}, SMALL, double),
    (
        layers.Lambda,
        {"function": scaled, "arguments": {"factor": 3.0}, "output_shape": (3, 5)},
        STEPS,
        lambda x: x * 3,
    ),
]
every_row = pytest.mark.parametrize("row", ROWS, ids=rows.labels(ROWS))


@pytest.fixture(autouse=True)
def named_functions():
    known = {"double": double, "scaled": scaled}
    with minikeras.saving.custom_object_scope(known):
        yield


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


def test_all_but_lambda_see_the_mask_through():
    for cls, options, shapes, _ in ROWS:
        tensor = Tensor(np.ones(shapes[0], "float32"))
        tensor._keras_mask = Tensor(np.ones(shapes[0][:2], bool))
        if cls is layers.Lambda:
            with pytest.warns(UserWarning, match="does not support masking"):
                assert cls(**options)(tensor)._keras_mask is None
        else:
            assert cls(**options)(tensor)._keras_mask is tensor._keras_mask


# Normalization and Rescaling -------------------------------------------------------

DATA = np.random.default_rng(5).normal(3, 2, (20, 3))


def batches_of(data):
    return [data[:7], data[7:8], data[8:]]


SOURCES = {
    "array": lambda: DATA,
    "tensor": lambda: Tensor(DATA),
    "list of batches": lambda: batches_of(DATA),
    "generator": lambda: iter(batches_of(DATA)),
    "pairs": lambda: ((x, None) for x in batches_of(DATA)),
    "PyDataset": lambda: Batches(),
}


class Batches(minikeras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return batches_of(DATA)[index], None


@pytest.mark.parametrize("source", SOURCES)
def test_adapt_takes_the_moments_of_the_data(source):
    layer = layers.Normalization(dtype="float64")
    layer.adapt(SOURCES[source]())
    np.testing.assert_allclose(layer.adapt_mean.value, DATA.mean(0), rtol=1e-12)
    np.testing.assert_allclose(layer.adapt_variance.value, DATA.var(0), rtol=1e-12)
    y = layer(DATA).value
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(0), 1, rtol=1e-12)
    back = layers.Normalization(invert=True, dtype="float64")
    back.adapt(SOURCES[source]())
    np.testing.assert_allclose(back(y).value, DATA, rtol=1e-12)


@pytest.mark.parametrize(
    ("axis", "over", "shape"),
    [(None, (0, 1, 2), ()), (1, (0, 2), (4,)), ((1, 2), (0,), (4, 5))],
)
def test_moments_by_axis(axis, over, shape):
    data = np.random.default_rng(0).normal(size=(6, 4, 5))
    for source in (data, [data[:2], data[2:]]):
        layer = layers.Normalization(axis, dtype="float64")
        layer.adapt(source)
        assert layer.adapt_mean.shape == layer.adapt_variance.shape == shape
        np.testing.assert_allclose(layer.adapt_mean.value, data.mean(over), rtol=1e-9)
        np.testing.assert_allclose(layer.adapt_variance.value, data.var(over))


def test_before_adapt_it_changes_nothing_and_its_weights_can_be_set():
    layer = layers.Normalization()
    assert layer.mean is None
    x = DATA.astype("float32")
    np.testing.assert_array_equal(layer(x).value, x)
    assert [w.name for w in layer.weights] == ["mean", "variance", "count"]
    assert layer.trainable_weights == []
    layer.set_weights([np.ones(3), np.full(3, 4.0), 0])
    np.testing.assert_array_equal(layer(x).value, (x - 1) / 2)


def test_a_constant_feature_is_divided_by_epsilon_only():
    layer = layers.Normalization()
    layer.adapt(np.full((4, 2), 3.0))
    assert layer(np.full((1, 2), 3.0)).value.tolist() == [[0, 0]]


def test_normalization_in_a_model_stays_put():
    layer = layers.Normalization()
    layer.adapt(DATA)
    model = Sequential([layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    before = layer.get_weights()
    model.fit(DATA, DATA[:, :1], epochs=2, verbose=0)
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert model.output_shape == (None, 1)


def test_a_refused_adapt_changes_nothing():
    layer = layers.Normalization(name="own")
    layer.adapt(DATA)
    before = layer.get_weights()
    for bad in (DATA[:, :2], DATA[:0], [DATA, DATA[:, :2]], [], [[1.0, 2.0]], 3):
        with pytest.raises(ValueError, match="own|Expected an array"):
            layer.adapt(bad)
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_rescaling_of_whole_numbers_and_channels():
    x = np.arange(6, dtype="uint8").reshape(1, 3, 2, 1)
    y = layers.Rescaling(1 / 4)(x)
    assert y.dtype == np.float32 and y.value.ravel().tolist() == [
        0,
        0.25,
        0.5,
        0.75,
        1,
        1.25,
    ]
    set_image_data_format("channels_first")
    try:
        y = layers.Rescaling([1.0, 2, 3])(x)
    finally:
        set_image_data_format("channels_last")
    assert y.value.ravel().tolist() == [0, 1, 4, 6, 12, 15]


# Lambda ------------------------------------------------------------------------


def test_what_a_function_does_to_a_batch_is_not_known():
    assert layers.Lambda(double).couples_samples


def test_lambda_gets_the_arguments_it_asks_for():
    seen = []

    def probe(x, factor, training=None, mask=None):
        seen.append((factor, training, mask))
        return x

    layer = layers.Lambda(probe, arguments={"factor": 2})
    layer(X)
    layer(X, training=True)
    mask = Tensor(np.ones((200,), bool))
    layers.Lambda(probe, mask=mask, arguments={"factor": 2})(X, mask=mask)
    assert seen[:2] == [(2, None, None), (2, True, None)]
    assert seen[2][2] is mask


def test_a_lambda_works_and_learns_but_cannot_be_saved():
    layer = layers.Lambda(lambda x: ops.square(x), name="squares")
    x = Tensor(np.float32([[3.0]]))
    with GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    assert tape.gradient(y, x).value.tolist() == [[6]]
    with pytest.raises(ValueError, match="'squares'.*`function` is a lambda"):
        layer.get_config()
    shaped = layers.Lambda(double, output_shape=lambda shape: shape, name="shaped")
    with pytest.raises(ValueError, match="'shaped'.*`output_shape` is a lambda"):
        shaped.get_config()


@pytest.mark.parametrize("argument", ["function", "output_shape", "mask"])
def test_code_in_a_config_is_never_run(argument):
    code = {"class_name": "__lambda__", "config": {"code": "4wEA", "closure": None}}
    config = layers.Lambda(double).get_config() | {argument: code}
    for safe_mode in (None, True, False):
        with pytest.raises(ValueError, match=f"`{argument}`.*never run"):
            layers.Lambda.from_config(config, safe_mode=safe_mode)


def test_only_known_functions_are_found():
    config = layers.Lambda(double).get_config()
    assert config["function"]["config"] == "double"
    assert layers.Lambda.from_config(config).function is double
    config["function"]["config"] = "os.system"
    with pytest.raises(ValueError, match="os.system"):
        layers.Lambda.from_config(config)


def test_a_model_with_a_users_function_trains():
    model = Sequential([layers.Lambda(double), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(DATA / 10, DATA[:, :1], epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert isinstance(model.layers[0], Layer) and model.output_shape == (None, 1)


# Mistakes ----------------------------------------------------------------------

NORM = layers.Normalization


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
        (lambda: layers.Rescaling(None, name="r"), "'r'.*scale=None"),
        (lambda: layers.Rescaling(1, offset="a", name="r"), "'r'.*offset='a'"),
        (lambda: NORM(mean=1.0, name="n"), "'n'.*mean=1.0, variance=None"),
        (lambda: NORM(variance=1.0, name="n"), "'n'.*mean=None, variance=1.0"),
        (
            lambda: NORM(mean=[1.0], variance=[1.0, 2.0], name="n"),
            r"'n'.*\(1,\).*\(2,\)",
        ),
        (lambda: NORM(mean=[[1.0]], variance=[[1.0]], name="n"), r"'n'.*\(1, 1\)"),
        (lambda: NORM(axis="last"), "axis='last'"),
        (lambda: NORM(axis=2, name="n")(X), "Axis 2 of layer 'n'"),
        (lambda: NORM(axis=(1, -1), name="n")(X), "'n'.*twice"),
        (lambda: NORM(name="n").build((4, None)), "'n'.*known lengths"),
        (lambda: NORM(mean=[1.0, 2], variance=[1.0, 2], name="n")(X), "'n'.*100"),
        (lambda: NORM(mean=1.0, variance=1.0, name="n").adapt(X), "'n'.*mean=1.0"),
        (lambda: layers.Lambda(3, name="la"), "'la'.*function=3"),
    ],
)
def test_impossible_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_data_of_another_shape_is_refused():
    layer = NORM(name="n")
    layer.adapt(DATA)
    with pytest.raises(ValueError, match="'n'.*expected axis -1.*value 3"):
        layer(DATA[:, :1])
    # A sample without the batch axis is taken, as in Keras.
    assert layer(DATA[0]).shape == (1, 3)
