"""What compile makes of several losses and several outputs: numbers, names, order."""

from collections import OrderedDict

import numpy as np

from parity.case import EXACT, case
from parity.cases.training import LOGS, data, logs_of, weights_of


def numbers(seed=12):
    x, _ = data(rows=10, features=3, seed=seed)
    x = x.astype("float32")
    return x, x[:, :1] * 2 + 0.5


def of_two(keras, kind):
    """A model whose outputs are a `kind` of the pairs "b" and "a", in this order."""

    class Two(keras.Model):
        def __init__(self):
            super().__init__()
            self.first = keras.layers.Dense(1)
            self.second = keras.layers.Dense(1)

        def call(self, x):
            return kind([("b", self.first(x)), ("a", self.second(x))])

    return Two()


def values(pairs):
    return [value for _, value in pairs]


def run(model, x, y, **options):
    """Two epochs, then what evaluate and train_on_batch give as lists."""
    # All batches of one size: else the means of the parts hang on `run_eagerly`.
    history = model.fit(x, y, batch_size=5, epochs=2, verbose=0, **options)
    yield "names", list(history.history)
    yield "metrics", list(model.metrics_names)
    yield from logs_of(history)
    yield from weights_of(model)
    yield "value/evaluate", np.array(model.evaluate(x, y, batch_size=5, verbose=0))
    yield "value/train_on_batch", np.array(model.train_on_batch(x, y))


@case(EXACT, LOGS, slow=True)
def several_losses_for_one_output(library):
    """The first alone counts; beside a target in a list they are added up."""
    keras = library.keras
    losses = keras.losses
    objects = [losses.MeanSquaredError(), losses.MeanAbsoluteError(name="q")]
    rows = {
        "list": (["mse", "mae"], {}),
        "tuple": (("mae", "mse"), {}),
        "functions": ([losses.mean_squared_error, losses.mean_absolute_error], {}),
        "objects": (objects, {}),
        "weights": (["mse", "mae"], {"loss_weights": [0.5, 2.0]}),
        "nested": ([["mse", "mae"]], {}),
        "one": ([["mae"]], {"loss_weights": [2.0]}),
        "metrics": (["mse", "mae"], {"metrics": ["mae"], "weighted_metrics": ["mse"]}),
    }
    for name, (loss, options) in rows.items():
        for target in ("array", "list"):
            keras.utils.set_random_seed(1)
            model = keras.Sequential([keras.layers.Dense(1)])
            eager = library.eager_unless(name in ("list", "weights"))
            model.compile("sgd", loss, run_eagerly=eager, **options)
            x, y = numbers()
            results = run(model, x, y if target == "array" else [y])
            yield from ((f"{k}/{name}/{target}", v) for k, v in results)


@case(EXACT, LOGS, slow=True)
def order_of_outputs(library):
    """Lists of results follow the outputs, or the dict of losses, where there is one.

    A list of losses goes by the sorted names of a dict, but by the own order of an
    OrderedDict. An output may have several losses.
    """
    keras = library.keras
    mse = keras.losses.mean_squared_error
    rows = {
        "string": ("mse", {}),
        "function": (mse, {}),
        "list": (["mse", "mae"], {}),
        "weights": (["mse", "mae"], {"loss_weights": [1.0, 0.1]}),
        "metrics": ("mse", {"metrics": [["mae"], ["mse"]]}),
        "none": ([None, "mae"], {}),
    }
    by_name = {
        "dict": ({"a": "mse", "b": "mae"}, {}),
        "nest": ({"a": ["mse", "mae"], "b": "mse"}, {}),
        "nest_weights": (
            {"a": ["mse", "mae"], "b": "mse"},
            {"loss_weights": {"a": [1.0, 2.0], "b": 3.0}},
        ),
    }
    for kind in (dict, OrderedDict):
        for name, (loss, options) in (rows | (by_name if kind is dict else {})).items():
            keras.utils.set_random_seed(1)
            model = of_two(keras, kind)
            eager = library.eager_unless(kind is dict and name in ("list", "nest"))
            model.compile("sgd", loss, run_eagerly=eager, **options)
            x, y = numbers()
            results = run(model, x, kind([("b", y), ("a", 2 * y)]), shuffle=False)
            yield from ((f"{k}/{kind.__name__}/{name}", v) for k, v in results)


@case(EXACT, LOGS, slow=True)
def rows_of_a_short_batch(library):
    """Eagerly the loss of an output is a mean over the rows, else over the batches."""
    keras = library.keras
    x, y = numbers()
    for eagerly in (True, False):
        for kind in (dict, values):
            keras.utils.set_random_seed(1)
            model = of_two(keras, kind)
            model.compile("sgd", "mse", run_eagerly=eagerly, metrics=[["mae"], ["mse"]])
            target = kind([("b", y), ("a", 2 * y)])
            history = model.fit(x, target, batch_size=4, verbose=0)
            name = f"{kind.__name__}/{eagerly}/"
            yield from logs_of(history, name)
            found = model.evaluate(x, target, batch_size=4, verbose=0)
            yield f"value/evaluate/{name}", np.array(found)
