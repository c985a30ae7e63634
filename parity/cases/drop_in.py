"""Scripts as people write them, where minikeras once differed from Keras."""

import numpy as np

from parity.case import EXACT, Tolerance, case

DRIFT = Tolerance("a few float32 steps, one rounding each", 0, 2e-6, 2e-6)

X = np.random.default_rng(1).normal(size=(40, 4)).astype("float32")
Y = X[:, :1] * 2
LABELS = np.arange(40) % 3


def history_of(model, *data, **options):
    history = model.fit(*data, epochs=2, verbose=0, **options).history
    return list(history), [np.array(values) for values in history.values()]


def bias_of(y_true, y_pred):
    return y_pred - y_true


@case(EXACT, {"log": DRIFT, "value": DRIFT})
def names_and_order(library):
    """Log names of functions, the order of evaluate, and what a compile keeps."""
    keras = library.keras

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = keras.layers.Dense(1), keras.layers.Dense(1)

        def call(self, x):
            return {"a": self.a(x), "b": self.b(x)}

    net = Net()
    net.compile("sgd", {"b": "mse", "a": "mae"}, metrics={"a": ["mse"]})
    targets = {"a": Y, "b": -Y}
    yield "names/dict", history_of(net, X, targets)[0]
    yield "value/dict", np.array(net.evaluate(X, targets, verbose=0))
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", bias_of, metrics=[bias_of, lambda a, b: a * b, "mae"])
    names, values = history_of(model, X, Y)
    yield "names/functions", names
    yield "log/functions", values
    model.compile("adam")
    names, values = history_of(model, X, Y)
    yield "names/second compile", names
    yield "log/second compile", values


@case(EXACT, {"log": DRIFT, "value": DRIFT})
def custom_steps(library):
    """The step of Keras's guide with its metrics, and a predict_step."""
    keras = library.keras

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(3)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, y = data
            with library.tape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

        def predict_step(self, data):
            return keras.ops.argmax(self(data), axis=-1)

    model = Net()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"])
    names, values = history_of(model, X, LABELS, validation_data=(X, LABELS))
    yield "names", names
    yield "log", values
    yield "predicted", np.asarray(model.predict(X, verbose=0), dtype="int64")


@case(EXACT, {"value": DRIFT})
def state_and_structure(library):
    """Weights that calls change, frozen layers, shared layers, lists of one input."""
    keras = library.keras

    class Counting(keras.layers.Layer):
        def build(self, input_shape):
            self.calls = self.add_weight(shape=(1,), initializer="zeros", name="calls")

        def call(self, x):
            self.calls.assign_add([1.0])
            return x

    for loss, y in (("mse", Y), ("sparse_categorical_crossentropy", LABELS)):
        layer = Counting(trainable=False)
        model = keras.Sequential([layer, keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", loss)
        model.fit(X, y, batch_size=10, epochs=2, verbose=0)
        yield f"calls/{loss}", np.asarray(layer.calls)
        yield f"trainable/{loss}", layer.calls.trainable
    shared = keras.layers.Dense(4, activation="tanh")
    model = keras.Sequential([keras.Input((4,)), shared, keras.layers.ReLU(), shared])
    model.compile("sgd", "mse")
    yield "value/shared", history_of(model, [X], X)[1]
    yield "value/list", model.predict([X], verbose=0)
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    outer = keras.Sequential([inner, keras.layers.Dense(1)])
    outer.compile("sgd", "mse")
    outer.train_on_batch(X, Y)
    lines: list[str] = []
    outer.summary(print_fn=lambda text, **options: lines.append(text))
    yield "summary", "\n".join(lines)
