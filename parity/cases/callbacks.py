"""Callbacks that act on training: when they stop it, what they set, print and write.

The numbers that they watch are given: a callback in front of them writes a script of
values into the logs, so that each turn of theirs is met. The training is real.
"""

import contextlib
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np

from parity.case import Tolerance, case
from parity.cases.text import printed

DOWN = [1.0, 0.8, 0.9, 0.7, 0.71, 0.72, 0.7, 0.73, 0.6, 0.61]
TINY = [1.0, 1.0 - 5e-5, 1.0 - 9e-5, 0.99, 0.99, 0.99, 0.5, 0.5, 0.5, 0.5]
UP = [0.1, 0.2, 0.2, 0.3, 0.25, 0.2, 0.1, 0.1, 0.1, 0.1]
# One rounding of float32 apart, and less than one.
NEAR = [1.0, 1.0 - 6e-8, 1.0 - 7e-8, 1.0 - 7e-8 - 1e-10, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]

STOPPING = {
    "at once": (DOWN, {"monitor": "loss"}),
    "patient": (DOWN, {"monitor": "loss", "patience": 3, "verbose": 1}),
    "restoring": (
        DOWN,
        {"monitor": "loss", "patience": 3, "restore_best_weights": True, "verbose": 1},
    ),
    "to the end": (
        DOWN,
        {"monitor": "loss", "patience": 20, "restore_best_weights": True, "verbose": 1},
    ),
    "min_delta": (DOWN, {"monitor": "loss", "min_delta": -0.15, "patience": 1}),
    "baseline": (DOWN, {"monitor": "loss", "baseline": 0.75, "patience": 2}),
    "out of reach": (
        DOWN,
        {
            "monitor": "loss",
            "baseline": 0.1,
            "patience": 3,
            "restore_best_weights": True,
        },
    ),
    "late": (DOWN, {"monitor": "loss", "start_from_epoch": 5, "patience": 1}),
    "max": (UP, {"monitor": "loss", "mode": "max", "patience": 1}),
    "a metric": (UP, {"monitor": "accuracy", "patience": 1}),
    "an error": (DOWN, {"monitor": "mean_squared_error", "patience": 1}),
    "roundings": (NEAR, {"monitor": "loss", "patience": 1}),
    "missing": (DOWN, {"monitor": "val_loss", "patience": 1}),
    "validated": (DOWN, {"monitor": "val_loss", "patience": 1}),
    "unknown": (DOWN, {"monitor": "something", "patience": 1}),
    "unknown mode": (DOWN, {"monitor": "loss", "mode": "least"}),
}
REDUCING = {
    "at once": (DOWN, {"monitor": "loss", "patience": 1, "verbose": 1}),
    "factor": (DOWN, {"monitor": "loss", "patience": 0, "factor": 0.5}),
    "min_delta": (TINY, {"monitor": "loss", "patience": 2, "verbose": 1}),
    "cooldown": (
        TINY,
        {"monitor": "loss", "patience": 1, "cooldown": 2, "factor": 0.5},
    ),
    "min_lr": (TINY, {"monitor": "loss", "patience": 1, "min_lr": 0.004, "verbose": 1}),
    "max": (UP, {"monitor": "accuracy", "patience": 1, "verbose": 1}),
    "missing": (DOWN, {"monitor": "val_loss", "patience": 1}),
    "bad factor": (DOWN, {"factor": 1.0}),
}
CHECKPOINTS = {
    "each epoch": {"filepath": "each/m{epoch:02d}-{loss:.2f}.keras"},
    "the best": {"filepath": "m.keras", "save_best_only": True, "monitor": "loss"},
    "the most": {
        "filepath": "m{epoch}.weights.h5",
        "save_best_only": True,
        "save_weights_only": True,
        "monitor": "accuracy",
    },
    "threshold": {
        "filepath": "m{epoch}.keras",
        "save_best_only": True,
        "monitor": "loss",
        "initial_value_threshold": 0.75,
    },
    "max": {
        "filepath": "m{epoch}.keras",
        "save_best_only": True,
        "monitor": "loss",
        "mode": "max",
    },
    "missing": {"filepath": "m{epoch}.keras", "save_best_only": True},
    "by batches": {"filepath": "m{epoch}-{batch}.keras", "save_freq": 3},
    "unknown place": {"filepath": "m{val_loss}.keras"},
    "bad name": {"filepath": "m.h6"},
    "bad weights": {"filepath": "m.keras", "save_weights_only": True},
    "bad frequency": {"filepath": "m.keras", "save_freq": "batch"},
}
SCHEDULES = {
    "halved": lambda epoch, rate: rate * 0.5,
    "of the epoch": lambda epoch: 0.1 / (1 + epoch),
    "by steps": lambda epoch, rate: rate if epoch < 2 else np.float32(0.001),
    "not a float": lambda epoch, rate: 1,
}


def trained(library, script, monitor, make, validated=False, epochs=10, **more):
    """What is to be compared of a fit with the callback that `make(keras)` gives."""
    keras = library.keras
    keras.utils.set_random_seed(0)

    class Script(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if monitor in logs:
                logs[monitor] = script[epoch]

    with printed() as (out, clock):
        clock.now = 4e8  # seconds: zip archives know no time before 1980
        try:
            callback = make(keras)
        except Exception as error:
            return {"error": type(error).__name__}
        model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
        metrics = ["accuracy", "mean_squared_error"]
        eagerly = library.eager_unless(compiled=False)
        model.compile("sgd", "mse", metrics=metrics, run_eagerly=eagerly)
        x = np.linspace(-1, 1, 8, dtype="float32").reshape(4, 2)
        y = x[:, :1] * 2
        data = {"validation_data": (x, y)} if validated else {}
        try:
            history = model.fit(
                x,
                y,
                epochs=epochs,
                verbose=0,
                callbacks=[Script(), callback],
                **data,
                **more,
            ).history
        except Exception as error:
            return {"error": type(error).__name__}
    found = {
        "printed": out.getvalue(),
        "logs": list(history),
        "epochs": len(history["loss"]),
        "rate": float(model.optimizer.learning_rate),
        "weight": model.layers[0].kernel.numpy(),
    }
    if "learning_rate" in history:
        found["rates"] = np.array(history["learning_rate"])
    for name in ("wait", "stopped_epoch", "best_epoch", "best", "cooldown_counter"):
        if hasattr(callback, name):
            found[name] = getattr(callback, name)
    return found


WEIGHTS = Tolerance("ten updates from sums of four products", absolute=1e-6)


@case(WEIGHTS)
def model_checkpoint(library):
    """The files, the messages, and the weights in the last file."""
    keras = library.keras
    for name, options in CHECKPOINTS.items():
        script = UP if options.get("monitor") == "accuracy" else DOWN
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = trained(
                    library,
                    script,
                    options.get("monitor", "loss"),
                    lambda keras, options=options: keras.callbacks.ModelCheckpoint(
                        **options, verbose=1
                    ),
                    batch_size=2,
                )
            for key, value in found.items():
                yield f"{name}/{key}", value
            files = sorted(str(p) for p in Path().rglob("*") if p.is_file())
            yield f"{name}/files", files
            for path in files[-1:]:
                model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
                model.load_weights(path)
                yield f"{name}/{path}", model.get_weights()[0]


@case(WEIGHTS)
def backup_and_restore(library):
    """A fit that stops with an error goes on with the last epoch that was whole."""
    keras = library.keras
    epochs: list = []

    class Failing(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            epochs.append(epoch)
            if epoch == 3 and len(epochs) == 4:
                raise KeyboardInterrupt

    for name, options in {
        "each epoch": {},
        "kept": {"delete_checkpoint": False, "double_checkpoint": True},
        "by batches": {"save_freq": 3, "delete_checkpoint": False},
    }.items():
        epochs.clear()
        x = np.linspace(-1, 1, 16, dtype="float32").reshape(8, 2)
        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "backup")
            for _ in range(2):
                keras.utils.set_random_seed(0)
                model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
                model.compile("adam", "mse", run_eagerly=library.eager_unless(False))
                callbacks = [
                    keras.callbacks.BackupAndRestore(place, **options),
                    Failing(),
                ]
                with contextlib.suppress(KeyboardInterrupt):
                    model.fit(
                        x,
                        x[:, :1],
                        batch_size=2,
                        epochs=6,
                        shuffle=False,
                        verbose=0,
                        callbacks=callbacks,
                    )
            yield f"{name}/epochs", list(epochs)
            yield f"{name}/weights", model.get_weights()[0]
            yield f"{name}/steps", int(model.optimizer.iterations)
            kept = sorted(os.listdir(place)) if os.path.exists(place) else []
            yield f"{name}/kept", kept
            if "training_metadata.json" in kept:
                yield f"{name}/metadata", Path(place, kept[-1]).read_text()


@case(WEIGHTS)
def early_stopping(library):
    for name, (script, options) in STOPPING.items():
        found = trained(
            library,
            script,
            options["monitor"],
            lambda keras, options=options: keras.callbacks.EarlyStopping(**options),
            validated=name == "validated",
        )
        for key, value in found.items():
            yield f"{name}/{key}", value


@case(WEIGHTS)
def reduce_lr_on_plateau(library):
    for name, (script, options) in REDUCING.items():
        found = trained(
            library,
            script,
            options.get("monitor", "loss"),
            lambda keras, options=options: keras.callbacks.ReduceLROnPlateau(**options),
        )
        for key, value in found.items():
            yield f"{name}/{key}", value


@case(WEIGHTS)
def learning_rate_scheduler(library):
    for name, schedule in SCHEDULES.items():
        found = trained(
            library,
            DOWN,
            "loss",
            lambda keras, schedule=schedule: keras.callbacks.LearningRateScheduler(
                schedule, verbose=1
            ),
            epochs=4,
        )
        for key, value in found.items():
            yield f"{name}/{key}", value


@case()
def terminate_on_nan(library):
    keras = library.keras
    for name, options in {"stops": {}, "raises": {"raise_error": True}}.items():
        for bad in (np.nan, np.inf):
            keras.utils.set_random_seed(0)
            model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
            model.compile("sgd", "mse", run_eagerly=library.eager_unless(False))
            x = np.ones((8, 1), "float32")
            y = np.where(np.arange(8)[:, None] == 4, bad, 1).astype("float32")
            ended = []

            class Last(keras.callbacks.Callback):
                def on_train_end(self, logs=None, ended=ended):
                    ended.append(sorted(logs))

            callbacks = [keras.callbacks.TerminateOnNaN(**options), Last()]
            error = None
            with printed() as (out, _):
                try:
                    model.fit(
                        x,
                        y,
                        batch_size=2,
                        epochs=3,
                        shuffle=False,
                        verbose=0,
                        callbacks=callbacks,
                    )
                except Exception as raised:
                    error = f"{type(raised).__name__}: {raised}"
            yield f"{name}/{bad}", [out.getvalue(), ended, error]


@case()
def csv_logger(library):
    """The text of the file: numbers, arrays, missing ones, appended, separators."""
    keras = library.keras
    epochs = [
        {"loss": 0.5, "accuracy": 0.25},
        {"loss": 0.125, "accuracy": np.float32(0.75), "val_loss": 2.0},
        {"loss": np.array([1.0, 2.0]), "accuracy": "none"},
        {"loss": np.array(3.0), "accuracy": [1, 2], "val_accuracy": 1},
    ]
    validated = [{"loss": 0.5, "val_loss": 0.25}, {"loss": 0.25}]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        for name, options, logs in (
            ("new", {}, epochs),
            ("over", {"separator": ";"}, validated),
            ("more", {"append": True, "separator": ";"}, validated),
            ("nothing", {}, []),
        ):
            callback = keras.callbacks.CSVLogger(path, **options)
            callback.on_train_begin()
            for epoch, entries in enumerate(logs):
                callback.on_epoch_end(epoch, dict(entries))
            callback.on_train_end()
            yield name, path.read_bytes().decode()
