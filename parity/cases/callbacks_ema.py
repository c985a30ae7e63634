"""SwapEMAWeights: which weights evaluate, predict, a checkpoint, the next step see."""

import contextlib
import tempfile

import numpy as np

from parity.case import Tolerance, case

X = np.linspace(-1, 1, 24, dtype="float32").reshape(12, 2)
Y = X[:, :1] * 3 - X[:, 1:] + 1
# tf.keras exchanges by adding and subtracting, which rounds.
EXCHANGED = Tolerance("some ten sums of weights near 1, one after the other", 0, 5e-6)
OPTIMIZERS = {
    "sgd": ("SGD", {"learning_rate": 0.1}),
    "momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "ema_momentum": 0.5}),
    "adam": ("Adam", {"learning_rate": 0.1, "ema_momentum": 0.8}),
    "overwriting": (
        "Adam",
        {"learning_rate": 0.1, "ema_momentum": 0.8, "ema_overwrite_frequency": 5},
    ),
}


def compiled(library, optimizer, eager=True, **options):
    keras = library.keras
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(3, activation="tanh"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((2,)), *layers])
    options = {"use_ema": True} | options
    model.compile(
        getattr(keras.optimizers, optimizer)(**options),
        "mse",
        metrics=["mae"],
        run_eagerly=library.eager_unless(not eager),
    )
    return model


def weights(model):
    return np.concatenate([np.ravel(array) for array in model.get_weights()])


@case(EXCHANGED)
def fit(library):
    """Two fits with validation; what a callback before and one after it see."""
    keras = library.keras
    for name, (optimizer, options) in OPTIMIZERS.items():
        for on_epoch in (False, True):
            seen: list = []

            class Watch(keras.callbacks.Callback):
                def see(self, *_, seen=seen, **logs):
                    seen.append(weights(self.model))

                on_train_begin = on_epoch_begin = on_epoch_end = see
                on_test_batch_end = on_test_begin = on_test_end = see
                on_train_end = see

            model = compiled(library, optimizer, name != "adam", **options)
            swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)
            key = f"{name}/{on_epoch}"
            for number, validation in enumerate(((X[:5], Y[:5]), None)):
                history = model.fit(
                    X,
                    Y,
                    batch_size=5,
                    epochs=3,
                    verbose=0,
                    shuffle=False,
                    validation_data=validation,
                    callbacks=[Watch(), swap, Watch()],
                )
                for log, values in history.history.items():
                    yield f"{key}/{number}/{log}", np.array(values)
            yield f"{key}/seen", np.array(seen)
            averages = model.optimizer._model_variables_moving_average
            yield f"{key}/averages", [np.array(average) for average in averages]


@case(EXCHANGED)
def evaluate_and_predict(library):
    """After predict the averages stay in the model, until the next evaluate ends."""
    keras = library.keras
    model = compiled(library, "SGD", learning_rate=0.1, ema_momentum=0.7)
    model.fit(X, Y, batch_size=4, epochs=2, verbose=0, shuffle=False)
    model.train_on_batch(X, Y)
    swap = keras.callbacks.SwapEMAWeights(True)
    options = {"verbose": 0, "callbacks": [swap]}
    for turn in range(3):
        yield f"{turn}/evaluate", np.array(model.evaluate(X, Y, **options))
        yield f"{turn}/after evaluate", weights(model)
        yield f"{turn}/predict", model.predict(X, **options)
        yield f"{turn}/after predict", weights(model)
        yield f"{turn}/again", model.predict(X, **options)
        yield f"{turn}/plain", model.predict(X, verbose=0)
        model.fit(X, Y, epochs=1, batch_size=4, shuffle=False, **options)
        yield f"{turn}/fit", weights(model)


@case(EXCHANGED)
def checkpoint(library):
    """What a ModelCheckpoint after it writes, and what goes on from the file."""
    keras = library.keras
    for whole in (False, True):
        for on_epoch in (False, True):
            with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
                path = "m{epoch}.keras" if whole else "m{epoch}.weights.h5"
                model = compiled(library, "Adam", learning_rate=0.1, ema_momentum=0.6)
                model.fit(
                    X,
                    Y,
                    batch_size=5,
                    epochs=3,
                    verbose=0,
                    shuffle=False,
                    callbacks=[
                        keras.callbacks.SwapEMAWeights(on_epoch),
                        keras.callbacks.ModelCheckpoint(
                            path, save_weights_only=not whole
                        ),
                    ],
                )
                for epoch in (1, 2, 3):
                    saved = compiled(library, "Adam", learning_rate=0.1)
                    saved.load_weights(path.format(epoch=epoch))
                    yield f"{whole}/{on_epoch}/{epoch}", weights(saved)


@case()
def errors(library):
    """Without averages there is nothing to exchange."""
    keras = library.keras
    for name, options, call in (
        ("fit", {"use_ema": False}, "fit"),
        ("untrained", {"use_ema": True}, "evaluate"),
        ("off", {"use_ema": False}, "evaluate"),
    ):
        for on_epoch in (False, True):
            model = compiled(library, "SGD", **options)
            swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)
            error = "none"
            try:
                getattr(model, call)(X, Y, verbose=0, callbacks=[swap])
            except Exception as raised:
                error = type(raised).__name__
            yield f"{name}/{on_epoch}", error
