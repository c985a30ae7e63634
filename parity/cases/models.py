"""Parts of models: what is trainable, configs, builds by hand, clones, dtypes."""

import numpy as np

from parity.case import EXACT, case
from parity.cases.training import LOGS, logs_of, weights_of

X = np.random.default_rng(3).normal(size=(10, 3)).astype("float32")
Y = X[:, :1] * 2 + 1


@case()
def trainable(library):
    """What is trainable already changes nothing below; a new value sets all of it."""
    layers = library.keras.layers

    class Net(library.keras.Model):
        def __init__(self):
            super().__init__()
            self.first = layers.Dense(2)
            self.inner = library.keras.Sequential([layers.Dense(2), layers.Dense(1)])

        def call(self, x):
            return self.inner(self.first(x))

    def seen():
        parts = [net, net.first, net.inner, *net.inner.layers]
        own = [bool(part.trainable) for part in parts]
        return own + [bool(v.trainable) for v in net.weights]

    for start in (True, False):
        for value in (True, False, 1, 0, np.bool_(True), None):
            net = Net()
            net(X)
            net.trainable = start
            net.inner.layers[0].trainable = not start
            net.first.kernel.trainable = not start
            net.trainable = value
            yield f"{start}, then {value!r}", seen()
            yield f"{start}, then {value!r}/weights", len(net.trainable_weights)
            net.inner.trainable = True
            yield f"{start}, then {value!r}, inner", seen()


@case()
def configs_of_few_words(library):
    """get_config may name fewer arguments than the base class: none is added."""
    layers = library.keras.layers

    class Few(layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units

        def get_config(self):
            return {"units": self.units}

    class Own(layers.Layer):
        def __init__(self, units, dtype="mine"):
            super().__init__()
            self.units, self.given = units, dtype

        def get_config(self):
            return {"units": self.units}

    class Whole(layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def get_config(self):
            return super().get_config() | {"units": self.units}

    class Net(library.keras.Model):
        def __init__(self, units):
            super().__init__()
            self.units = units

        def get_config(self):
            return {"units": self.units}

    for cls in (Few, Own, Whole, Net):
        made = cls.from_config(cls(5).get_config())
        yield cls.__name__, (made.units, made.dtype, getattr(made, "given", None))
    made = Whole.from_config(Whole(5, dtype="float64").get_config())
    yield "float64", (made.units, made.dtype)


@case(EXACT, LOGS, slow=True)
def built_by_hand(library):
    """A model whose build makes its layers, then calls super().build(shape)."""
    keras = library.keras

    class Net(keras.Model):
        def __init__(self, at_once):
            super().__init__(name="net")
            self.at_once, self.count = at_once, 0

        def build(self, shape):
            self.count += 1
            self.dense = keras.layers.Dense(1)
            if self.at_once:
                self.dense.build(shape)
            super().build(shape)

        def call(self, x):
            return self.dense(x)

    for at_once in (False, True):
        net = Net(at_once)
        net.build((None, 3))
        yield f"{at_once}/build", [v.path for v in net.weights] + [net.built, net.count]
        yield f"{at_once}/shape", list(net(X).shape) + [net.count]
        keras.utils.set_random_seed(1)
        net = Net(at_once)
        net.compile("sgd", "mse", run_eagerly=library.eager_unless(at_once))
        history = net.fit(X, Y, epochs=2, batch_size=5, verbose=0)
        yield from logs_of(history, f"{at_once}/")
        yield from weights_of(net, f"{at_once}/")
        yield f"{at_once}/fit", [v.path for v in net.weights] + [net.built, net.count]


@case(EXACT, LOGS, slow=True)
def clones(library):
    """The clone of a compiled model is compiled, with an optimizer of its own."""
    keras = library.keras
    layers = keras.layers
    eager = library.eager_unless(False)

    class Mine(layers.Layer):
        def __init__(self, by):
            super().__init__()
            self.by = by

        def call(self, x):
            return x * self.by

        def get_config(self):
            return {"by": self.by}

    def made(with_input):
        first = [layers.Input((3,))] if with_input else []
        return keras.Sequential([*first, layers.Dense(2), Mine(2.0), layers.Dense(1)])

    yield "not compiled", keras.models.clone_model(made(True)).compiled
    adam = {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}
    sgd = {
        "optimizer": keras.optimizers.SGD(0.05, momentum=0.5),
        "loss": [keras.losses.MeanAbsoluteError()],
        "loss_weights": [0.5],
        "metrics": [keras.metrics.MeanSquaredError(name="q")],
        "weighted_metrics": ["mae"],
    }
    for name, with_input, options in (
        ("adam", True, adam),
        ("sgd", True, sgd),
        ("unbuilt", False, adam),
    ):
        model = made(with_input)
        model.compile(run_eagerly=eager, **options)
        if with_input:
            model.fit(X, Y, verbose=0)
            model.optimizer.learning_rate = 0.125
        clone = keras.models.clone_model(model)
        yield f"{name}/weights", len(clone.weights)
        yield (
            f"{name}/optimizer",
            [
                type(clone.optimizer).__name__,
                float(clone.optimizer.learning_rate),
                int(clone.optimizer.iterations),
                len(clone.optimizer.variables),
                clone.optimizer is model.optimizer,
            ],
        )
        clone(X)
        clone.set_weights([np.full(w.shape, 0.5, "float32") for w in clone.weights])
        history = clone.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0)
        yield from logs_of(history, f"{name}/")
        yield from weights_of(clone, f"{name}/")


@case()
def late_floatx(library):
    """set_floatx after a layer was made: layers keep the dtype of the first."""
    keras = library.keras
    layers, ops = keras.layers, keras.ops

    def dtypes():
        dense = layers.Dense(1)
        named = {
            "layer": dense,
            "output": dense(np.ones((2, 3))),
            "dropout": layers.Dropout(0.5)(np.ones((2, 3)), training=True),
            "norm": layers.BatchNormalization()(np.ones((2, 3))),
            "input": layers.Input((3,)),
            "floats": ops.convert_to_tensor([1.5]),
            "a float": ops.convert_to_tensor(1.5),
            "array": ops.convert_to_tensor(np.array([1.5])),
            "mean of ints": ops.mean(ops.convert_to_tensor([1, 2])),
            "root of ints": ops.sqrt(ops.convert_to_tensor([1, 2])),
            "one_hot": ops.one_hot(ops.convert_to_tensor([0, 1]), 2),
            "zeros": ops.zeros((2,)),
            "initializer": keras.initializers.GlorotUniform()((2, 2)),
            "variable": keras.Variable(1.5),
            "metric": keras.metrics.Mean(),
            "loss": keras.losses.MeanSquaredError()([[1.0]], [[2.0]]),
            "mse": keras.losses.mean_squared_error([[1.0, 2.0]], [[1.0, 3.0]]),
            "rate": keras.optimizers.SGD(0.1).learning_rate,
            "categories": keras.utils.to_categorical(ops.convert_to_tensor([0, 1]), 2),
            "normalize": keras.utils.normalize([[3.0, 4.0]]),
        }
        return " ".join(
            f"{name}:{getattr(x.dtype, 'name', x.dtype)}" for name, x in named.items()
        )

    before = keras.config.floatx()
    starts = {
        "first": lambda: None,
        "layer": lambda: layers.Dense(1),
        "layer with a dtype": lambda: layers.Dense(1, dtype="float32"),
        "input": lambda: layers.Input((2,)),
        "model": lambda: keras.Sequential(),
        "metric": lambda: keras.metrics.Mean(),
        "op": lambda: ops.one_hot(ops.convert_to_tensor([1]), 2),
    }
    try:
        for name, start in starts.items():
            for floatx in ("float64", "float16"):
                keras.config.set_floatx(before)
                keras.utils.clear_session()
                start()
                keras.config.set_floatx(floatx)
                yield f"{name}/{floatx}", dtypes()
        keras.utils.clear_session()
        yield "after clear_session", dtypes()
    finally:
        keras.config.set_floatx(before)
        keras.utils.clear_session()
    constant = keras.Variable(0.1, dtype="float64")
    yield "0.1 in float64", constant
