"""Made-up data: the shapes of the real sets, always the same, and learnable."""

import random

import numpy as np
import pytest

import minikeras as keras
from minikeras import datasets, layers

NAMES = sorted(set(datasets.__all__) - {"digits", "iris"})
# (rows for training, for the test, shape of a row, of a label, dtypes, least, largest)
FORMS = {
    "mnist": (60_000, 10_000, (28, 28), (), "uint8", "uint8", 0, 255),
    "fashion_mnist": (60_000, 10_000, (28, 28), (), "uint8", "uint8", 0, 255),
    "cifar10": (50_000, 10_000, (32, 32, 3), (1,), "uint8", "uint8", 0, 255),
    "cifar100": (50_000, 10_000, (32, 32, 3), (1,), "uint8", "int64", 0, 255),
    "boston_housing": (404, 102, (13,), (), "float64", "float64", 0, 711),
    "california_housing": (16_512, 4128, (8,), (), "float32", "float32", -125, 39_320),
    "imdb": (25_000, 25_000, (), (), "object", "int64", 1, 88_586),
    "reuters": (8_982, 2_246, (), (), "object", "int64", 1, 30_981),
}
CLASSES = {
    "mnist": 10,
    "fashion_mnist": 10,
    "cifar10": 10,
    "cifar100": 100,
    "imdb": 2,
    "reuters": 46,
}


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("MINIKERAS_DATASETS", "synthetic")


@pytest.fixture(scope="module")
def loaded():
    """Each set, made once and kept for the tests of this file."""
    made = {}

    def load(name):
        if name not in made:
            made[name] = getattr(datasets, name).load_data()
        return made[name]

    return load


@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_form_of_the_real_set(loaded, name):
    *rows, shape, label_shape, dtype, label_dtype, least, largest = FORMS[name]
    for (x, y), n in zip(loaded(name), rows, strict=True):
        assert x.shape == (n, *shape) and x.dtype == dtype
        assert y.shape == (n, *label_shape) and y.dtype == label_dtype
        if dtype == "object":
            assert all(type(text) is list and type(text[0]) is int for text in x)
            assert {text[0] for text in x} == {1}
            assert least <= min(map(min, x)) and max(map(max, x)) <= largest
            assert 10 < min(map(len, x)) and max(map(len, x)) < 2500
        else:
            assert least <= x.min() and x.max() <= largest
        if name in CLASSES:
            assert np.unique(y).tolist() == list(range(CLASSES[name]))
        assert x.flags.writeable and y.flags.writeable


def test_images_use_all_grey_levels(loaded):
    for name in ("mnist", "fashion_mnist", "cifar10"):
        (x, _), _ = loaded(name)
        assert (np.bincount(x[:2000].ravel(), minlength=256) > 0).all()


def test_coarse_labels_hold_five_fine_ones(loaded):
    (_, fine), _ = loaded("cifar100")
    (_, coarse), _ = datasets.cifar100.load_data("coarse")
    assert (coarse == fine // 5).all()


def test_prices_have_the_real_range(loaded):
    for name, low, high in (
        ("boston_housing", 5, 50),
        ("california_housing", 15_000, 500_000),
    ):
        (_, y), _ = loaded(name)
        assert (y.min(), y.max()) == (low, high)
        assert low + 0.3 * (high - low) < y.mean() < low + 0.5 * (high - low)


@pytest.mark.parametrize("name", ["mnist", "boston_housing", "reuters"])
def test_it_is_the_same_each_time_and_draws_from_no_stream(loaded, name, capsys):
    random.seed(3)
    np.random.seed(3)
    before = random.getstate(), np.random.get_state()[1].tolist()
    again = getattr(datasets, name).load_data()
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
    for ours, theirs in zip(loaded(name), again, strict=True):
        assert np.array_equal(ours[0], theirs[0]) and np.array_equal(ours[1], theirs[1])
    out, error = capsys.readouterr()
    assert out == "" and error.count("\n") >= 1 and "made-up" in error


def test_word_indices_name_each_number_once():
    for module, n, words in (
        (datasets.imdb, 88_584, ("the", "good", "bad", "bad7")),
        (datasets.reuters, 30_979, ("the", "cocoa", "earn3")),
    ):
        index = module.get_word_index()
        assert sorted(index.values()) == list(range(1, n + 1))
        assert set(words) <= set(index)


def test_words_of_a_label_speak_for_it(loaded):
    (x, y), _ = loaded("imdb")
    index = datasets.imdb.get_word_index()
    good, bad = index["good"] + 3, index["bad"] + 3
    counts = np.array([(text.count(good), text.count(bad)) for text in x])
    for label, more in ((1, 0), (0, 1)):
        of_label = counts[y == label].sum(axis=0)
        assert of_label[more] > 2 * of_label[1 - more]


# ---- a network learns it, and does as well on the test rows


def test_a_dense_network_learns_mnist(loaded):
    (x, y), (x_test, y_test) = loaded("mnist")
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[:20_000], y[:20_000], epochs=2, verbose=0)
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    assert 0.9 < accuracy < 1  # neither out of reach nor trivial


def test_a_convnet_learns_cifar10(loaded):
    (x, y), (x_test, y_test) = loaded("cifar10")
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, strides=2, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(x[:3000], y[:3000], epochs=2, verbose=0)
    _, accuracy = model.evaluate(x_test[:2000], y_test[:2000], verbose=0)
    assert accuracy > 0.9


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_an_embedding_learns_texts(loaded, name):
    """The last 100 words, of a thousand: what tutorials keep."""
    (x, y), (x_test, y_test) = getattr(datasets, name).load_data(num_words=1000)
    x = keras.utils.pad_sequences(x[:4000], 100)
    x_test = keras.utils.pad_sequences(x_test[:2000], 100)
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            layers.Embedding(1000, 32),
            layers.GlobalAveragePooling1D(),
            layers.Dense(CLASSES[name], activation="softmax"),
        ]
    )
    rate = keras.optimizers.Adam(0.03)
    model.compile(rate, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y[:4000], epochs=6, verbose=0)
    _, accuracy = model.evaluate(x_test, y_test[:2000], verbose=0)
    assert accuracy > 0.85


@pytest.mark.parametrize("name", ["boston_housing", "california_housing"])
def test_a_dense_network_learns_prices(loaded, name):
    """Its mean error is less than half of what the mean price alone would give."""
    (x, y), (x_test, y_test) = loaded(name)
    mean, deviation, middle = x.mean(axis=0), x.std(axis=0), y.mean()
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    model.fit((x - mean) / deviation, (y - middle) / y.std(), epochs=20, verbose=0)
    predicted = model.predict((x_test - mean) / deviation, verbose=0)[:, 0]
    error = np.abs(predicted * y.std() + middle - y_test).mean()
    assert error < 0.5 * np.abs(y_test - middle).mean()
