"""Layers of data: the rows that every layer has, adapting, and mistakes."""

import numpy as np
import pytest

import minikeras
from minikeras import Sequential, layers
from minikeras.autodiff import Tensor
from minikeras.config import set_image_data_format
from tests.layers import rows

SMALL, STEPS = [(4, 5)], [(4, 3, 5)]
X = np.ones((200, 100), "float32")
MOMENTS = {"mean": [1.0, 2, 3, 4, 5], "variance": [1.0, 4, 9, 1, 0.25]}
DEVIATIONS = np.array([1, 2, 3, 1, 0.5])

ROWS = [
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
]
every_row = pytest.mark.parametrize("row", ROWS, ids=rows.labels(ROWS))


@pytest.mark.parametrize("check", rows.CHECKS, ids=lambda check: check.__name__)
@every_row
def test_row(row, check):
    check(*row)


def test_the_mask_is_handed_on():
    for cls, options, shapes, _ in ROWS:
        tensor = Tensor(np.ones(shapes[0], "float32"))
        tensor._keras_mask = Tensor(np.ones(shapes[0][:2], bool))
        assert cls(**options)(tensor)._keras_mask is tensor._keras_mask


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


# Mistakes ----------------------------------------------------------------------

NORM = layers.Normalization


@pytest.mark.parametrize(
    ("make", "message"),
    [
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
