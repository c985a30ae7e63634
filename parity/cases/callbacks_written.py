"""Callbacks that write while fit runs: logs as a table, backups, what is printed."""

import os
import tempfile
from pathlib import Path

import numpy as np

from parity.case import case
from parity.cases.callbacks_fit import FITTED, VALIDATED, X, Y, scripted
from parity.cases.text import printed


@case(FITTED)
def csv_logger(library):
    """The file after two fits: of one logger or two, and beside what adds to logs."""
    keras = library.keras
    for name, loggers, options in (
        ("one", 1, {}),
        ("two", 2, {}),
        ("one appending", 1, {"append": True}),
        ("two appending", 2, {"append": True, "separator": "\t"}),
        ("wrong separator", 1, {"separator": ", "}),
    ):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "log.csv")
            error = "none"
            try:
                made = [
                    keras.callbacks.CSVLogger(str(path), **options)
                    for _ in range(loggers)
                ]
                for number in range(2):
                    keras.utils.set_random_seed(0)
                    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
                    eagerly = library.eager_unless(False)
                    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=eagerly)
                    rates = keras.callbacks.LearningRateScheduler(lambda e, r: 0.25)
                    model.fit(
                        X,
                        Y,
                        epochs=4,
                        verbose=0,
                        shuffle=False,
                        callbacks=[
                            rates,
                            made[number % loggers],
                            scripted(keras, None),
                        ],
                        validation_freq=2,
                        **VALIDATED,
                    )
            except Exception as raised:
                error = type(raised).__name__
            yield f"{name}/error", error
            lines = path.read_text().splitlines() if path.exists() else []
            for number, line in enumerate(lines):
                cells = line.replace("\t", ",").split(",")
                texts = [c for c in cells if not c[:1].isdigit()]
                yield f"{name}/{number}/texts", [str(len(cells)), *texts]
                numbers = [float(c) for c in cells if c[:1].isdigit()]
                yield f"{name}/{number}/numbers", np.array(numbers)


class Interrupted(Exception):
    """What ends a fit on the way."""


def broken(keras, at):
    """Raises before the batch (epoch, batch), once."""

    class Break(keras.callbacks.Callback):
        epoch = 0
        done = False
        seen: list = []

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch
            self.seen = [*self.seen, str(epoch)]

        def on_train_batch_begin(self, batch, logs=None):
            if (self.epoch, batch) == at and not self.done:
                self.done = True
                raise Interrupted

    return Break()


@case(FITTED)
def backup_and_restore(library):
    """Broken off and begun again in a new model; damaged backups; several steps."""
    keras = library.keras
    for name, at, spe, options in (
        ("at an epoch", (3, 0), 1, {}),
        ("within", (2, 1), 1, {}),
        ("by batches", (2, 1), 1, {"save_freq": 2}),
        ("by rare batches", (3, 1), 1, {"save_freq": 4}),
        ("by 2 steps", (2, 2), 2, {"save_freq": 3}),
        ("never", None, 1, {}),
        ("kept", (3, 0), 1, {"delete_checkpoint": False}),
        ("off", (2, 0), 1, {"save_freq": False, "delete_checkpoint": False}),
        ("damaged", (3, 0), 1, {"double_checkpoint": True}),
        ("damaged twice", (3, 0), 1, {"double_checkpoint": True}),
        ("damaged, one only", (3, 0), 1, {}),
    ):
        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "backup")
            stop, errors, fits = broken(keras, at), [], []
            for turn in range(2):
                keras.utils.set_random_seed(0)
                model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
                model.compile(
                    keras.optimizers.Adam(0.1),
                    "mse",
                    steps_per_execution=spe,
                    run_eagerly=library.eager_unless(False),
                )
                if turn and name.startswith("damaged"):
                    Path(place, "latest.weights.h5").write_bytes(b"damaged")
                if turn and name == "damaged twice":
                    Path(place, "training_metadata.json.bkp").unlink()
                backup = keras.callbacks.BackupAndRestore(place, **options)
                try:
                    found = model.fit(
                        X,
                        Y,
                        batch_size=3,
                        epochs=5,
                        verbose=0,
                        shuffle=False,
                        callbacks=[backup, stop],
                    )
                    fits.append(" ".join(map(str, found.epoch)))
                except Interrupted:
                    errors.append("interrupted")
                except (OSError, ValueError):
                    errors.append("cannot be read")
                names = sorted(os.listdir(place)) if os.path.exists(place) else []
                yield f"{name}/{turn}/files", names
                if "training_metadata.json" in names:
                    text = Path(place, "training_metadata.json").read_text()
                    yield f"{name}/{turn}/metadata", text
            yield f"{name}/told", [*errors, *fits, *stop.seen]
            yield f"{name}/weights", model.get_weights()
            yield f"{name}/steps", int(model.optimizer.iterations)


@case()
def progress(library):
    """What fit, evaluate and predict print, with the callbacks that print too."""
    keras = library.keras
    for verbose in (0, 1, 2, "auto"):
        for name, options in (
            ("plain", {}),
            ("validated", VALIDATED | {"epochs": 2}),
            ("talking", {"epochs": 3}),
            ("listened to", {"epochs": 2}),
        ):
            keras.utils.set_random_seed(0)
            model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
            rate = keras.optimizers.SGD(0.0)
            eagerly = library.eager_unless(False)
            model.compile(rate, "mse", metrics=["mae"], run_eagerly=eagerly)
            given: list = []
            if name == "talking":
                given = [
                    keras.callbacks.LearningRateScheduler(lambda e, r: 0.0, verbose=1),
                    keras.callbacks.EarlyStopping("loss", patience=1, verbose=1),
                ]
            if name == "listened to":  # Keras then calls the logger in the same thread
                given = [keras.callbacks.LambdaCallback(on_train_batch_end=print_batch)]
            listener = keras.callbacks.LambdaCallback(
                on_test_batch_end=ignore, on_predict_batch_end=ignore
            )
            with printed() as (out, clock):
                clock.now = 4e8
                model.fit(
                    X,
                    np.zeros_like(Y),
                    batch_size=4,
                    shuffle=False,
                    verbose=verbose,
                    callbacks=[
                        *given,
                        keras.callbacks.LambdaCallback(on_train_batch_end=ignore),
                    ],
                    **options,
                )
                model.evaluate(
                    X, Y, batch_size=4, verbose=verbose, callbacks=[listener]
                )
                model.predict(X, batch_size=4, verbose=verbose, callbacks=[listener])
            yield f"{name}/{verbose}", out.getvalue()


def print_batch(batch, logs):
    print(f"<{batch}>", end="")


def ignore(batch, logs):
    """Listens, so that Keras calls all callbacks of a batch at once."""
