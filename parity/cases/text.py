"""Progress lines, what callbacks are told, and the small utilities."""

import contextlib
import importlib
import io
import os
import re
import string
from unittest import mock

import numpy as np

from parity.case import EXACT, Tolerance, case, ulp


class Clock:
    """A time that moves only when told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@contextlib.contextmanager
def printed(columns=100, **environment):
    """Collects stdout, with the clock stopped and a terminal of known width."""
    variables = {"COLUMNS": str(columns), "LINES": "50", **environment}
    out, clock = io.StringIO(), Clock()
    with (
        mock.patch.dict(os.environ, variables),
        mock.patch("time.time", clock),
        contextlib.redirect_stdout(out),
    ):
        yield out, clock


VALUES = [
    [("loss", 0.5), ("accuracy", 0.25)],
    [("loss", 0.00099999), ("accuracy", 0.75)],
    [("loss", -0.5), ("accuracy", np.float32(0.1))],
    [("loss", 12345.678), ("auc", 1), ("small", 0.005)],
    [("loss", float("nan")), ("accuracy", float("inf"))],
    [("accuracy", np.array([0.5, 1.0]))],
    [("loss", -1e-12), ("accuracy", 0.0), ("auc", 0.001), ("small", -2.0)],
]
PROGBARS = {
    "plain": {"target": 7},
    "as_it_is": {"target": 7, "stateful_metrics": ["loss"]},
    "averaged": {"target": 7, "stateless_metrics": ["loss"]},
    "narrow": {"target": 7, "width": 5, "unit_name": "sample"},
    "long": {"target": 12345},
    "short": {"target": 3},
    "rare": {"target": 7, "interval": 100.0},
    "unknown": {"target": None},
    "zero": {"target": 0},
    "one_line": {"target": 7, "verbose": 2},
    "one_line_unknown": {"target": None, "verbose": 2},
    "silent": {"target": 7, "verbose": 0},
}
WAITS = {
    "even": [0.1] * 7,
    "fast": [1e-5] * 7,
    "slow_first": [9.0] + [0.06] * 6,
    "a_minute": [10.0] * 7,
    "past_a_minute": [10.05] * 7,
    "minutes": [40.0] * 7,
    "an_hour": [600.0] * 7,
    "past_an_hour": [600.05] * 7,
    "hours": [4000.0] * 7,
    "no_time": [0.0] * 7,
}


@case()
def progbar(library):
    """Steps one by one, in twos by `add`, and finalised twice over."""
    for name, options in PROGBARS.items():
        for pace, waits in WAITS.items():
            with printed() as (out, clock):
                bar = library.keras.utils.Progbar(**options)
                for step, wait in enumerate(waits):
                    clock.now += wait
                    bar.update(step + 1, VALUES[step])
                bar.update(7, VALUES[0], finalize=True)
                bar = library.keras.utils.Progbar(**options)
                bar.update(0)
                for step, wait in enumerate(waits[:3]):
                    clock.now += wait
                    bar.add(2, VALUES[step])
                clock.now += 0.1
                bar.update(6, VALUES[3][::-1], finalize=False)
                bar.update(7, VALUES[6], finalize=True)
            yield f"{name}/{pace}", out.getvalue()


@case()
def poor_stdout(library):
    """A stdout that cannot encode the bar."""
    for encoding in ("ascii", "latin-1", "utf-8"):
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding=encoding)
        with printed(), contextlib.redirect_stdout(out):
            library.keras.utils.Progbar(3).update(2, [("ä", 0.5), ("損", 1.0)])
            out.flush()
        yield encoding, raw.getvalue().decode(encoding)


@case()
def interactive_logging(library):
    utils = library.keras.utils
    for switch in ("disable", "enable"):
        getattr(utils, f"{switch}_interactive_logging")()
        with printed() as (out, _):
            utils.Progbar(3).update(3, [("loss", 0.5)])
        enabled = utils.is_interactive_logging_enabled()
        yield switch, [out.getvalue(), str(enabled)]


def recorder(library, hooks):
    """A callback that keeps every call of the given hooks as text."""
    told = []
    members = {}
    for hook in hooks:

        def listen(self, *when, hook=hook, **named):
            told.append(f"{hook} {when} {named}")

        members[hook] = listen
    return type("Recorder", (library.keras.callbacks.Callback,), members)(), told


EPOCH_HOOKS = ["on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end"]
BATCH_HOOKS = [
    f"on_{stage}_batch_{end}"
    for stage in ("train", "test", "predict")
    for end in ("begin", "end")
]
OLD_HOOKS = ["on_batch_begin", "on_batch_end"]
STAGE_HOOKS = ["on_test_begin", "on_test_end", "on_predict_begin", "on_predict_end"]


class Model:
    """As much of a model as callbacks touch."""


def run_loop(callbacks, clock, epochs, steps):
    """The calls of fit with validation, then of evaluate and predict."""
    callbacks.on_train_begin()
    logs = {}
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for step in range(steps):
            callbacks.on_train_batch_begin(step)
            clock.now += 0.2
            logs = {"loss": np.float32(0.5 / (step + 1)), "accuracy": 0.25 * step}
            callbacks.on_train_batch_end(step, logs)
        callbacks.on_test_begin()
        callbacks.on_test_batch_begin(0)
        callbacks.on_test_batch_end(0, {"loss": 0.125})
        callbacks.on_test_end({"loss": 0.125})
        logs = {**logs, "val_loss": 0.125, "extra": {"b": 1, "a": np.float64(0.1)}}
        callbacks.on_epoch_end(epoch, logs)
    callbacks.on_train_end(logs)


def run_stage(callbacks, clock, stage, steps, logs):
    getattr(callbacks, f"on_{stage}_begin")()
    for step in range(steps):
        getattr(callbacks, f"on_{stage}_batch_begin")(step)
        clock.now += 0.01
        getattr(callbacks, f"on_{stage}_batch_end")(step, logs)
    getattr(callbacks, f"on_{stage}_end")(logs if stage == "test" else None)


@case()
def callback_list(library):
    """What callbacks are told, in which order; what the logger prints of it."""
    callbacks = library.keras.callbacks
    runs = [(v, e, s) for v in (0, 1, 2, "auto") for e in (1, 3) for s in (4, None)]
    for verbose, epochs, steps in runs:
        listener, told = recorder(library, EPOCH_HOOKS + BATCH_HOOKS + STAGE_HOOKS)
        older, told_older = recorder(library, OLD_HOOKS)
        params = {"verbose": verbose, "epochs": epochs, "steps": steps}
        # Given a logger, Keras calls it at once and not on another thread.
        given = [listener, [older], callbacks.ProgbarLogger()][: 3 if verbose else 2]
        model = Model()
        with printed() as (out, clock):
            everything = callbacks.CallbackList(
                given, add_history=True, model=model, **params
            )
            run_loop(everything, clock, epochs, steps or 4)
            for stage, logs in (("test", {"loss": 1.5}), ("predict", {"outputs": "y"})):
                stage_list = callbacks.CallbackList(
                    [listener, *([callbacks.ProgbarLogger()] if verbose else [])],
                    model=model,
                    **{**params, "epochs": 1},
                )
                run_stage(stage_list, clock, stage, steps or 4, logs)
        key = f"{verbose}/{epochs}/{steps}"
        yield f"{key}/printed", out.getvalue()
        yield f"{key}/told", told + told_older
        yield f"{key}/history", str([model.history.epoch, model.history.history])
        yield f"{key}/params", str([listener.params, listener.model is model])


@case()
def lambda_callback(library):
    told = []
    hooks = {
        name: lambda *when, name=name, **named: told.append(f"{name} {when} {named}")
        for name in EPOCH_HOOKS + BATCH_HOOKS[:2] + ["on_test_end"]
    }
    callback = library.keras.callbacks.LambdaCallback(**hooks, note="kept")
    with printed() as (_, clock):
        everything = library.keras.callbacks.CallbackList(callback, model=Model())
        run_loop(everything, clock, 2, 2)
    yield "told", told
    yield "note", callback.note


@case()
def names(library):
    """Auto names, and the snake case of random words."""
    home = "keras.src.utils.naming" if library.name == "keras" else "minikeras.naming"
    naming = importlib.import_module(home)
    prefixes = ["Dense", "dense", "ReLU", "Dense", "dense_1", "LSTMCell", "dense"]
    yield "auto", [naming.auto_name(prefix) for prefix in prefixes]
    yield "uid", [naming.get_uid("dense"), naming.get_uid("x"), naming.get_uid("x")]
    yield (
        "after_uid",
        [naming.auto_name("x"), naming.uniquify("X"), naming.uniquify("")],
    )
    naming.reset_uids()
    yield "after_reset", naming.auto_name("Dense")
    rng = np.random.default_rng(0)
    signs = np.array([*string.ascii_letters, *"AAAbbb01_- .éÄ"])
    words = ["".join(rng.choice(signs, size)) for size in rng.integers(0, 12, 3000)]
    yield "snake", [naming.to_snake_case(word) for word in words]


@case()
def labels_to_rows(library):
    to_categorical = library.keras.utils.to_categorical
    for name, labels in {
        "list": [0, 2, 1],
        "column": [[0], [2], [1]],
        "matrix": [[0, 2], [1, 0]],
        "scalar": 1,
        "one": [3],
        "floats": [0.0, 2.0],
        "int8": np.array([1, 0], "int8"),
        "bool": [True, False],
        "empty_axis": np.zeros((2, 0), "int64"),
    }.items():
        for classes in (None, 0, 4, np.int64(5)):
            if name != "empty_axis" or classes:
                yield f"{name}/{classes}", to_categorical(labels, classes)
    yield "tensor", to_categorical(library.tensor(np.array([[1], [0]])), 3)


@case(
    ulp(4, "16 squares summed in any order, BLAS's too; root and quotient"),
    per_key={f"{dtype}/largest": EXACT for dtype in ("float32", "float64", "int64")},
)
def unit_rows(library):
    normalize = library.keras.utils.normalize
    rng = np.random.default_rng(0)
    for dtype in ("float32", "float64", "int64"):
        x = (9 * rng.normal(size=(3, 4, 4))).astype(dtype)
        x[1] = 0
        yield f"{dtype}/last", normalize(x)
        yield f"{dtype}/middle", normalize(x, axis=1)
        yield f"{dtype}/all", normalize(x[0], axis=None)
        yield f"{dtype}/vector", normalize(x[0, 0])
        yield f"{dtype}/order_1", normalize(x, order=1)
        yield f"{dtype}/largest", normalize(x, -1, np.inf)
    yield "list", normalize([3.0, 4.0])


def data(rows=40):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, 4)).astype("float32")
    return x, rng.integers(0, 3, rows)


def dense_model(library):
    layers = library.keras.layers
    return library.keras.Sequential(
        [layers.Input((4,)), layers.Dense(5, "relu"), layers.Dense(3, name="last")]
    )


PRINTED = {"numbers": Tolerance("one in the last printed digit", absolute=1.01e-4)}


@case(per_key=PRINTED)
def fit_lines(library):
    """The lines of whole fits: the clock stands, so times and redraws are fixed."""
    x, y = data()
    for verbose in ("auto", 1, 2):
        for epochs, options in (
            (1, {}),
            (3, {"validation_split": 0.25, "validation_freq": 2}),
            (2, {"steps_per_epoch": 1, "batch_size": 10}),
        ):
            model = dense_model(library)
            model.compile(
                "sgd",
                "sparse_categorical_crossentropy",
                metrics=["accuracy"],
                run_eagerly=library.eager_unless(verbose == 1),
            )
            # A listener of its own keeps Keras from printing on another thread.
            listener, told = recorder(library, BATCH_HOOKS)
            with printed() as (out, _):
                model.fit(
                    x,
                    y,
                    epochs=epochs,
                    verbose=verbose,
                    callbacks=[listener],
                    **options,
                )
                model.evaluate(x, y, verbose=verbose, callbacks=[listener])
                model.predict(x, verbose=verbose, callbacks=[listener])
            key = f"{verbose}/{epochs}"
            yield from words_and_numbers(f"{key}/printed", out.getvalue())
            yield f"{key}/told", [masked(line) for line in told]


def words_and_numbers(key, text):
    """The text without its losses and metrics, and these: one near 2.38835 may be
    printed as either neighbour."""
    number = r"\d\.\d{4}(?!\d)"
    yield key, re.sub(number, "#", text)
    yield f"numbers/{key}", np.float64(re.findall(number, text))


def masked(text):
    """Without spaces, and with "#" for each float, whose last digit may vary."""
    return re.sub(r"-?\d+\.\d*(e-?\d+)?", "#", re.sub(r"\s", "", text))


@case(per_key=PRINTED)
def generator_lines(library):
    """A generator's length is unknown in the first epoch."""
    x, y = data()
    model = dense_model(library)
    model.compile("sgd", "sparse_categorical_crossentropy")
    listener, _ = recorder(library, BATCH_HOOKS)
    batches = ((x[i : i + 8], y[i : i + 8]) for i in range(0, 40, 8))
    with printed() as (out, _):
        model.fit(batches, epochs=1, callbacks=[listener])
        endless = ((x[:8], y[:8]) for _ in range(100))
        model.fit(endless, epochs=2, steps_per_epoch=3, callbacks=[listener])
        model.evaluate(endless, steps=2, callbacks=[listener])
    yield from words_and_numbers("printed", out.getvalue())
