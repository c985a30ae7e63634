"""docs/semantics.md, what several small rules of one kind decide: who broadcasts, who
is looked at twice, who is asked too late."""

import re

import numpy as np
import pytest

import minikeras as keras
from minikeras import activations, layers, losses, metrics, optimizers
from minikeras.autodiff import Tensor
from minikeras.compat.tensorflow import nn
from tests.semantics.ledger import hold

X = np.linspace(-1, 2, 10, dtype="float32")[:, None]
Y = np.sin(3 * X)


def line(loss="mse"):
    """ŷ = w·x from w = 0.5."""
    half = keras.initializers.Constant(0.5)
    dense = layers.Dense(1, use_bias=False, kernel_initializer=half)
    model = keras.Sequential([layers.Input((1,)), dense])
    model.compile(optimizers.SGD(0.125), loss)
    return model


def descended(w, x, y, rate=0.125):
    """(the mean squared error, the weight after a step down its slope)"""
    x, y = x.astype("float64"), y.astype("float64")
    error = w * x - y
    return np.mean(error**2), w - rate * np.mean(2 * error * x)


def test_of_several_losses_the_first_counts():
    model = line(["mse", "mae"])
    with pytest.warns(UserWarning, match="the first alone trains"):
        history = model.fit(X, Y, batch_size=10, epochs=2, verbose=0).history
    squared, w = descended(0.5, X, Y)
    later, _ = descended(w, X, Y)
    absolute = np.abs(0.5 * X - Y).mean()
    hold(history["loss"], [squared, later], [squared + absolute, later], 1e-5)
    # Their own trackers are never told of a batch.
    hold(history["mse_loss"] + history["mae_loss"], np.zeros(4), [squared] * 4)


def test_labels_without_a_column_broadcast():
    """(n,) beside (n, 1) makes (n, n) in a metric; a compiled loss aligns them."""
    labels = np.array([1, 0, 1, 1, 0], "float32")
    y_pred = np.array([[0.5], [-1.0], [2.0], [1.0], [-0.5]], "float32")
    signs = 2 * labels - 1
    crossed = np.maximum(1 - signs * y_pred, 0).mean()
    aligned = np.maximum(1 - signs * y_pred[:, 0], 0).mean()
    metric = metrics.Hinge()
    metric.update_state(labels, y_pred)
    hold(metric.result().value, crossed, aligned)
    hold(losses.Hinge()(labels, y_pred).value, aligned, crossed)


def test_generators_begin_with_their_first_two_batches():
    """They are looked at before the first step, and kept: each validation has them
    first, then what comes after what was read."""

    def batches():
        for i in range(100):
            yield X[i % 5 :][:2], Y[i % 5 :][:2]

    options = {"validation_data": batches(), "validation_steps": 2, "verbose": 0}
    history = line().fit(X, Y, batch_size=10, epochs=3, **options).history
    w, again, onwards = 0.5, [], []
    for epoch in range(3):
        _, w = descended(w, X, Y)
        for values, start in ((again, 0), (onwards, 2 * epoch % 5)):
            parts = [start % 5, (start + 1) % 5]
            pairs = [descended(w, X[i : i + 2], Y[i : i + 2]) for i in parts]
            values.append(np.mean([loss for loss, _ in pairs]))
    hold(history["val_loss"], again, onwards, 1e-5)


def test_set_floatx_after_a_layer():
    """Layers have the policy of the first; only what asks for floatx follows."""
    try:
        layers.Dense(2)
        keras.config.set_floatx("float64")
        layer = layers.Dense(2)
        layer.build((None, 3))
        got = [np.asarray(layer.kernel), keras.ops.convert_to_tensor([1.5])]
        sizes = [np.asarray(x).dtype.itemsize for x in got]
        hold(sizes, [4, 4], [8, 8])
    finally:
        keras.config.set_floatx("float32")


def test_exclusions_are_patterns():
    """Searched for in the whole path with ":0", not compared with a bare name."""
    model = keras.Sequential([layers.Dense(1, name="body")], name="net")
    model.build((None, 1))
    model.set_weights([np.ones((1, 1)), np.ones(1)])
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    names = ["^net/b.dy/k.*:0$"]
    optimizer.exclude_from_weight_decay(var_names=names)
    variables = model.trainable_variables
    zeros = [np.zeros(v.shape, "float32") for v in variables]
    optimizer.apply(zeros, variables)
    found = [re.search(names[0], f"{v.path}:0") is not None for v in variables]
    named = [names[0] in v.name for v in variables]
    keras_, textbook = (np.where(spared, 1, 0.75) for spared in (found, named))
    hold([np.asarray(v).item() for v in variables], keras_, textbook)


def test_tensorflows_losses_take_their_argument_as_logits():
    """No looking behind a softmax, whose output Keras's function goes back from."""
    z = np.array([[1, 2, 3], [0.5, 0.1, -1]], "float32")
    labels = np.array([2, 0])
    p = np.exp(z.astype("float64"))
    p /= p.sum(-1, keepdims=True)
    twice = np.exp(p) / np.exp(p).sum(-1, keepdims=True)
    softmax = activations.softmax(Tensor(z))
    got = nn.sparse_softmax_cross_entropy_with_logits(labels, softmax).numpy()
    keras_, textbook = (-np.log(q[[0, 1], labels]) for q in (twice, p))
    hold(got, keras_, textbook)
