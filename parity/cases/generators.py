"""Data that is read once, and orders of rows: which batch comes when in a fit."""

import itertools

import numpy as np

from parity.case import EXACT, case
from parity.cases.training import LOGS, data, logs_of, weights_of


def batches(count, rows=4, endless=False, seed=3):
    """A generator of `count` batches, over and over again if it is `endless`."""
    x, _ = data(rows=count * rows, features=3, seed=seed)
    x = x.astype("float32")
    made = [(part, part[:, :1] * 2 + 1) for part in np.split(x, count)]
    yield from itertools.cycle(made) if endless else made


def model_of(library, compiled=False, **options):
    keras = library.keras
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Dense(1)])
    eager = library.eager_unless(compiled)
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=eager, **options)
    return model


@case(EXACT, LOGS, slow=True)
def generators(library):
    """A finite generator over several epochs: its first two batches come again."""
    rows = {
        **{f"{n}": (n, {}, {}) for n in (1, 2, 3, 5)},
        **{
            f"{n} by {s}": (n, {"steps_per_epoch": s}, {})
            for n in (2, 4, 5)
            for s in (1, 2, 3, 5)
        },
        "5, two at once": (5, {}, {"steps_per_execution": 2}),
    }
    for name, (count, arguments, options) in rows.items():
        model = model_of(library, compiled=name in ("5", "5, two at once"), **options)
        history = model.fit(batches(count), epochs=5, verbose=0, **arguments)
        yield from logs_of(history, f"{name}/")
        yield from weights_of(model, f"{name}/")


@case(EXACT, LOGS, slow=True)
def validation_by_generators(library):
    """Each validation starts with the first two batches of its generator."""
    rows = {
        "one step": (8, True, {"validation_steps": 1}),
        "two steps": (8, True, {"validation_steps": 2}),
        "every other epoch": (8, True, {"validation_steps": 2, "validation_freq": 2}),
        "finite": (4, False, {}),
        "of one batch": (1, False, {}),
        "finite, all steps": (4, False, {"validation_steps": 4}),
        "finite, too many steps": (4, False, {"validation_steps": 6}),
    }
    for name, (count, endless, arguments) in rows.items():
        model = model_of(library, compiled=name == "two steps")
        history = model.fit(
            batches(3, endless=True),
            steps_per_epoch=3,
            epochs=4,
            verbose=0,
            validation_data=batches(count, endless=endless, seed=4),
            **arguments,
        )
        yield from logs_of(history, f"{name}/")


@case(EXACT, LOGS, slow=True)
def shuffled_within_batches(library):
    """shuffle="batch": one random stream goes on through the epoch."""
    keras = library.keras

    class Recorder(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)
            self.seen = []

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            self.seen.append(np.asarray(data[0])[:, 0].astype("int64"))
            return super().train_step(data)

    for count, size in ((8, 4), (10, 3), (34, 17), (31, 5), (70, 16), (5, 9)):
        for seed in (0, 7):
            model = Recorder()
            model.compile("sgd", "mse", run_eagerly=True)
            keras.utils.set_random_seed(seed)
            x = np.arange(count, dtype="float32")[:, None]
            model.fit(x, x, batch_size=size, epochs=2, shuffle="batch", verbose=0)
            yield f"{count} by {size}, seed {seed}", np.concatenate(model.seen)
    x, y = data()
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.layers.Dropout(0.3), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(x, y, batch_size=16, epochs=2, shuffle="batch", verbose=0)
    yield from logs_of(history, "dropout/")
    yield from weights_of(model, "dropout/")
