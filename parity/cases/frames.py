"""pandas objects as data, and other forms that scripts hand to fit."""

import numpy as np
import pandas

from parity.case import EXACT, Tolerance, case

DRIFT = Tolerance("a few float32 steps, one rounding each", 0, 2e-6, 2e-6)

X = np.random.default_rng(5).normal(size=(30, 3))
Y = X[:, :1] * 2
FRAMES = {
    "float64": pandas.DataFrame(X),
    "float64 and bool": pandas.DataFrame(X).assign(b=X[:, 0] > 0),
    "float64 and Float64": pandas.DataFrame(X).assign(
        b=pandas.array(X[:, 0], dtype="Float64")
    ),
    "get_dummies": pandas.get_dummies(
        pandas.DataFrame({"a": X[:, 0], "word": ["x", "y", "z"] * 10})
    ),
    "int": pandas.DataFrame({"a": range(30), "b": range(30, 60)}),
}


@case(EXACT, {"value": DRIFT})
def frames(library):
    """Losses and outputs for frames with columns of several kinds."""
    keras = library.keras
    for name, frame in FRAMES.items():
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Dense(1, activation="tanh")])
        model.compile("sgd", "mse", metrics=["mae"])
        data = {"validation_split": 0.3, "sample_weight": pandas.Series(X[:, 1] ** 2)}
        target = pandas.Series(Y[:, 0])
        history = model.fit(frame, target, epochs=2, verbose=0, **data).history
        for key, values in history.items():
            yield f"value/{name}/{key}", np.array(values)
        yield f"value/{name}/predicted", model.predict(frame, verbose=0)
        yield f"value/{name}/called", np.asarray(model(frame.astype("float32")))


@case(EXACT, {"value": DRIFT})
def series(library):
    """A Series is a column: the shapes of inputs and targets that the model sees."""
    keras = library.keras
    shapes: list = []

    def loss(y_true, y_pred):
        shapes.append((tuple(y_true.shape), tuple(y_pred.shape)))
        return keras.ops.square(y_true - y_pred)

    column = pandas.Series(X[:, 0])
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", loss, run_eagerly=True)
    model.fit(column, column, batch_size=30, verbose=0)
    yield "shapes/fit", str(shapes[-1])
    model.evaluate(column, column, batch_size=30, verbose=0)
    yield "shapes/evaluate", str(shapes[-1])
    model.train_on_batch(X[:, :1], column)
    yield "shapes/train_on_batch", str(shapes[-1])
    yield "value/predict", model.predict(column, verbose=0)
    yield "value/weight", np.asarray(model.layers[0].kernel)


@case(EXACT, {"value": DRIFT})
def uphill(library):
    """A negative learning rate, which goes uphill, and labels that are no classes."""
    keras = library.keras
    for loss, rate in (("mse", -0.01), ("binary_crossentropy", 0.1)):
        model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
        model.compile(keras.optimizers.SGD(rate), loss)
        history = model.fit(X, np.sign(Y), epochs=3, verbose=0).history
        yield f"value/{loss}", np.array(history["loss"])
