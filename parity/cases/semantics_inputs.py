"""docs/semantics.md beside real tf.keras: how what is given is taken. Labels without a
column, several losses, generators, names, a floatx that is set late."""

import numpy as np

from parity.case import EXACT, Tolerance, case, ulp
from parity.cases.tensorflow_names import names_of

X = np.linspace(-1, 2, 10, dtype="float32")[:, None]
Y = np.sin(3 * X)
COLUMN = np.array([[0.5], [1.0], [2.0], [1.0], [0.5]], "float32")
MEANS = ulp(8, "exponentials and logarithms, then means in another order")
# x + softplus(-2x) - log 2: three numbers near 1, each rounded, leave a tenth of it.
COSH = ulp(8, "what is left of numbers near 1, each rounded", 2.0**-22)
RUN = Tolerance("some float32 steps, one rounding each", 0, 2e-6, 2e-6)
LOGS = {"log": RUN, "weight": RUN}
FIT = {"batch_size": 4, "shuffle": False, "verbose": 0}


def line(library, loss="mse"):
    """ŷ = w·x from w = 0.5."""
    keras = library.keras
    weight = keras.initializers.Constant(0.5)
    dense = keras.layers.Dense(1, use_bias=False, kernel_initializer=weight)
    model = keras.Sequential([keras.layers.Input((1,)), dense])
    model.compile(keras.optimizers.SGD(0.125), loss)
    return model


LOSSES = (
    "mean_squared_error",
    "mean_absolute_error",
    "hinge",
    "squared_hinge",
    "poisson",
    "kl_divergence",
    "log_cosh",
)
METRICS = {"log_cosh": "LogCoshError"}  # known by another name


@case(MEANS, {"log_cosh": COSH})
def labels_without_a_column(library):
    """Labels (n,) beside outputs (n, 1): the functions of losses and metrics."""
    labels = np.array([1, 0, 1, 1, 0], "float32")
    for name in LOSSES:
        yield name, library.keras.losses.get(name)(labels, COLUMN)
        metric = library.keras.metrics.get(METRICS.get(name, name))
        metric.update_state(labels, COLUMN)
        yield f"{name} metric", metric.result()


@case(MEANS)
def logits_for_tensorflow(library):
    """tf.nn's losses do not look behind the softmax or sigmoid they are given."""
    nn, activations = names_of(library).nn, library.keras.activations
    z = np.array([[1, 2, 3], [0.5, 0.1, -1]], "float32")
    target = np.array([[0, 0, 1], [1, 0, 0]], "float32")
    softmax = activations.softmax(library.tensor(z))
    sparse = nn.sparse_softmax_cross_entropy_with_logits
    yield "sparse", sparse(labels=np.array([2, 0]), logits=softmax)
    dense = nn.softmax_cross_entropy_with_logits
    yield "dense", dense(labels=target, logits=softmax)
    sigmoid = activations.sigmoid(library.tensor(z))
    binary = nn.sigmoid_cross_entropy_with_logits
    yield "sigmoid", binary(labels=target, logits=sigmoid)


@case(EXACT, LOGS, slow=True)
def several_losses_on_one_output(library):
    for name, loss in (("list", ["mse", "mae"]), ("tuple", ("mae", "mse"))):
        history = line(library, loss).fit(X, Y, epochs=2, **FIT).history
        yield f"names/{name}", list(history)
        for key, values in history.items():
            yield f"log/{name}/{key}", values


@case(EXACT, LOGS, slow=True)
def generators(library):
    """A generator's first two batches, looked at before the first step, come again."""

    def batches(count):
        for i in range(count):
            yield X[i % 3 * 4 :][:4], Y[i % 3 * 4 :][:4]

    model = line(library)
    options = {"validation_data": batches(50), "validation_steps": 2}
    history = model.fit(X, Y, epochs=3, **options, **FIT).history
    yield "log/validation", history["val_loss"]
    history = line(library).fit(batches(6), epochs=3, steps_per_epoch=2, verbose=0)
    yield "log/steps", history.history["loss"]


@case(EXACT, LOGS)
def exclusions(library):
    """Names are searched for in the whole path, as patterns."""
    keras = library.keras
    model = keras.Sequential(
        [
            keras.layers.Dense(2, name="body"),
            keras.layers.BatchNormalization(name="norm"),
            keras.layers.Dense(2, name="head"),
        ],
        name="net",
    )
    model.build((None, 2))
    for names in (["norm"], ["head"], ["body/k"], ["^net/n"], ["b.d"], ["bias$"]):
        for weight in model.weights:
            weight.assign(np.ones(weight.shape, "float32"))
        optimizer = keras.optimizers.SGD(0.5, weight_decay=0.5)
        optimizer.exclude_from_weight_decay(var_names=names)
        trained = model.trainable_variables
        zeros = [library.tensor(np.zeros(v.shape, "float32")) for v in trained]
        optimizer.apply(zeros, trained)
        yield f"weight/{names[0]}", [np.asarray(v).ravel()[0] for v in trained]


@case()
def late_floatx(library):
    """`set_floatx` after the first layer: the policy of layers is fixed by then."""
    keras = library.keras
    before = keras.backend.floatx()
    try:
        keras.layers.Dense(2)
        keras.backend.set_floatx("float64")
        layer = keras.layers.Dense(2)
        layer.build((None, 3))
        yield "layer", str(np.asarray(layer.kernel).dtype)
        one_hot = keras.ops.one_hot(np.array([1]), 3)
        yield "one_hot", str(np.asarray(one_hot).dtype)
        number = keras.ops.convert_to_tensor([1.5])
        yield "number", str(np.asarray(number).dtype)
    finally:
        keras.backend.set_floatx(before)
