"""Callbacks in real fits: each with its rarer arguments, in a second fit, with several
steps at once, with logs that are missing or odd; what is printed, warned of, written.
"""

import contextlib
import tempfile
import warnings
from pathlib import Path

import numpy as np

from parity.case import Tolerance, case
from parity.cases.text import printed

X = np.linspace(-1, 1, 20, dtype="float32").reshape(10, 2)
Y = X[:, :1] * 2 + 1
NAN = float("nan")
FITTED = Tolerance("some thirty steps of sums of a few products", absolute=1e-5)
LOSSES = [1.0, 0.8, 0.9, 0.7, 0.71, 0.72, 0.7, 0.73, 0.6, 0.61]
ODD = [1.0, NAN, 0.5, float("inf"), 0.5, NAN, 0.4, 0.4, 0.4, 0.4]


def scripted(keras, values):
    """Writes the loss of each epoch into the logs (None: takes it out)."""

    class Script(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if values is not None:
                logs["loss"] = values[epoch]
                if values[epoch] is None:
                    del logs["loss"]

    return Script()


def run(library, make, values=None, fits=1, spe=1, optimizer="sgd", **options):
    """(key, value) of what is to be compared of fits with the callback of `make`."""
    keras = library.keras
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    options = {"epochs": 6, "batch_size": 4, "verbose": 0, "shuffle": False} | options
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(
        optimizer(keras) if callable(optimizer) else optimizer,
        "mse",
        metrics=["mae"],
        weighted_metrics=["mse"],
        steps_per_execution=spe,
        run_eagerly=library.eager_unless(False),
    )
    error, history = "none", None
    with (
        printed() as (out, clock),
        warnings.catch_warnings(record=True) as caught,
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
    ):
        clock.now = 4e8
        warnings.simplefilter("always")
        try:
            callback = make(keras)
            given = [scripted(keras, values), callback]
            for _ in range(fits):
                history = model.fit(X, Y, callbacks=given, **options)
        except Exception as raised:
            error = type(raised).__name__
        files = sorted(str(p) for p in Path().rglob("*") if p.is_file())
    yield "error", error
    yield "printed", out.getvalue()
    texts = [str(w.message) for w in caught if w.category is UserWarning]
    yield "warned", texts
    yield "files", files
    yield "weights", model.get_weights()
    yield "rate", float(model.optimizer.learning_rate)
    if history is not None:
        yield "epochs", [*map(str, history.epoch), *history.history]
        for name, numbers in history.history.items():
            yield f"logs/{name}", np.array([np.mean(x) for x in numbers], "float64")
        for name in ("wait", "stopped_epoch", "best_epoch", "cooldown_counter"):
            if hasattr(callback, name):
                yield name, getattr(callback, name)
        if getattr(callback, "best", None) is not None:
            yield "best", float(callback.best)


def of(name, **options):
    return lambda keras: getattr(keras.callbacks, name)(**options)


def each(library, table):
    for name, (make, options) in table.items():
        for key, value in run(library, make, **options):
            yield f"{name}/{key}", value


VALIDATED = {"validation_data": (X[:4], Y[:4])}
STOPPING = {
    "odd": (of("EarlyStopping", monitor="loss", patience=2), {"values": ODD}),
    "negative patience": (of("EarlyStopping", monitor="loss", patience=-1), {}),
    "again": (
        of("EarlyStopping", monitor="loss", restore_best_weights=True, verbose=1),
        {"values": LOSSES, "fits": 2},
    ),
    "late": (
        of(
            "EarlyStopping",
            monitor="loss",
            start_from_epoch=2,
            restore_best_weights=True,
            verbose=2,
        ),
        {"values": LOSSES, "epochs": 10},
    ),
    "too late": (
        of(
            "EarlyStopping",
            monitor="loss",
            start_from_epoch=20,
            restore_best_weights=True,
            verbose=1,
        ),
        {},
    ),
    "baseline": (
        of("EarlyStopping", monitor="loss", mode="max", baseline=0.85, patience=2),
        {"values": LOSSES},
    ),
    "now and then": (
        of("EarlyStopping", patience=1, verbose=1),
        VALIDATED | {"validation_freq": 2},
    ),
    "weighted": (of("EarlyStopping", monitor="mse", patience=1), {}),
    "validated metric": (of("EarlyStopping", monitor="val_mae"), VALIDATED),
    "gone": (of("EarlyStopping", monitor="loss"), {"values": [1, None] * 3}),
    "a rate": (
        of("EarlyStopping", monitor="learning_rate", mode="min", patience=1),
        {},
    ),
    "unheard": (of("EarlyStopping", monitor="auc"), {}),
    "wrong mode": (of("EarlyStopping", monitor="loss", mode="least"), {}),
}
REDUCING = {
    "odd": (
        of("ReduceLROnPlateau", monitor="loss", patience=1, verbose=1),
        {"values": ODD},
    ),
    "again": (
        of("ReduceLROnPlateau", monitor="loss", patience=2, factor=0.5, verbose=1),
        {"values": LOSSES, "fits": 2, "epochs": 10},
    ),
    "min_lr": (
        of("ReduceLROnPlateau", monitor="loss", patience=0, min_lr=0.002, verbose=2),
        {"values": [1.0] * 6},
    ),
    "cooldown": (
        of("ReduceLROnPlateau", monitor="loss", patience=1, cooldown=1, verbose=1),
        {"values": [1.0] * 6},
    ),
    "min_delta": (
        of("ReduceLROnPlateau", monitor="loss", patience=1, min_delta=0.3, verbose=1),
        {"values": LOSSES},
    ),
    "negative factor": (of("ReduceLROnPlateau", monitor="loss", factor=-1), {}),
    "older words": (of("ReduceLROnPlateau", monitor="loss", epsilon=1e-3), {}),
    "gone": (of("ReduceLROnPlateau", monitor="val_mae"), {"epochs": 2}),
    "a schedule": (
        of("ReduceLROnPlateau", monitor="loss", patience=0),
        {
            "values": [1.0] * 6,
            "optimizer": lambda keras: keras.optimizers.SGD(
                keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
            ),
        },
    ),
    "unheard": (of("ReduceLROnPlateau", monitor="auc"), {}),
    "of two": (of("ReduceLROnPlateau", monitor="mae", patience=1, verbose=1), {}),
}


@case(FITTED)
def early_stopping(library):
    yield from each(library, STOPPING)


@case(FITTED)
def reduce_lr_on_plateau(library):
    yield from each(library, REDUCING)


def schedule(given):
    return of("LearningRateScheduler", schedule=given, verbose=1)


SCHEDULES = {
    "of two": schedule(lambda epoch, rate: rate * 0.9),
    "of one": schedule(lambda epoch: 0.1 / (epoch + 1)),
    "with a default": schedule(lambda epoch, rate=0.5: rate * 0.5),
    "float32": schedule(lambda epoch, rate: np.float32(0.25)),
    "float64": schedule(lambda epoch, rate: np.float64(0.1)),
    "float16": schedule(lambda epoch, rate: np.float16(0.25)),
    "int": schedule(lambda epoch, rate: 1),
    "none": schedule(lambda epoch, rate: None),
    "text": schedule(lambda epoch, rate: "0.1"),
    "array": schedule(lambda epoch, rate: np.array(0.1)),
    "failing": schedule(lambda epoch, rate: rate + "x"),
    "not a function": schedule(0.1),
    "silent": of("LearningRateScheduler", schedule=lambda epoch, rate: rate),
}


@case(FITTED)
def learning_rate_scheduler(library):
    for name, make in SCHEDULES.items():
        for key, value in run(library, make, initial_epoch=2, epochs=5):
            yield f"{name}/{key}", value

    def decaying(keras):
        rate = keras.optimizers.schedules.PolynomialDecay(0.1, 10)
        return keras.optimizers.SGD(rate)

    found = run(library, SCHEDULES["of two"], optimizer=decaying)
    for key, value in found:
        yield f"a schedule/{key}", value


def checkpoint(filepath, **options):
    return of("ModelCheckpoint", **{"filepath": filepath, "verbose": 1} | options)


CHECKPOINTS = {
    "unheard": (checkpoint("m.keras", monitor="auc"), {}),
    "unheard best": (checkpoint("m.keras", monitor="auc", save_best_only=True), {}),
    "unheard of batches": (checkpoint("m.keras", monitor="auc", save_freq=2), {}),
    "odd": (
        checkpoint("m{epoch}.keras", monitor="loss", save_best_only=True),
        {"values": ODD},
    ),
    "max": (
        checkpoint(
            "m{epoch}-{mae:.1f}.weights.h5",
            monitor="mae",
            mode="max",
            save_best_only=True,
            save_weights_only=True,
            initial_value_threshold=0.5,
        ),
        {},
    ),
    "validated": (
        checkpoint("{epoch:03d}-{val_mae:.3f}.keras", save_best_only=True),
        VALIDATED | {"epochs": 3},
    ),
    "missing": (checkpoint("m{epoch}.keras", save_best_only=True), {"epochs": 2}),
    "several numbers": (
        checkpoint("m{epoch}.keras", monitor="loss", save_best_only=True),
        {"values": [np.ones(2), 1.0, np.array(0.5), 0.2, 0.1, 0.1]},
    ),
    "batches": (checkpoint("m{epoch}-{batch}.keras", save_freq=2), {}),
    "batches, 2 steps": (
        checkpoint("m{epoch}-{batch}.keras", save_freq=2),
        {"spe": 2},
    ),
    "batches, 3 steps": (
        checkpoint("m{epoch}-{batch}.weights.h5", save_freq=3, save_weights_only=True),
        {"spe": 3},
    ),
    "rare batches": (checkpoint("m{epoch}-{batch}.keras", save_freq=5), {"spe": 2}),
    "zero": (checkpoint("m{epoch}-{batch}.keras", save_freq=0), {"epochs": 1}),
    "true": (checkpoint("m{epoch}-{batch}.keras", save_freq=True), {"epochs": 1}),
    "fraction": (checkpoint("m.keras", save_freq=2.0), {}),
    "no batch": (checkpoint("m{batch}.keras"), {}),
    "not in batches": (checkpoint("m{val_loss}.keras", save_freq=2), VALIDATED),
    "path": (checkpoint(Path("a/b/m.keras")), {"epochs": 1}),
    "folder": (checkpoint("a.keras/m.keras"), {"epochs": 1}),
    "no ending": (checkpoint("m"), {}),
    "h5 of weights": (checkpoint("m.h5", save_weights_only=True), {}),
    "wrong mode": (checkpoint("m.keras", mode="least"), {"epochs": 1}),
}


@case(FITTED)
def model_checkpoint(library):
    yield from each(library, CHECKPOINTS)


@case(FITTED)
def monitors(library):
    """Names of several outputs, and metrics that are not those of `compile`."""
    keras = library.keras

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)
            self.score = keras.metrics.BinaryAccuracy(name="score")
            self.mean = keras.metrics.Mean(name="average")

        def call(self, inputs):
            return self.dense(inputs)

        def train_step(self, data):
            x, y = data
            found = super().train_step(data)
            self.score.update_state(y, self(x))
            self.mean.update_state(1.0)
            return found | {"score": self.score.result(), "average": 1.0}

    def of_two():
        x = keras.Input((2,))
        heads = {name: keras.layers.Dense(1, name=name)(x) for name in "ab"}
        model = keras.Model(x, heads)
        losses, metrics = {"a": "mse", "b": "mae"}, {"a": ["mae"], "b": ["mse"]}
        model.compile("sgd", losses, metrics=metrics)
        return model, {"a": Y, "b": Y}

    def own():
        model = Own()
        model.compile("sgd", "mse", run_eagerly=library.eager_unless(False))
        return model, Y

    for make, names in (
        (of_two, ["loss", "a_loss", "a_mae", "b_mse", "mae"]),
        (own, ["loss", "score", "average"]),
    ):
        for name in names:
            for mode in ("auto", "max"):
                keras.utils.set_random_seed(0)
                model, y = make()
                stop = keras.callbacks.EarlyStopping(name, mode=mode, patience=1)
                options = {"epochs": 3, "verbose": 0, "callbacks": [stop]}
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    try:
                        found = str(model.fit(X, y, **options).epoch)
                    except ValueError:
                        found = "ValueError"
                yield f"{make.__name__}/{name}/{mode}", found
