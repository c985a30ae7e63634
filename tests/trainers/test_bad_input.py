"""Mistakes: the right exception, the offending value in it, nothing changed."""

import re
import warnings

import numpy as np
import pytest

import minikeras as keras
from tests.trainers.small_model import X, Y, make_data, make_model, refuses

NAMES = [
    (lambda: keras.layers.Dense(3, activation="softmox"), "softmox", "softmax"),
    (lambda: keras.layers.Dense(3, activation="sigmod"), "sigmod", "sigmoid"),
    (lambda: make_model().compile(optimizer="sdg"), "sdg", "sgd"),
    (
        lambda: make_model(loss="mean_square_error"),
        "mean_square_error",
        "mean_squared_error",
    ),
    (lambda: make_model().compile(metrics=["acuracy"]), "acuracy", "accuracy"),
    (
        lambda: make_model().compile(metrics=["sparse_categorical_acuracy"]),
        "sparse_categorical_acuracy",
        "sparse_categorical_accuracy",
    ),
    (
        lambda: keras.layers.Dense(3, kernel_initializer="glorot_unifrom"),
        "glorot_unifrom",
        "glorot_uniform",
    ),
    (lambda: keras.layers.Dense(3, kernel_regularizer="12"), "12", ""),
    (
        lambda: keras.layers.Dense(3, kernel_constraint="nonneg"),
        "nonneg",
        "NonNeg",
    ),
    (lambda: make_model().get_layer("dens"), "dens", "dense"),
]


@pytest.mark.parametrize(("action", "received", "nearest"), NAMES)
def test_unknown_names_come_with_the_nearest_right_one(action, received, nearest):
    refuses(action, ValueError, received, nearest)


ARGUMENTS = [
    ("batch_size", 0),
    ("batch_size", -3),
    ("batch_size", 2.5),
    ("epochs", 0),
    ("epochs", -1),
    ("epochs", 1.5),
    ("validation_freq", 0),
    ("validation_freq", -2),
    ("validation_freq", "2"),
    ("validation_split", -0.1),
    ("validation_split", 1.0),
    ("validation_split", 1.5),
    ("validation_split", 0.999),
    ("validation_split", 1e-17),
    ("steps_per_epoch", 0),
    ("initial_epoch", -1),
    ("verbose", 3),
    ("shuffle", "epoch"),
]


@pytest.mark.parametrize(("name", "value"), ARGUMENTS)
def test_fit_refuses_impossible_arguments(name, value):
    model = make_model()
    before = model.get_weights()
    x, y = make_data()
    refuses(
        lambda: model.fit(x, y, **({"verbose": 0} | {name: value})),
        ValueError,
        name,
        str(value),
    )
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert model.optimizer.iterations == 0


def spoiled(y, value):
    y = y.copy()
    y[-1] = value  # in the last batch: the first ones must not be trained on
    return y


DATA = [
    ("lengths", lambda: (X, Y[:-1]), ["20", "19"]),
    ("label too large", lambda: (X, spoiled(Y, 3)), ["3"]),
    ("negative label", lambda: (X, spoiled(Y, -1)), ["-1"]),
    ("negative in uint", lambda: (X, spoiled(Y, 200).astype("uint8")), ["200"]),
    ("features", lambda: (X[:, :3], Y), ["3", "4"]),
    ("rank", lambda: (X[:, 0], Y), ["(None, 4)"]),
    ("no rows", lambda: (X[:0], Y[:0]), ["0"]),
    ("strings", lambda: (X.astype(str), Y), ["strings", "x"]),
    ("objects", lambda: (np.array([[{}] * 4] * 20), Y), ["objects"]),
    ("ragged", lambda: ([[1.0, 2, 3, 4], [1.0]], [0, 1]), ["differ in length"]),
    ("string list", lambda: ([["a", "b", "c", "d"]], [0]), ["strings"]),
    ("scalar", lambda: (np.float32(3), np.int64(1)), ["scalar"]),
    ("text", lambda: ("data.csv", Y), ["data.csv"]),
    ("complex", lambda: (X + 1j, Y), ["complex"]),
    ("none", lambda: (None, None), ["None"]),
    ("shape of y", lambda: (X, np.stack([Y, Y], 1)), ["(", "2"]),
]


@pytest.mark.parametrize(
    ("make", "words"), [row[1:] for row in DATA], ids=[row[0] for row in DATA]
)
@pytest.mark.parametrize("action", ["fit", "evaluate"])
def test_bad_data_is_refused_and_changes_nothing(make, words, action):
    model = make_model()
    before = model.get_weights()
    x, y = make()
    refuses(
        lambda: getattr(model, action)(x, y, batch_size=5, verbose=0),
        ValueError,
        *words,
    )
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert model.optimizer.iterations == 0


def test_bad_validation_data_is_refused_before_training():
    for validation in ((X[:, :2], Y), (X, Y[:3]), (X, spoiled(Y, 7)), (X[:0], Y[:0])):
        model = make_model()
        before = model.get_weights()
        with pytest.raises(ValueError):
            model.fit(X, Y, validation_data=validation, verbose=0)
        for old, new in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)


def test_labels_are_checked_for_unbuilt_and_subclassed_models_too():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(3, activation="softmax")

        def call(self, x):
            return self.dense(x)

    for model in (Net(), keras.Sequential([keras.layers.Dense(3)])):
        model.compile("sgd", "sparse_categorical_crossentropy")
        refuses(
            lambda m=model: m.fit(X, spoiled(Y, 5), batch_size=4, verbose=0),
            ValueError,
            "5",
        )
        assert model.optimizer.iterations == 0


UNITS = [0, -1, 2.5, "3", None, True, np.float64(3)]


@pytest.mark.parametrize("units", UNITS, ids=repr)
def test_dense_refuses_units(units):
    refuses(lambda: keras.layers.Dense(units), ValueError, "units", repr(units))


def test_numpy_integers_are_integers():
    layer = keras.layers.Dense(np.int64(3))
    assert layer(np.ones((2, 4), "float32")).shape == (2, 3)
    model = make_model()
    model.fit(
        X,
        Y,
        batch_size=np.int32(8),
        epochs=np.int64(2),
        validation_split=np.float32(0.25),
        validation_freq=np.int64(1),
        verbose=0,
    )
    assert len(model.history.history["val_loss"]) == 2


def test_learning_rates():
    for value in (float("inf"), float("nan"), "fast"):
        with pytest.raises((ValueError, TypeError), match=re.escape(str(value))):
            keras.optimizers.SGD(learning_rate=value)


def test_fit_before_compile_and_summary_before_build(capsys):
    model = keras.Sequential([keras.layers.Dense(3)])
    for action in ("fit", "evaluate", "train_on_batch", "test_on_batch"):
        refuses(lambda a=action: getattr(model, a)(X, Y), ValueError, "compile()")
    # Keras 3 prints an unbuilt model: its weights are not there yet.
    model.summary()
    assert "unbuilt" in capsys.readouterr().out
    refuses(model.count_params, ValueError, "built")


FORMS = {
    "float64": lambda x: x.astype("float64"),
    "float16": lambda x: x.astype("float16"),
    "int": lambda x: np.round(x).astype("int64"),
    "bool": lambda x: x > 0,
    "big endian": lambda x: x.astype(">f8"),
    "big endian int": lambda x: np.round(x).astype(">i4"),
    "fortran": np.asfortranarray,
    "strided": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "list": lambda x: x.tolist(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_numbers_trains_and_is_not_modified(form):
    x = FORMS[form](X)
    plain = np.asarray(x, dtype="float32")
    before = np.array(x)
    results = []
    for data in (x, plain):
        model = make_model()
        model.fit(data, Y, epochs=2, batch_size=6, verbose=0)
        results.append(model.predict(data, verbose=0))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(before, np.array(x))


def test_read_only_and_memory_mapped_data(tmp_path):
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    read_only = X.copy()
    read_only.flags.writeable = False
    results = []
    for data in (X, mapped, read_only):
        model = make_model()
        model.fit(data, Y, epochs=2, batch_size=6, verbose=0)
        results.append(model.get_weights()[0])
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_big_endian_labels():
    results = []
    for y in (Y, Y.astype(">i8"), Y.astype(">f4")):
        model = make_model()
        model.fit(X, y, epochs=1, verbose=0)
        results.append(model.get_weights()[0])
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    model = make_model()
    model.fit(frame, pandas.Series(Y), epochs=1, verbose=0)
    twin = make_model()
    twin.fit(X, Y, epochs=1, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], twin.get_weights()[0])
    words = pandas.DataFrame({"a": ["x", "y"]})
    refuses(lambda: model.fit(words, [0, 1], verbose=0), ValueError, "row 0", "'x'")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_or_inf_gives_one_warning_with_the_array_and_the_row(bad):
    x = X.copy()
    x[7, 2] = bad
    x[9, 1] = bad
    model = make_model()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(x, Y, epochs=3, batch_size=5, verbose=0)
    messages = [str(w.message) for w in caught]
    assert len(messages) == 1, messages
    assert "`x`" in messages[0] and "row 7" in messages[0]
    assert caught[0].filename == __file__


def test_predict_on_no_rows_gives_no_rows():
    model = make_model()
    assert model.predict(X[:0], verbose=0).shape == (0, 3)
    assert model(X[:0].astype("float32")).shape == (0, 3)
    unbuilt = keras.Sequential([keras.layers.Dense(2)])
    assert unbuilt.predict(X[:0], verbose=0).shape == (0, 2)


def test_a_layer_that_forgot_super_init():
    class Forgot(keras.layers.Layer):
        def __init__(self):
            self.units = 3

        def call(self, x):
            return x

    refuses(lambda: Forgot()(X), RuntimeError, "super().__init__()")


def test_mistakes_in_compile_and_call_are_named():
    refuses(lambda: make_model(loss=[]), ValueError, "loss=[]")
    refuses(
        lambda: make_model(loss_weights=["accuracy"]), ValueError, "accuracy", "numbers"
    )
    model = make_model(loss_weights=[1.0, 2.0])
    refuses(lambda: model.fit(X, Y, verbose=0), ValueError, "1", "2")
    model = make_model()
    model.compile(optimizer=None, loss="mse")
    refuses(lambda: model.train_on_batch(X, np.eye(3)[Y]), ValueError, "optimizer")

    class Silent(keras.Model):
        def call(self, x):
            x * 2

    model = Silent()
    model.compile("sgd", "mse")
    for action in (lambda: model.fit(X, Y, verbose=0), lambda: model.predict(X)):
        refuses(action, ValueError, "Silent", "None")


def test_a_list_of_one_target_is_the_target():
    model, twin = make_model(), make_model()
    model.fit(X, [Y], verbose=0, sample_weight=[np.ones(20)])
    twin.fit(X, Y, verbose=0, sample_weight=np.ones(20))
    np.testing.assert_array_equal(model.get_weights()[0], twin.get_weights()[0])
    assert model.evaluate(X, [Y], verbose=0) == twin.evaluate(X, Y, verbose=0)
