"""What callbacks are told by fit, evaluate and predict: which hooks, in which order,
with which logs; what they may do to the run; what happens where one fails."""

import numpy as np

from parity.case import Tolerance, case

STAGES = ["train", "test", "predict"]
HOOKS = [f"on_{stage}_{end}" for stage in STAGES for end in ("begin", "end")]
HOOKS += [f"on_{stage}_batch_{end}" for stage in STAGES for end in ("begin", "end")]
HOOKS += ["on_epoch_begin", "on_epoch_end", "on_batch_begin", "on_batch_end"]
X = np.linspace(-1, 1, 20, dtype="float32").reshape(10, 2)
Y = X[:, :1] * 2 + 1


class Told:
    """The calls as text, and the numbers in their logs."""

    def __init__(self):
        self.calls: list[str] = []
        self.numbers: list[float] = []

    def hear(self, who, hook, when, logs):
        self.calls.append(f"{who} {hook} {when} {self.shown(logs)}")

    def shown(self, logs):
        """The names of the logs with the kinds of the values."""
        if not isinstance(logs, dict):
            return str(logs)
        parts = []
        for name, value in logs.items():
            leaves = value if isinstance(value, list | tuple) else [value]
            kinds = [type(leaf).__name__ for leaf in leaves]
            if not isinstance(leaves[0], float):
                kinds = [f"array {tuple(leaf.shape)}" for leaf in leaves]
            parts.append(f"{name}: {', '.join(kinds)}")
            for leaf in leaves:
                self.numbers += np.ravel(np.asarray(leaf)).tolist()
        return "{" + "; ".join(parts) + "}"


def recorder(keras, told, who="a", act=None, hooks=HOOKS):
    """A callback that overrides `hooks`; `act(callback, hook, when, logs)` follows."""
    members = {}
    for hook in hooks:

        def listen(self, *when, logs=None, hook=hook):
            if not ("epoch" in hook or "batch" in hook):
                when, logs = (), *when
            elif len(when) == 2:
                when, logs = when[:1], when[1]
            told.hear(who, hook, when, logs)
            if act is not None:
                act(self, hook, when, logs)

        members[hook] = listen
    return type("Recorder", (keras.callbacks.Callback,), members)()


def compiled(library, outputs=1, eager=True, **options):
    keras = library.keras
    keras.utils.set_random_seed(0)
    x = keras.Input((2,))
    heads = [keras.layers.Dense(1, name=f"head{i}")(x) for i in range(outputs)]
    model = keras.Model(x, heads[0] if outputs == 1 else heads)
    names = ["mae"] if outputs == 1 else [["mae"]] * outputs
    options = {"optimizer": "sgd", "loss": "mse", "metrics": names} | options
    model.compile(**options, run_eagerly=library.eager_unless(not eager))
    return model


def batches(count=None, size=4):
    """Batches from a generator, without end if no count is given."""
    made = 0
    while count is None or made < count:
        start = made * size % len(X)
        yield X[start : start + size], Y[start : start + size]
        made += 1


ROUNDED = Tolerance("a few steps of sums of a few products", absolute=1e-5)
FITS = {
    "plain": {},
    "validated": {"validation_data": (X, Y), "epochs": 2},
    "split": {"validation_split": 0.3, "epochs": 2, "shuffle": False},
    "now and then": {"validation_data": (X, Y), "epochs": 3, "validation_freq": 2},
    "later": {"initial_epoch": 2, "epochs": 4},
    "some steps": {"steps_per_epoch": 2, "epochs": 3},
    "short validation": {"validation_data": (X, Y), "validation_steps": 1},
}


@case(ROUNDED)
def fit(library):
    keras = library.keras
    for name, options in FITS.items():
        for steps in (1, 2, 5):
            told = Told()
            model = compiled(
                library, steps_per_execution=steps, eager=name != "validated"
            )
            model.fit(
                X,
                Y,
                batch_size=3,
                verbose=0,
                callbacks=[recorder(keras, told)],
                **options,
            )
            yield f"{name}/{steps}/calls", told.calls
            yield f"{name}/{steps}/numbers", np.array(told.numbers)


@case(ROUNDED)
def generators(library):
    """Steps that are given, and those that are counted by running out."""
    keras = library.keras
    for steps in (1, 2):
        for name, count, options in (
            ("given", None, {"steps_per_epoch": 3, "epochs": 2}),
            ("found", 3, {}),
            ("too few", 3, {"steps_per_epoch": 4}),
        ):
            told = Told()
            model = compiled(library, steps_per_execution=steps)
            callback = recorder(keras, told)
            model.fit(batches(count), verbose=0, callbacks=[callback], **options)
            told.calls.append(str(callback.params))
            result = model.evaluate(
                batches(count),
                steps=2 if count is None else None,
                verbose=0,
                callbacks=[callback],
            )
            if count:
                found = model.predict(
                    ((x,) for x, _ in batches(count)), verbose=0, callbacks=[callback]
                )
                yield f"{name}/{steps}/predicted", found
            yield f"{name}/{steps}/calls", told.calls
            yield f"{name}/{steps}/numbers", np.array(told.numbers + result)


@case(ROUNDED)
def evaluate_and_predict(library):
    keras = library.keras
    for outputs in (1, 2):
        for steps in (1, 2, 5):
            for size in (1, 3, 5):
                told = Told()
                eager = outputs == 1  # it changes the losses of several outputs
                model = compiled(library, outputs, eager, steps_per_execution=steps)
                callback = recorder(keras, told)
                y = Y[:7] if outputs == 1 else [Y[:7]] * outputs
                options = {"batch_size": size, "verbose": 0, "callbacks": callback}
                model.evaluate(X[:7], y, **options)
                told.calls.append(str(callback.params))
                model.predict(X[:7], **options)
                told.calls.append(str(callback.params))
                yield f"{outputs}/{steps}/{size}/calls", told.calls
                yield f"{outputs}/{steps}/{size}/numbers", np.array(told.numbers)


@case(ROUNDED)
def several(library):
    """Callbacks are called in order; a nest of them, a list of the user's own."""
    keras = library.keras
    told = Told()
    first, second, third = (recorder(keras, told, who) for who in "abc")
    model = compiled(library)
    model.fit(X, Y, verbose=0, validation_data=(X, Y), callbacks=[first, [second]])
    yield "nest", told.calls
    told.calls.clear()
    model.fit(X, Y, verbose=0, callbacks={"z": first, "a": second})
    yield "dict", told.calls
    told.calls.clear()
    listed = keras.callbacks.CallbackList(
        [second, third], add_history=True, model=model, note=7
    )
    history = model.fit(
        X, Y, epochs=2, verbose=1, validation_data=(X, Y), callbacks=listed
    )
    yield "list", told.calls
    yield "list/history", [history is model.history, str(history.params)]
    told.calls.clear()
    model.evaluate(X, Y, callbacks=listed)
    model.predict(X, callbacks=listed)
    listed.on_batch_begin(3)
    listed.on_batch_end(3, {"loss": np.float32(2)})
    yield "list/after", told.calls
    yield "numbers", np.array(told.numbers)


@case(ROUNDED)
def stopping(library):
    """`stop_training` (evaluating, predicting) set in each hook, on the second call."""
    keras = library.keras
    for hook in HOOKS:
        for steps in (1, 2):
            told, calls = Told(), []

            def act(callback, called, when, logs, hook=hook, calls=calls):
                calls.append(called)
                stage = (
                    "evaluat"
                    if "test" in hook
                    else "predict"
                    if ("predict" in hook)
                    else "train"
                )
                if called == hook and calls.count(called) == 2:
                    setattr(callback.model, f"stop_{stage}ing", True)

            model = compiled(library, steps_per_execution=steps)
            callback = recorder(keras, told, act=act)
            options = {"batch_size": 3, "verbose": 0, "callbacks": [callback]}
            model.fit(X, Y, epochs=3, validation_data=(X, Y), **options)
            model.evaluate(X, Y, **options)
            found = model.predict(X, **options)
            flags = [model.stop_training, model.stop_evaluating, model.stop_predicting]
            yield f"{hook}/{steps}/calls", [*told.calls, str(flags)]
            yield f"{hook}/{steps}/predicted", found


@case(ROUNDED)
def failing(library):
    """An exception in a hook ends the run there; the next run is as if new."""
    keras = library.keras
    for hook in HOOKS:
        told = Told()
        failed = []

        def act(callback, called, when, logs, hook=hook, failed=failed):
            if called == hook and not failed:
                failed.append(called)
                raise KeyError(hook)

        model = compiled(library)
        first = recorder(keras, told, "a", act)
        options = {
            "batch_size": 5,
            "verbose": 0,
            "callbacks": [first, recorder(keras, told, "b")],
        }
        for _ in range(2):
            try:
                model.fit(X, Y, validation_data=(X, Y), **options)
                model.predict(X, **options)
            except KeyError as error:
                told.calls.append(f"KeyError {error}")
        yield f"{hook}/calls", told.calls
        yield f"{hook}/numbers", np.array(told.numbers)
        yield f"{hook}/weights", model.get_weights()[0]


@case(ROUNDED)
def settings(library):
    """What `set_params` and `set_model` are given, and when; `model` and `params`."""
    keras = library.keras
    told = []

    class Settings(keras.callbacks.Callback):
        def set_params(self, params):
            told.append(f"set_params {params} {self.model is None}")
            super().set_params(params)

        def set_model(self, model):
            told.append(f"set_model {type(model).__name__} {self.params}")
            super().set_model(model)

    callback = Settings()
    told.append(f"{callback.params} {callback.model}")
    model = compiled(library)
    for verbose in (0, 2):
        model.fit(X, Y, verbose=verbose, epochs=2, batch_size=3, callbacks=[callback])
    model.evaluate(X, Y, verbose=0, callbacks=[callback])
    model.predict(X, verbose=0, steps=1, callbacks=[callback])
    model.fit(batches(2), verbose=0, callbacks=[callback])
    told.append(f"{callback.params} {callback.model is model} {model.history.params}")
    yield "told", told


@case(ROUNDED)
def hooks_that_are_set_late(library):
    """By `set_model`, and when fit begins."""
    keras = library.keras
    told: list = []

    def tell(what):
        return lambda *when, logs=None: told.append(f"{what} {when}")

    class Late(keras.callbacks.Callback):
        def set_model(self, model):
            super().set_model(model)
            self.on_test_batch_begin = tell("test")

        def on_train_begin(self, logs=None):
            self.on_train_batch_end = tell("train")

    model = compiled(library)
    options = {"batch_size": 5, "verbose": 0, "callbacks": [Late()]}
    model.fit(X, Y, validation_data=(X, Y), **options)
    yield "told", told


@case(ROUNDED)
def rates(library):
    """A learning rate that a hook sets counts from the next step on."""
    keras = library.keras
    for hook in ("on_train_begin", "on_epoch_begin", "on_train_batch_end"):
        for eager in (True, False):
            model = compiled(library, eager=eager)

            def act(*_, model=model):
                optimizer = model.optimizer
                optimizer.learning_rate = optimizer.learning_rate * 0.5

            callback = keras.callbacks.LambdaCallback(
                **{hook: lambda *when, act=act, **logs: act()}
            )
            history = model.fit(
                X, Y, batch_size=4, epochs=3, verbose=0, callbacks=[callback]
            )
            yield f"{hook}/{eager}", np.array(history.history["loss"])
            yield f"{hook}/{eager}/rate", float(model.optimizer.learning_rate)


@case(ROUNDED)
def logs_that_are_changed(library):
    """What a callback writes into an epoch's logs, the ones after it find."""
    keras = library.keras

    class Writer(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["mine"] = epoch * 2.0
            logs.pop("mae")

        def on_train_batch_end(self, batch, logs=None):
            logs["batch"] = float(batch)

        def on_test_end(self, logs=None):
            logs["tested"] = 1.0

    told = Told()
    model = compiled(library)
    before, after = recorder(keras, told, "a"), recorder(keras, told, "b")
    history = model.fit(
        X,
        Y,
        epochs=2,
        verbose=0,
        validation_data=(X, Y),
        callbacks=[before, Writer(), after],
    )
    yield "calls", told.calls
    yield "numbers", np.array(told.numbers)
    yield "history", list(history.history)
    found = model.evaluate(X, Y, verbose=0, callbacks=Writer(), return_dict=True)
    yield "evaluate", list(found)


@case(ROUNDED)
def steps_of_the_users_own(library):
    """Logs of steps that return names of their own, or none at all."""
    keras = library.keras

    class Own(keras.Sequential):
        returned: dict = {}

        def train_step(self, data):
            super().train_step(data)
            return self.returned

        def test_step(self, data):
            super().test_step(data)
            return self.returned

        def predict_step(self, data):
            return super().predict_step(data) + 1.0

    for name, returned in {
        "own": {"z": 0.5, "a": np.float32(2)},
        "deep": {"z": {"c": 1.0, "b": 2}, "loss": 0.25},
        "array": {"loss": 1.0, "list": np.ones(1, "float32")},
    }.items():
        keras.utils.set_random_seed(0)
        model = Own([keras.Input((2,)), keras.layers.Dense(1)])
        model.returned = returned
        eagerly = library.eager_unless(False)
        model.compile("sgd", "mse", metrics=["mae"], run_eagerly=eagerly)
        told = Told()
        options = {"verbose": 0, "callbacks": recorder(keras, told)}
        history = model.fit(X, Y, validation_data=(X, Y), **options)
        found = model.predict(X, **options)
        yield f"{name}/calls", told.calls
        yield f"{name}/numbers", np.array(told.numbers)
        yield f"{name}/history", list(history.history)
        yield f"{name}/predicted", found
