"""docs/semantics.md, training: what fit prints, splits, shuffles and updates."""

import numpy as np
import pytest

import minikeras as keras
from minikeras import layers, optimizers
from minikeras.autodiff import GradientTape
from minikeras.compat.tensorflow.random import set_seed
from minikeras.random import rng_utils
from minikeras.random.philox import Stream
from minikeras.trainers.validation import train_validation_split
from tests.semantics.ledger import hold

X = np.linspace(-1, 2, 10, dtype="float32")[:, None]
Y = np.sin(3 * X)
BATCH, RATE = 4, 0.125


def line(**options):
    """ŷ = w·x from w = 0.5, to be trained by the mean squared error."""
    weight = keras.initializers.Constant(0.5)
    dense = layers.Dense(1, use_bias=False, kernel_initializer=weight, **options)
    model = keras.Sequential([dense])
    model.compile(optimizers.SGD(RATE), "mse")
    return model


def epoch(weights=None, l2=0.0):
    """[(rows, loss), …] of the batches of one epoch, each before its step, and w."""
    w, steps = 0.5, []
    weights = np.ones(len(X)) if weights is None else weights
    for start in range(0, len(X), BATCH):
        x, y, s = (a[start : start + BATCH].ravel() for a in (X, Y, weights))
        error = w * x - y
        steps.append((len(x), np.mean(s * error**2) + l2 * w**2))
        w = w - RATE * (np.mean(s * 2 * error * x) + 2 * l2 * w)
    return steps, w


def printed(model, **options):
    options = {"batch_size": BATCH, "shuffle": False, "verbose": 0} | options
    return model.fit(X, Y, **options).history["loss"][0]


def test_fit_prints_a_running_loss():
    """Of weights that were moving; evaluate gives the loss of the last ones."""
    model = line()
    steps, w = epoch()
    running = sum(n * loss for n, loss in steps) / len(X)
    hold(printed(model), running, np.mean((w * X - Y) ** 2), tolerance=1e-5)
    got = model.evaluate(X, Y, verbose=0)
    hold(got, np.mean((w * X - Y) ** 2), running, tolerance=1e-5)


def test_the_last_batch_counts_by_its_rows():
    steps, _ = epoch()
    by_rows = sum(n * loss for n, loss in steps) / len(X)
    by_batches = np.mean([loss for _, loss in steps])
    hold(printed(line()), by_rows, by_batches, tolerance=1e-5)


def test_sample_weights_do_not_weigh_the_batches():
    """A batch's loss is Σ s·loss / rows, and counts by its rows, not by Σ s."""
    weights = np.linspace(0, 3, len(X), dtype="float32")
    steps, _ = epoch(weights)
    sums = [weights[i : i + BATCH].sum() for i in range(0, len(X), BATCH)]
    by_rows = sum(n * loss for n, loss in steps) / len(X)
    by_weight = np.dot(sums, [loss for _, loss in steps]) / sum(sums)
    got = printed(line(), sample_weight=weights)
    hold(got, by_rows, by_weight, tolerance=1e-5)


def test_penalties_are_in_the_loss():
    """Once per batch, whatever its size, and in evaluate's loss too."""
    model = line(kernel_regularizer=keras.regularizers.L2(0.25))
    steps, w = epoch(l2=0.25)
    running = sum(n * loss for n, loss in steps) / len(X)
    bare, _ = epoch()
    without = sum(n * loss for n, loss in bare) / len(X)
    hold(printed(model), running, without, tolerance=1e-5)
    error = np.mean((w * X - Y) ** 2)
    got = model.evaluate(X, Y, verbose=0)
    hold(got, error + 0.25 * w**2, error, tolerance=1e-5)


class TwoOutputs(keras.Model):
    """x / 2 and x, without a weight."""

    def call(self, x):
        return {"half": 0.5 * x, "whole": 1.0 * x}


def test_losses_of_outputs_are_means_over_batches():
    model = TwoOutputs()
    model.compile("sgd", {"half": "mse", "whole": "mse"})
    targets = {"half": Y, "whole": Y}
    options = {"batch_size": BATCH, "verbose": 0, "return_dict": True}
    got = model.evaluate(X, targets, **options)
    errors, others = (((a * X - Y) ** 2).ravel() for a in (0.5, 1.0))
    by_batches = np.mean([errors[i : i + BATCH].mean() for i in (0, 4, 8)])
    hold(got["half_loss"], by_batches, errors.mean(), tolerance=1e-5)
    total = errors.mean() + others.mean()  # which goes by rows
    hold(got["loss"], total, by_batches + others.mean(), tolerance=1e-5)


def test_metrics_are_not_weighted():
    """Only those in `weighted_metrics` are."""
    weights = np.linspace(0, 3, len(X), dtype="float32")
    model = line()
    model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mse"])
    got = model.evaluate(X, Y, sample_weight=weights, verbose=0)
    errors = np.abs(0.5 * X - Y).ravel()
    plain, weighted = errors.mean(), (errors * weights).sum() / weights.sum()
    hold(got[1], plain, weighted, tolerance=1e-5)
    squares = errors**2
    # The metric divides by the sum of the weights, the loss by the count.
    by_weight = (squares * weights).sum() / weights.sum()
    hold(got[2], by_weight, (squares * weights).mean(), tolerance=1e-5)


class Rows(layers.Layer):
    """Notes which rows of X come by in training."""

    seen: list = []

    def call(self, x, training=False):
        if training:
            self.seen.extend(np.searchsorted(X[:, 0], np.asarray(x)[:, 0]).tolist())
        return x


def orders(*epochs):
    """The order of the training rows in each epoch of each fit."""
    Rows.seen = []
    model = keras.Sequential([Rows(), layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    model(X)
    for count in epochs:
        model.fit(X, Y, epochs=count, batch_size=BATCH, verbose=0)
    return np.reshape(Rows.seen, (sum(epochs), -1))


@pytest.mark.parametrize("seed", [keras.utils.set_random_seed, set_seed])
def test_every_epoch_has_the_same_order(seed):
    """In each fit; and TensorFlow's own seed is the one that counts."""
    seed(7)
    first, *later = orders(2, 1)
    stream = Stream((7, 0)).words(2 * len(X)).astype("int64")
    # Swaps, as tf.random.shuffle makes them; a stream that went on would go on here.
    expected, fresh = (swapped(stream[at:]) for at in (0, len(X) - 1))
    hold(first, expected, fresh)
    for order in later:
        hold(order, expected, fresh)


def swapped(words):
    order = np.arange(len(X))
    for i in range(len(X) - 1):
        j = i + words[i] % (len(X) - i)
        order[[i, j]] = order[[j, i]]
    return order


def test_seed_zero_is_another_seed():
    """TensorFlow takes (0, 0) for "at random", so it becomes (0, 2³¹ - 1)."""
    got = rng_utils.shuffle_order(len(X), 0)
    keras_, textbook = (
        swapped(Stream((0, 0), high).words(len(X)).astype("int64"))
        for high in ((2**31 - 1, 0), (0, 0))
    )
    hold(got, keras_, textbook)


def parts(count, split):
    """How many rows train and how many validate; the latter are the last ones."""
    rows = (np.arange(count), None, None)
    (trains, *_), (validates, *_) = train_validation_split(rows, split)
    assert np.concatenate([trains, validates]).tolist() == list(range(count))
    return [len(trains), len(validates)]


def test_validation_split_floors_the_training_rows():
    """10 · (1 - 0.25) = 7.5 trains on 7: the half row goes to validation."""
    hold(parts(10, 0.25), [7, 3], [8, 2])


def test_validation_split_sees_float64():
    """100 · (1 - 0.9) is 9.999…98, and its floor 9."""
    assert 100 * (1 - 0.9) < 10
    hold(parts(100, 0.9), [9, 91], [10, 90])


def test_bias_before_batch_normalization():
    """Its gradient is exactly 0 on paper, rounding in float32: Adam divides one by
    the other. Beside its epsilon, 3e-6 here, the rounding of a sum makes steps near
    the rate, that of a mean, 512 times as small, steps of a thousandth of it."""
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [layers.Dense(8, activation=None), layers.BatchNormalization()]
    )
    x = np.random.default_rng(1).normal(size=(64, 4)).astype("float32")
    weights = np.random.default_rng(2).normal(size=(64, 8)).astype("float32")
    model(x)
    bias = model.layers[0].bias
    largest = []
    for reduce in (keras.ops.sum, keras.ops.mean):
        bias.assign(np.zeros(8, "float32"))
        with GradientTape() as tape:
            total = reduce(model(x, training=True) * weights)
        gradient = np.asarray(tape.gradient(total, bias))
        assert 0 < np.abs(gradient).max() < 1e-4  # 64 summands near 1, rounded to 6e-8
        optimizers.Adam(0.125).apply([gradient], [bias])
        steps = 0.125 * gradient / (np.abs(gradient) + 1e-7 / np.sqrt(0.001))
        hold(bias.numpy(), -steps, np.zeros(8), tolerance=1e-5)
        largest.append(np.abs(bias.numpy()).max())
    assert largest[0] > 0.01 > 10 * largest[1]
