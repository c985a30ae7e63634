"""docs/semantics.md beside real tf.keras: what losses and metrics make of numbers."""

import warnings

import numpy as np

from parity.case import EXACT, Tolerance, case, ulp

Z = np.array([[0.5, -1.0, 2.0], [0.1, 0.2, -0.3], [1.5, 0.0, -2.0]], "float32")
ONE_HOT = np.array([[0, 0, 1], [0, 1, 0], [0, 0, 1]], "float32")
COLUMN = np.array([[0.5], [-1.0], [2.0], [1.0], [-0.5]], "float32")
MEANS = ulp(8, "exponentials and logarithms, then means in another order")
# Some twenty float32 operations on numbers near 1 in each of two steps.
STEPS = Tolerance("two float32 steps", 0, 2e-6, 2e-6)


@case(MEANS)
def handed_on(library):
    """The loss takes the logits behind any softmax or sigmoid, as its own function
    would have made them; an operation in between hides them."""
    keras = library.keras
    for activation in ("softmax", "sigmoid"):
        function = keras.activations.get(activation)
        for name in ("binary_crossentropy", "categorical_crossentropy"):
            loss = keras.losses.get(name)
            p = function(library.tensor(Z))
            yield f"{activation} {name}", loss(ONE_HOT, p)
            hidden = keras.ops.reshape(function(library.tensor(Z)), (3, 3))
            yield f"{activation} {name} reshaped", loss(ONE_HOT, hidden)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        p = keras.activations.softmax(library.tensor(Z))
        loss = keras.losses.categorical_crossentropy(ONE_HOT, p, from_logits=True)
        yield "from_logits", loss
    yield "warned", len(warned)


@case(EXACT, {"log": STEPS}, slow=True)
def handed_on_in_fit(library):
    keras = library.keras
    for activation in ("softmax", "sigmoid", "reshaped"):
        for loss in ("binary_crossentropy", "categorical_crossentropy"):
            keras.utils.set_random_seed(4)
            last = "softmax" if activation == "reshaped" else activation
            layers = [keras.layers.Dense(3, activation=last)]
            if activation == "reshaped":
                layers.append(keras.layers.Reshape((3,)))
            model = keras.Sequential(layers)
            compiled = loss == "binary_crossentropy"
            model.compile(
                keras.optimizers.SGD(0.5),
                loss,
                run_eagerly=library.eager_unless(compiled),
            )
            history = model.fit(30 * Z, ONE_HOT, epochs=2, verbose=0)
            yield f"log/{activation} {loss}", history.history["loss"]


def squares(y_true, y_pred):
    """A loss of rows, as Keras wants it; written by hand since ops differ."""
    return (y_true - y_pred) ** 2


@case(EXACT, {"log": STEPS}, slow=True)
def scalars(library):
    """Losses and metrics that return one number, and sums, over batches of 4 and 1."""
    ops = library.keras.ops
    keras = library.keras

    def scalar(y_true, y_pred):
        return ops.mean(squares(y_true, y_pred))

    model = keras.Sequential([keras.layers.Identity()])
    target = np.zeros_like(COLUMN)
    weights = np.array([1, 2, 0, 0.5, 3], "float32")
    model.compile("sgd", scalar, metrics=[scalar])
    options = {"batch_size": 4, "verbose": 0}
    yield "log/scalar", model.evaluate(COLUMN, target, **options)
    given = {"sample_weight": weights} | options
    yield "log/weighted", model.evaluate(COLUMN, target, **given)
    model.compile("sgd", keras.losses.MeanSquaredError(reduction="sum"))
    yield "log/sum", model.evaluate(COLUMN, target, **options)


@case(MEANS)
def classes(library):
    """Ties, smoothing along another axis, probabilities for class numbers."""
    metrics, losses = library.keras.metrics, library.keras.losses
    tied = np.full((2, 3), 1 / 3, "float32")
    label = np.array([[0, 0, 1], [1, 0, 0]], "float32")
    for metric in (
        metrics.CategoricalAccuracy(),
        metrics.TopKCategoricalAccuracy(1),
        metrics.SparseTopKCategoricalAccuracy(1),
    ):
        target = label.argmax(1) if "sparse" in metric.name else label
        metric.update_state(target, tied)
        yield f"ties {metric.name}", metric.result()
    column = np.array([[0.2, 0.6], [0.5, 0.3], [0.3, 0.1]], "float32")
    target = np.array([[0, 1], [1, 0], [0, 0]], "float32")
    options = {"label_smoothing": 0.3, "axis": 0}
    yield "smoothed", losses.categorical_crossentropy(target, column, **options)
    iou = metrics.MeanIoU(num_classes=2)
    iou.update_state(np.array([0, 1, 1, 0]), np.array([0.2, 0.9, 0.6, 0.4], "float32"))
    yield "iou", iou.result()
    tversky = losses.tversky(ONE_HOT, np.full((3, 3), 0.25, "float32"), 0.9, 0.2)
    yield "tversky", tversky


@case(MEANS)
def scores(library):
    """AUC between two thresholds, R² where nothing varies."""
    metrics = library.keras.metrics
    auc = metrics.AUC()
    auc.update_state(np.array([0, 0, 1, 1]), np.array([1, 2, 3, 4], "float32") / 1000)
    yield "auc", auc.result()
    for name, guess in (("right", 0.5), ("wrong", 0.25)):
        score = metrics.R2Score()
        constant = np.full((4, 1), 0.5, "float32")
        score.update_state(constant, np.full((4, 1), guess, "float32"))
        yield f"constant {name}", score.result()
    score = metrics.R2Score(num_regressors=2)
    score.update_state(Z, Z + 0.25 * ONE_HOT)
    yield "adjusted", score.result()
