"""docs/semantics.md beside real tf.keras: what fit weighs, keeps and updates."""

import numpy as np

from parity.case import EXACT, Tolerance, case
from parity.cases.tensorflow_names import names_of

X = np.linspace(-1, 2, 10, dtype="float32")[:, None]
Y = np.sin(3 * X)
RUN = Tolerance("some float32 steps, one rounding each", 0, 2e-6, 2e-6)
LOGS = {"log": RUN, "weight": RUN}


def line(library, optimizer=None, **options):
    """ŷ = w·x from w = 0.5, and a few words to fit it by."""
    keras = library.keras
    weight = keras.initializers.Constant(0.5)
    dense = keras.layers.Dense(1, use_bias=False, kernel_initializer=weight, **options)
    model = keras.Sequential([keras.layers.Input((1,)), dense])
    model.compile(optimizer or keras.optimizers.SGD(0.125), "mse")
    return model


FIT = {"batch_size": 4, "shuffle": False, "verbose": 0}


@case(EXACT, LOGS, slow=True)
def weights_of_samples(library):
    """Which weights reach the validation: the sample's, not the class's."""
    weights = np.linspace(0, 3, 10, dtype="float32")
    split = {"validation_split": 0.4, **FIT}
    classes = {"class_weight": {0: 0.25, 1: 3.0}, **split}
    labels = (X > 0.4).astype("int32")
    for name, y, options in (
        ("samples", Y, {"sample_weight": weights, **split}),
        ("classes", labels, classes),
    ):
        history = line(library).fit(X, y, **options).history
        yield f"log/{name}", [history["loss"], history["val_loss"]]


@case(EXACT, LOGS, slow=True)
def compiled_again(library):
    """What a later `compile` does not name, it leaves as it was."""
    model = line(library)
    model.compile("sgd", "mae", metrics=["mse"])
    model.compile(library.keras.optimizers.SGD(0.25))
    history = model.fit(X, Y, **FIT).history
    yield "names", list(history)
    yield "log/all", [history[name] for name in sorted(history)]


@case(EXACT, LOGS, slow=True)
def averages_and_validation(library):
    """Validation within fit sees the weights, not their averages."""
    sgd = library.keras.optimizers.SGD
    model = line(library, sgd(0.125, use_ema=True, ema_momentum=0.75))
    history = model.fit(X, Y, validation_data=(X, Y), epochs=2, **FIT).history
    yield "log/val", history["val_loss"]
    yield "log/after", model.evaluate(X, Y, verbose=0)


@case(EXACT, LOGS, slow=True)
def activity_penalties(library):
    l2 = library.keras.regularizers.L2(0.25)
    for name in ("activity_regularizer", "kernel_regularizer"):
        model = line(library, **{name: l2})
        history = model.fit(X, Y, **FIT).history
        yield f"log/{name}", history["loss"]
        yield f"log/{name}/evaluate", model.evaluate(X, Y, batch_size=4, verbose=0)


@case(EXACT, LOGS, slow=True)
def orders(library):
    """The order of the rows goes into the loss: each epoch of each fit, and after
    TensorFlow's own seed."""
    for name, seed in (
        ("keras", library.keras.utils.set_random_seed),
        ("tensorflow", names_of(library).random.set_seed),
    ):
        seed(7)
        model = line(library, library.keras.optimizers.SGD(0.5))
        for i in range(2):
            model.set_weights([np.full((1, 1), 0.5, "float32")])
            history = model.fit(X, Y, batch_size=1, epochs=2, verbose=0).history
            yield f"log/{name} {i}", history["loss"]
            yield f"weight/{name} {i}", model.get_weights()


@case(EXACT, LOGS, slow=True)
def short_stateful_batches(library):
    """A stateful layer for four rows makes four of a single one. minikeras refuses the
    short batch; here it gets that row four times, which comes to the same."""
    keras = library.keras
    x = np.linspace(-1, 1, 30, dtype="float32").reshape(5, 3, 2)
    if library.name == "minikeras":
        x = np.concatenate([x[:4], np.repeat(x[4:], 4, axis=0)])
    for cls in ("LSTM", "GRU", "SimpleRNN"):
        inputs = keras.layers.Input(batch_shape=(4, 3, 2))
        layer = getattr(keras.layers, cls)(2, stateful=True)
        model = keras.Sequential([inputs, layer])
        yield f"weight/{cls}", model.predict(x, batch_size=4, verbose=0)


@case(EXACT, LOGS)
def schedules(library):
    """An int as rate; a schedule beside accumulation."""
    optimizers = library.keras.optimizers
    schedules = optimizers.schedules
    for name, schedule in {
        "exponential": schedules.ExponentialDecay(1, 10, 0.5),
        "stairs": schedules.ExponentialDecay(3, 10, 2.5, staircase=True),
        "inverse": schedules.InverseTimeDecay(1, 10, 1.5),
        "polynomial": schedules.PolynomialDecay(2, 10, 0.5, power=1.5),
        "cycle": schedules.PolynomialDecay(2, 10, 1, power=2.5, cycle=True),
        "cosine": schedules.CosineDecay(1, 10, 0.5),
        "restarts": schedules.CosineDecayRestarts(2, 4, 1.0, 1.5),
        "constants": schedules.PiecewiseConstantDecay([3], [1, 0]),
        "float": schedules.ExponentialDecay(1.0, 10, 0.5),
    }.items():
        rates = [float(np.asarray(schedule(step))) for step in (0, 3, 5, 10, 17)]
        yield f"log/{name}", rates
    variable = library.keras.Variable(np.ones(2, "float32"))
    schedule = schedules.PiecewiseConstantDecay([1, 3], [0.5, 0.25, 0.125])
    optimizer = optimizers.Adam(schedule, gradient_accumulation_steps=2)
    for i in range(6):
        optimizer.apply([library.tensor(np.float32([1, i]))], [variable])
        yield f"weight/{i}", variable


@case(EXACT, LOGS)
def decay(library):
    """weight_decay is of every variable; Ftrl computes its weights anew."""
    keras = library.keras
    zero = np.zeros(2, "float32")
    for cls in ("SGD", "Ftrl"):
        variables = [
            keras.Variable(np.array([1, -2], "float32"), name=name)
            for name in ("kernel", "bias", "gamma", "beta")
        ]
        optimizer = getattr(keras.optimizers, cls)(0.25, weight_decay=0.5)
        for step in range(2):
            optimizer.apply([library.tensor(zero + step)] * 4, variables)
            yield f"weight/{cls}/{step}", variables
    for start in (1.0, -3.0):
        variable = keras.Variable(np.full(2, start, "float32"))
        optimizer = keras.optimizers.Ftrl(0.25)
        for g in (0.0, 0.5):
            optimizer.apply([library.tensor(zero + g)], [variable])
            yield f"weight/Ftrl from {start}, {g}", variable


@case(EXACT, LOGS, slow=True)
def embeddings(library):
    """Row 1 comes twice in a batch, row 2 only in the first."""
    keras = library.keras
    for name in ("Adagrad", "Adam", "RMSprop", "SGD", "Adamax", "Lion"):
        table = keras.initializers.Constant(1.0)
        model = keras.Sequential(
            [keras.layers.Embedding(4, 1, embeddings_initializer=table)]
        )
        model.compile(getattr(keras.optimizers, name)(0.25), "mse")
        for batch in ([1, 1, 2], [1, 0, 0]):
            ids = np.array([batch])
            target = np.array([[3.0, 2.0, 0.0]], "float32")[:, :, None]
            model.train_on_batch(ids, target)
            yield f"weight/{name} {batch}", model.get_weights()
