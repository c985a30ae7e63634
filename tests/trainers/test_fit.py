"""fit, evaluate and predict beside the same steps written out in NumPy."""

import numpy as np
import pytest

from minikeras import Sequential, config, optimizers
from minikeras.callbacks import Callback
from minikeras.layers import Dense, Layer
from minikeras.utils import clear_session
from tests.trainers.by_hand import CLOSE, KERNEL, X, Y, by_hand, made, slices


@pytest.mark.parametrize("size", [1, 3, 5, 10, 32])
def test_an_epoch_by_hand(size):
    model = made()
    history = model.fit(X, Y, batch_size=size, shuffle=False, verbose=0)
    kernel, loss = by_hand(slices(size))
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)
    np.testing.assert_allclose(history.history["loss"], [loss], **CLOSE)
    assert model.optimizer.iterations == len(slices(size))


def test_epochs_by_hand():
    model = made()
    model.fit(X, Y, batch_size=4, epochs=5, shuffle=False, verbose=0)
    kernel, _ = by_hand(slices(4) * 5)
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)


def test_sample_weights_by_hand():
    weights = np.linspace(0, 2, 10)
    model = made()
    history = model.fit(
        X, Y, sample_weight=weights, batch_size=4, shuffle=False, verbose=0
    )
    kernel, loss = by_hand(slices(4), weights)
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)
    np.testing.assert_allclose(history.history["loss"], [loss], **CLOSE)


def test_several_steps_in_one_execution_are_the_same_steps():
    model = made(steps_per_execution=3)
    model.fit(X, Y, batch_size=2, shuffle=False, verbose=0)
    kernel, _ = by_hand(slices(2))
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)


def test_single_batches_by_hand():
    model = made(metrics=["mae"])
    first = model.train_on_batch(X[:4], Y[:4])
    error = X[:4] @ KERNEL - Y[:4]
    np.testing.assert_allclose(first, [(error**2).mean(), abs(error).mean()], **CLOSE)
    assert [type(v) for v in first] == [float, float]
    second = model.train_on_batch(X[4:], Y[4:], return_dict=True)
    kernel, _ = by_hand([slice(0, 4), slice(4, 10)])
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)
    assert list(second) == ["loss", "mae"]
    tested = model.test_on_batch(X, Y, return_dict=True)
    error = X @ kernel - Y
    np.testing.assert_allclose(tested["loss"], (error**2).mean(), **CLOSE)
    np.testing.assert_allclose(model.predict_on_batch(X), X @ kernel, **CLOSE)
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)


@pytest.mark.parametrize("method", ["train_on_batch", "fit"])
def test_class_weights_by_hand(method):
    """The class of a row of scores is its largest; a class not named weighs 1."""
    weights = np.where(Y.argmax(1) == 1, 3.0, 1.0)
    assert 0 < Y.argmax(1).sum() < len(Y)
    model = made()
    options = {"verbose": 0, "batch_size": len(X)} if method == "fit" else {}
    getattr(model, method)(X, Y, class_weight={1: 3.0}, **options)
    kernel, _ = by_hand([slice(0, len(X))], weights)
    np.testing.assert_allclose(model.get_weights()[0], kernel, **CLOSE)


def test_evaluate_is_the_mean_over_the_rows():
    model = made()
    error = X @ KERNEL - Y
    for size in (1, 3, 10):
        found = model.evaluate(X, Y, batch_size=size, verbose=0)
        np.testing.assert_allclose(found, (error**2).mean(), **CLOSE)
    found = model.evaluate(X, Y, batch_size=3, steps=2, verbose=0)
    np.testing.assert_allclose(found, (error[:6] ** 2).mean(), **CLOSE)
    np.testing.assert_array_equal(model.get_weights()[0], KERNEL)


@pytest.mark.parametrize("size", [1, 3, 10, 32])
def test_predict(size):
    model = made()
    y = model.predict(X, batch_size=size, verbose=0)
    assert type(y) is np.ndarray
    np.testing.assert_allclose(y, X @ KERNEL, **CLOSE)
    y[:] = 0  # an array of the caller's own
    assert model.predict(X, batch_size=size, verbose=0).any()
    assert model.predict(X, batch_size=2, steps=2, verbose=0).shape == (4, 2)


VALIDATION = [
    (1, [1, 2, 3, 4]),
    (2, [2, 4]),
    (3, [3]),
    (9, []),
    ([1, 3], [1, 3]),
    ((4,), [4]),
    ([7], []),
]


@pytest.mark.parametrize(("freq", "epochs"), VALIDATION)
def test_which_epochs_validate(freq, epochs):
    seen = []

    class Seen(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if "val_loss" in logs:
                seen.append(epoch + 1)

    made().fit(
        X,
        Y,
        epochs=4,
        validation_split=0.2,
        validation_freq=freq,
        verbose=0,
        callbacks=[Seen()],
    )
    assert seen == epochs


def test_validation_by_hand():
    model = made()
    options = {"batch_size": 4, "shuffle": False, "verbose": 0}
    history = model.fit(X, Y, validation_split=0.3, **options)
    kernel, _ = by_hand(slices(4, rows=7))
    expected = ((X[7:] @ kernel - Y[7:]) ** 2).mean()
    np.testing.assert_allclose(history.history["val_loss"], [expected], **CLOSE)
    weights = np.arange(3.0)
    for given in ((X[7:], Y[7:]), (X[7:], Y[7:], weights)):
        model = made()
        history = model.fit(X[:7], Y[:7], validation_data=given, **options)
        squares = ((X[7:] @ kernel - Y[7:]) ** 2).mean(1)
        if len(given) == 3:
            squares = squares * weights
        np.testing.assert_allclose(
            history.history["val_loss"], [squares.mean()], **CLOSE
        )


def test_validation_does_not_train_or_drop():
    seen = []

    class Seen(Layer):
        def call(self, x, training=False):
            seen.append((training, x.shape[0]))
            return x

    model = Sequential([Seen(), Dense(2)])
    model.compile("sgd", "mse")
    model.fit(X, Y, validation_split=0.3, batch_size=4, verbose=0)
    assert [rows for training, rows in seen if training] == [4, 3]
    assert seen[-1] == (False, 3)


def test_averaged_weights_are_put_in_place_at_the_end():
    optimizer = optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    model = made(optimizer=optimizer)
    model.fit(X, Y, batch_size=5, shuffle=False, verbose=0)
    first, second = (by_hand(slices(5)[:count])[0] for count in (1, 2))
    # The average starts as the weights after the first step.
    expected = 0.5 * first + 0.5 * second
    np.testing.assert_allclose(model.get_weights()[0], expected, **CLOSE)


def test_training_in_float64():
    clear_session()
    config.set_floatx("float64")
    try:
        model = made()
        history = model.fit(X, Y, batch_size=3, epochs=3, shuffle=False, verbose=0)
    finally:
        config.set_floatx("float32")
        clear_session()
    kernel, _ = by_hand(slices(3) * 3)
    trained = model.get_weights()[0]
    assert trained.dtype == np.float64
    # The learning rate is kept in float64 too, and each step rounds a few times.
    np.testing.assert_allclose(trained, kernel, rtol=1e-12)
    _, loss = by_hand(slices(3))
    np.testing.assert_allclose(history.history["loss"][0], loss, rtol=1e-12)
