"""Frames and Series as data: what Keras makes of them (array_slicing.py)."""

import numpy as np
import pytest

import minikeras as keras
from tests.trainers.small_model import X, Y, make_model, refuses

pd = pytest.importorskip("pandas")

COLUMN = pd.Series(X[:, 0])


class Shapes(keras.layers.Layer):
    """Notes the shapes that reach it."""

    def __init__(self):
        super().__init__()
        self.seen: list = []

    def call(self, x):
        self.seen.append(x.shape)
        return x


def trained(x, y=Y):
    model = make_model()
    model.fit(x, y, epochs=2, batch_size=5, verbose=0)
    return model.get_weights()[0]


def frame(**columns):
    return pd.DataFrame(dict(zip("abcd", X.T, strict=True)) | columns)


MIXED = {
    "floats and bools": frame(c=X[:, 2] > 0),
    "float32 and bools": frame(c=X[:, 2] > 0).astype({n: "float32" for n in "abd"}),
    "float64 and Float64": frame(c=pd.array(X[:, 2], dtype="Float64")),
    "Float64 alone": frame().astype("Float64"),
    "objects that are numbers": frame(c=X[:, 2].astype(object)),
    "ints and bools": pd.DataFrame({n: range(20) for n in "abc"}).assign(d=Y > 1),
}


@pytest.mark.parametrize("kind", MIXED)
def test_columns_of_several_kinds_are_numbers(kind):
    data = MIXED[kind]
    plain = np.array(data.to_numpy(), dtype="float32")
    np.testing.assert_array_equal(trained(data), trained(plain))
    model = make_model()
    np.testing.assert_array_equal(
        model.predict(data, verbose=0), model.predict(plain, verbose=0)
    )


def test_a_missing_number_is_nan():
    data = frame(c=pd.array([None, *X[1:, 2]], dtype="Float64"))
    with pytest.warns(UserWarning, match="`x` holds NaN.*row 0"):
        assert np.isnan(trained(data)).any()


def test_what_is_no_number_is_named():
    words = frame(c=["x", "y"] * 10)
    dates = frame(c=pd.date_range("2020", periods=20))
    refuses(lambda: trained(words), ValueError, "row 0 holds 'x'")
    refuses(lambda: trained(dates), ValueError, "row 0 holds Timestamp('2020-01-01")
    refuses(lambda: trained(X, pd.Series(["x"] * 20)), ValueError, "`y`", "'x'")


@pytest.mark.parametrize("split", [0.0, 0.5])
def test_a_series_is_a_column(split):
    layer = Shapes()
    model = keras.Sequential([layer, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(COLUMN, COLUMN, validation_split=split, verbose=0)
    model.evaluate(COLUMN, COLUMN, verbose=0)
    assert model.predict(COLUMN, verbose=0).shape == (20, 1)
    assert {len(shape) for shape in layer.seen} == {2}


def test_targets_and_weights_are_columns_too():
    shapes = []

    class Noting(keras.losses.Loss):
        def call(self, y_true, y_pred):
            shapes.append(y_true.shape)
            return keras.ops.mean(y_pred, axis=-1)

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", Noting())
    model.fit(X, COLUMN, batch_size=20, sample_weight=COLUMN, verbose=0)
    assert shapes == [(20, 1)]
    model.train_on_batch(X, COLUMN)
    assert shapes[1:] == [(20,)]


def test_a_dict_of_series():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)
            self.shapes = Shapes()

        def call(self, x):
            return self.dense(keras.ops.concatenate([self.shapes(x["a"]), x["b"]]))

    model = Net()
    model.compile("sgd", "mse")
    data = dict(frame()[["a", "b"]])
    assert model.predict(data, verbose=0).shape == (40, 1)
    assert set(model.shapes.seen) == {(20, 1)}


def test_the_index_does_not_matter():
    order = np.random.default_rng(1).permutation(20)
    shuffled = frame().iloc[order]
    np.testing.assert_array_equal(
        trained(shuffled, Y[order]), trained(X[order], Y[order])
    )


@pytest.mark.parametrize("of", [lambda: make_model(), lambda: keras.layers.Dense(2)])
def test_models_and_layers_are_called_with_frames(of):
    called = of()
    outputs = called(frame())
    assert isinstance(outputs, keras.Tensor) and outputs.dtype == "float32"
    np.testing.assert_array_equal(outputs, called(X.astype("float32")))


def test_labels_in_a_series_weigh_by_class():
    model, twin = make_model(), make_model()
    weights = {0: 2.0, 1: 0.5}
    model.fit(X, pd.Series(Y), class_weight=weights, verbose=0)
    twin.fit(X, Y, class_weight=weights, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], twin.get_weights()[0])
