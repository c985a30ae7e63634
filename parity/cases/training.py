"""fit, evaluate and predict in all their options, on small models of the same seed."""

import numpy as np

from parity.case import EXACT, Tolerance, case

# A few dozen float32 steps on well-conditioned problems: each step rounds the
# weights once, so after n steps the logs agree to about sqrt(n) roundings.
DRIFT = Tolerance("tens of float32 steps, one rounding each", 0, 2e-6, 2e-6)
LOGS = {"log": DRIFT, "weight": DRIFT, "value": DRIFT}
# Models of fit_options and kinds_of_data that TensorFlow compiles.
COMPILED = ("plain", "sample_weight", "validation_data", "float64", "generator")


def data(rows=70, features=5, classes=3, seed=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, features))
    y = rng.integers(0, classes, size=rows)
    return x, y


def one_hot(y, classes=3):
    return np.eye(classes, dtype="float32")[y]


def network(keras, activation="softmax", units=3, **kwargs):
    return keras.Sequential(
        [
            keras.layers.Dense(8, activation="relu", **kwargs),
            keras.layers.Dense(units, activation=activation),
        ]
    )


def logs_of(history, prefix=""):
    for name, values in history.history.items():
        yield f"log/{prefix}{name}", np.array(values, dtype="float64")


def weights_of(model, prefix=""):
    for i, weight in enumerate(model.get_weights()):
        yield f"weight/{prefix}{i}", weight


@case(EXACT, LOGS, slow=True)
def fit_options(library):
    keras = library.keras
    x, y = data()
    weights = np.random.default_rng(5).uniform(0.1, 2, size=len(x)).astype("float32")
    split = {"validation_split": 0.3}
    options = {
        "plain": {},
        "no_shuffle": {"shuffle": False},
        "batch_shuffle": {"shuffle": "batch"},
        "sample_weight": {"sample_weight": weights, **split},
        "class_weight": {"class_weight": {0: 0.5, 1: 2.0}},
        "validation_freq": {"validation_freq": 2, **split},
        "validation_list": {"validation_freq": [1, 3], **split},
        "validation_data": {"validation_data": (x[:20], y[:20])},
        "validation_weights": {"validation_data": (x[:20], y[:20], weights[:20])},
        "validation_batch": {"validation_batch_size": 7, **split},
        "validation_steps": {"validation_steps": 1, **split},
        "steps_per_epoch": {"steps_per_epoch": 2, "batch_size": 20},
        "one_batch": {"batch_size": 1000},
        "initial_epoch": {"initial_epoch": 1},
    }
    for name, option in options.items():
        keras.utils.set_random_seed(11)
        model = network(keras)
        model.compile(
            optimizer=keras.optimizers.SGD(0.1),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            weighted_metrics=["acc"],
            run_eagerly=library.eager_unless(name in COMPILED),
        )
        arguments = {"batch_size": 16, "epochs": 3, "verbose": 0} | option
        history = model.fit(x, y, **arguments)
        yield f"{name}/names", list(history.history)
        yield f"{name}/epochs", list(history.epoch)
        yield from ((f"log/{name}/{k}", v) for k, v in logs_of(history))
        yield from ((f"weight/{name}/{k}", v) for k, v in weights_of(model))


@case(EXACT, LOGS, slow=True)
def losses_and_optimizers(library):
    """Pairs of loss and optimizer, each with the accuracy that its shapes mean."""
    keras = library.keras
    x, y = data()
    binary = (y > 0).astype("float32")
    rows = [
        ("categorical_crossentropy", "adam", "softmax", 3, one_hot(y)),
        ("binary_crossentropy", "rmsprop", "sigmoid", 1, binary),
        ("binary_crossentropy", "adagrad", "sigmoid", 1, binary[:, None]),
        ("mse", "adadelta", "linear", 1, x[:, 0]),
        ("mae", keras.optimizers.SGD(0.05, momentum=0.9), None, 1, x[:, :1]),
        ("huber", keras.optimizers.AdamW(0.01, weight_decay=0.1), None, 2, x[:, :2]),
        ("crossentropy", keras.optimizers.Adam(0.01, clipnorm=0.1), "softmax", 3, y),
        ("kl_divergence", keras.optimizers.SGD(0.1), "softmax", 3, one_hot(y)),
    ]
    for i, (loss, optimizer, activation, units, target) in enumerate(rows):
        keras.utils.set_random_seed(3)
        model = network(keras, activation, units)
        model.compile(
            optimizer=optimizer,
            loss=loss,
            metrics=["accuracy"],
            run_eagerly=library.eager_unless(i < 2),
        )
        # Adadelta and Adam divide by running roots: no step is well-conditioned
        # where a gradient is near 0, hence few steps.
        history = model.fit(x, target, batch_size=35, epochs=2, verbose=0)
        yield from ((f"log/{i}/{k}", v) for k, v in logs_of(history))
        yield from ((f"weight/{i}/{k}", v) for k, v in weights_of(model))
        yield f"names/{i}", list(history.history)


@case(EXACT, LOGS, slow=True)
def dropout_and_penalties(library):
    """Dropout masks, L1/L2, constraints, add_loss and activity regularizers."""
    keras = library.keras
    x, y = data()

    class Penalised(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(4, kernel_regularizer="l1")

        def call(self, inputs):
            outputs = self.dense(inputs)
            self.add_loss(0.01 * keras.ops.sum(keras.ops.square(outputs)))
            return outputs

    def models():
        layers = keras.layers
        yield [layers.Dropout(0.3), layers.Dense(3)]
        yield [layers.Dense(6), layers.Dropout(0.5, seed=9), layers.Dense(3)]
        yield [layers.Dense(6), layers.Dropout(0.2, noise_shape=(None, 1))]
        yield [layers.Dense(3, activity_regularizer="l2", bias_regularizer="l1")]
        yield [layers.Dense(3, kernel_constraint="unit_norm", kernel_regularizer="l2")]
        yield [Penalised(), layers.LeakyReLU(), layers.Dense(3)]
        yield [layers.Dense(3), layers.PReLU(), layers.ELU(), layers.Softmax()]

    count = 7
    for i in range(count):
        keras.utils.set_random_seed(21)
        model = keras.Sequential(list(models())[i])
        units = 6 if i == 2 else 3
        model.compile(
            optimizer=keras.optimizers.SGD(0.05),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            run_eagerly=library.eager_unless(i in (0, 5)),
        )
        history = model.fit(
            x, y % units, batch_size=20, epochs=3, verbose=0, validation_split=0.2
        )
        yield from ((f"log/{i}/{k}", v) for k, v in logs_of(history))
        yield from ((f"weight/{i}/{k}", v) for k, v in weights_of(model))
        yield f"value/{i}/predict", model.predict(x[:9], verbose=0)
        yield f"value/{i}/training", model(x[:9].astype("float32"), training=True)
        yield f"value/{i}/losses", [np.asarray(loss) for loss in model.losses]


@case(EXACT, LOGS, slow=True)
def kinds_of_data(library):
    """Lists, generators, PyDataset, other dtypes; evaluate and predict on them."""
    keras = library.keras
    x, y = data()

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 5

        def __getitem__(self, i):
            return x[14 * i : 14 * i + 14], y[14 * i : 14 * i + 14]

    def generator():
        while True:
            for i in range(5):
                yield x[14 * i : 14 * i + 14], y[14 * i : 14 * i + 14]

    kinds = {
        "float64": lambda: ((x, y), {}),
        "float16": lambda: ((x.astype("float16"), y), {}),
        "int": lambda: (((10 * x).astype("int64"), y), {}),
        "bool": lambda: ((x > 0, y.astype("uint8")), {}),
        "column": lambda: ((x, y[:, None]), {}),
        "float_labels": lambda: ((x, y.astype("float64")), {}),
        "dataset": lambda: ((Batches(),), {"shuffle": False}),
        "shuffled_dataset": lambda: ((Batches(),), {"shuffle": True}),
        "generator": lambda: ((generator(),), {"steps_per_epoch": 4, "shuffle": False}),
    }
    for name, make in kinds.items():
        keras.utils.set_random_seed(2)
        model = network(keras)
        model.compile(
            optimizer=keras.optimizers.SGD(0.1),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            run_eagerly=library.eager_unless(name in COMPILED),
        )
        positional, named = make()
        history = model.fit(*positional, epochs=2, verbose=0, **named)
        yield from ((f"log/{name}/{k}", v) for k, v in logs_of(history))
        yield from ((f"weight/{name}/{k}", v) for k, v in weights_of(model))
        yield f"path/{name}", [v.path for v in model.variables]
    results = model.evaluate(x, y, verbose=0, return_dict=True)
    yield "names/evaluate", list(results)
    yield "value/evaluate", np.array(list(results.values()))
    yield "value/evaluate/batch", np.array(model.evaluate(x, y, 9, verbose=0))
    yield "value/evaluate/dataset", np.array(model.evaluate(Batches(), verbose=0))
    yield "value/predict", model.predict(x, batch_size=9, verbose=0)
    yield "value/predict/dataset", model.predict(Batches(), verbose=0)


@case(EXACT, LOGS, slow=True)
def single_batches(library):
    keras = library.keras
    x, y = data()
    x = x.astype("float32")
    keras.utils.set_random_seed(4)
    model = network(keras)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    weights = np.linspace(0, 2, 16).astype("float32")
    yield "value/first", np.array(model.train_on_batch(x[:16], y[:16]))
    yield "value/second", np.array(model.train_on_batch(x[16:32], y[16:32]))
    logs = model.train_on_batch(x[:16], y[:16], sample_weight=weights, return_dict=True)
    yield "names/weighted", list(logs)
    yield "value/weighted", np.array(list(logs.values()))
    logs = model.train_on_batch(x[:16], y[:16], class_weight={0: 3.0})
    yield "value/class_weight", np.array(logs)
    yield "value/test", np.array(model.test_on_batch(x[:16], y[:16]))
    yield "value/predict", model.predict_on_batch(x[:5])
    yield from weights_of(model)


@case(EXACT, LOGS, slow=True)
def custom_training(library):
    """A custom train_step, a GradientTape loop, nested models, several outputs."""
    keras = library.keras
    x, y = data()

    class Custom(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = network(keras, activation=None)
            self.drop = keras.layers.Dropout(0.5)
            self.tracker = keras.metrics.Mean(name="mine")

        def call(self, x, training=False):
            h = self.inner(x)
            if training:
                h = self.drop(h, training=training)
            return h * 2.0

        def train_step(self, data):
            x, y = data
            with library.tape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            self.tracker.update_state(loss)
            for metric in self.metrics:
                if metric.name == "compile_metrics":
                    metric.update_state(y, y_pred)
            return {"mine": self.tracker.result(), "steps": self.optimizer.iterations}

        @property
        def metrics(self):
            return [self.tracker]

    keras.utils.set_random_seed(8)
    model = Custom()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss)
    history = model.fit(x, y, epochs=3, batch_size=20, verbose=0)
    yield from logs_of(history, "custom/")
    yield from weights_of(model, "custom/")
    yield "path/custom", [v.path for v in model.variables]
    yield "names/custom", [layer.name for layer in model.layers]

    keras.utils.set_random_seed(9)
    model = network(keras, activation=None)
    optimizer = keras.optimizers.Adam(0.01)
    target = library.tensor(y)
    losses = []
    for _ in range(5):
        with library.tape() as tape:
            value = loss(target, model(x.astype("float32"), training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(
            zip(gradients, model.trainable_variables, strict=True)
        )
        losses.append(float(value))
    yield "log/loop", np.array(losses)
    yield from weights_of(model, "loop/")


@case(EXACT, LOGS, slow=True)
def several_outputs(library):
    keras = library.keras
    x, y = data()

    class Two(keras.Model):
        def __init__(self, as_dict):
            super().__init__()
            self.first = keras.layers.Dense(3, activation="softmax")
            self.second = keras.layers.Dense(1)
            self.as_dict = as_dict

        def call(self, x):
            a, b = self.first(x), self.second(x)
            return {"a": a, "b": b} if self.as_dict else [a, b]

    crossentropy = "sparse_categorical_crossentropy"
    rows = {
        "dict": (
            True,
            {"a": crossentropy, "b": "mse"},
            {"a": ["accuracy"], "b": ["mae"]},
            {"a": 1.0, "b": 0.3},
        ),
        "list": (
            False,
            [crossentropy, "mse"],
            [["accuracy"], ["mae", "mse"]],
            [0.5, 2.0],
        ),
    }
    for name, (as_dict, loss, metrics, loss_weights) in rows.items():
        keras.utils.set_random_seed(6)
        model = Two(as_dict)
        model.compile(
            keras.optimizers.SGD(0.05), loss, loss_weights=loss_weights, metrics=metrics
        )
        target = {"a": y, "b": x[:, :1]} if as_dict else [y, x[:, :1]]
        history = model.fit(x, target, epochs=2, batch_size=20, verbose=0)
        yield f"names/{name}", list(history.history)
        yield from logs_of(history, f"{name}/")
        yield f"value/{name}/evaluate", np.array(model.evaluate(x, target, verbose=0))
        predicted = model.predict(x[:4], verbose=0)
        yield (
            f"value/{name}/predict",
            ([predicted["a"], predicted["b"]] if as_dict else predicted),
        )
