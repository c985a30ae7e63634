"""docs/semantics.md, training: what weighs what in `fit` and `evaluate`, and what a
setting reaches."""

import numpy as np

import minikeras as keras
from minikeras import layers, losses, ops
from tests.semantics.ledger import hold

X = np.linspace(-1, 2, 10, dtype="float32")[:, None]
Y = np.sin(3 * X)
ERRORS = ((0.5 * X - Y) ** 2).ravel().astype("float64")
WEIGHTS = np.linspace(0, 3, 10, dtype="float32")
LABELS = (X > 0.4).astype("int32")
L2 = keras.regularizers.L2(0.25)
# The losses of ten rows are added in float32, at most ten roundings.
TEN = 1e-6


def line(loss="mse", metrics=None, optimizer="sgd", **options):
    """ŷ = x / 2, compiled."""
    half = keras.initializers.Constant(0.5)
    dense = layers.Dense(1, use_bias=False, kernel_initializer=half, **options)
    model = keras.Sequential([dense])
    model.compile(optimizer, loss, metrics=metrics)
    return model


def evaluated(model, batch_size=4, **options):
    return model.evaluate(X, Y, batch_size=batch_size, verbose=0, **options)


def scalar(y_true, y_pred):
    return ops.mean((y_true - y_pred) ** 2)


def batches(values):
    return [values[i : i + 4] for i in (0, 4, 8)]


def test_a_scalar_loss_takes_the_mean_weight():
    got = evaluated(line(scalar), 10, sample_weight=WEIGHTS)
    hold(got, WEIGHTS.mean() * ERRORS.mean(), (WEIGHTS * ERRORS).mean(), TEN)


def test_a_scalar_metric_counts_batches():
    """It counts once for each batch, of whatever size; the loss goes by rows."""
    loss, metric = evaluated(line(scalar, [scalar]))
    by_batches = np.mean([part.mean() for part in batches(ERRORS)])
    hold(metric, by_batches, ERRORS.mean(), TEN)
    hold(loss, ERRORS.mean(), by_batches, TEN)


def test_a_summed_loss_is_averaged_by_rows():
    got = evaluated(line(losses.MeanSquaredError(reduction="sum")))
    keras_ = sum(len(part) * part.sum() for part in batches(ERRORS)) / len(X)
    hold(got, keras_, ERRORS.sum(), TEN)


def test_freezing_drops_the_penalty():
    model = line(kernel_regularizer=L2)
    hold(evaluated(model), ERRORS.mean() + 0.25 * 0.5**2, ERRORS.mean(), TEN)
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    hold(evaluated(model), ERRORS.mean(), ERRORS.mean() + 0.25 * 0.5**2, TEN)


def test_activity_penalties_are_per_row():
    """l2·Σ ŷ² / rows, where a weight's penalty knows no rows."""
    squares = (0.5 * X.ravel().astype("float64")) ** 2
    keras_ = ERRORS.mean() + 0.25 * squares.mean()
    whole = ERRORS.mean() + 0.25 * squares.sum()
    hold(evaluated(line(activity_regularizer=L2), 10), keras_, whole, TEN)


def test_time_distributed_drops_activity_penalties():
    """It runs the inner layer's `call`, and penalties are `__call__`'s."""
    inner = layers.Dense(1, activity_regularizer=L2, kernel_initializer="ones")
    spread = layers.TimeDistributed(inner)
    steps = X.reshape(2, 5, 1)
    spread(steps)
    hold(len(spread.losses), 0, 1)
    whole = layers.TimeDistributed(inner, activity_regularizer=L2)
    whole(steps)
    hold(whole.losses[0], 0.25 * (X.astype("float64") ** 2).sum() / 2, 0, TEN)


def validated(y, **options):
    """The first validation loss, of the last four rows."""
    model = line(optimizer=keras.optimizers.SGD(0.0))
    options = {"validation_split": 0.4, "verbose": 0} | options
    return model.fit(X, y, **options).history["val_loss"][0]


def test_class_weight_skips_validation():
    errors = ((0.5 * X - LABELS) ** 2).ravel()[6:]
    got = validated(LABELS, class_weight={0: 0.25, 1: 3.0})
    hold(got, errors.mean(), 3 * errors.mean(), TEN)


def test_sample_weights_reach_the_split():
    """The last rows' weights weigh the validation; class weights do not."""
    got = validated(Y, sample_weight=WEIGHTS)
    hold(got, (WEIGHTS * ERRORS)[6:].mean(), ERRORS[6:].mean(), TEN)


def test_a_second_compile_keeps_loss_and_metrics():
    model = line("mae", ["mse"])
    model.compile(keras.optimizers.SGD(0.25))
    absolute = np.abs(0.5 * X - Y).mean()
    got = model.evaluate(X, Y, verbose=0, return_dict=True)
    hold(list(got.values()), [absolute, ERRORS.mean()], [absolute], TEN)
    assert list(got) == ["loss", "mse"]


def test_validation_sees_no_averages():
    """Within fit the weights themselves; only after it their averages."""
    sgd = keras.optimizers.SGD(0.125, use_ema=True, ema_momentum=0.75)
    model = line(optimizer=sgd)
    options = {"validation_data": (X, Y), "batch_size": 10, "verbose": 0}
    history = model.fit(X, Y, epochs=2, shuffle=False, **options).history
    x, y = X.astype("float64"), Y.astype("float64")
    w, average = 0.5, None
    for _ in range(2):
        w = w - 0.125 * np.mean(2 * (w * x - y) * x)
        average = w if average is None else 0.75 * average + 0.25 * w
    weights, averages = (np.mean((a * x - y) ** 2) for a in (w, average))
    hold(history["val_loss"][-1], weights, averages, TEN)
    hold(evaluated(model), averages, weights, TEN)


def masked_rows():
    """ŷ = x, two rows of two steps, the last step of the second masked."""
    model = keras.Sequential([layers.Masking()])
    model.compile("sgd", "mse", metrics=["mse"])
    x = np.array([[[1], [2]], [[3], [0]]], "float32")
    errors = np.array([1.0, 4, 9])  # beside a target of 0
    return model, x, errors


def test_masks_weigh_all_metrics():
    """Those in `metrics` too, which sample weights do not reach."""
    model, x, errors = masked_rows()
    _, metric = model.evaluate(x, 0 * x, verbose=0)
    hold(metric, errors.sum() / 3, errors.sum() / 4)


def test_a_masked_loss_depends_on_the_batches():
    """The mean of the valid in each batch, and batches count by their rows."""
    model, x, errors = masked_rows()
    one, _ = model.evaluate(x, 0 * x, batch_size=1, verbose=0)
    both, _ = model.evaluate(x, 0 * x, batch_size=2, verbose=0)
    by_rows = (errors[:2].mean() + errors[2]) / 2
    hold(one, by_rows, errors.mean())
    hold(both, errors.mean(), by_rows)
