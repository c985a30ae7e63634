"""What is done otherwise for large arrays and batches: by blocks, shards, on threads.

minikeras takes two threads here, whatever cores there are. Large results are kept as a
hash or as some of their entries, so each is chosen such that a fault anywhere is seen
in all of them, or in a sum.
"""

import numpy as np

from parity.case import EXACT, Tolerance, case, ulp

THREADS = 2
RNG = np.random.default_rng
# A float32 rounding is 6e-8 of a number; n terms summed in another order differ by
# about sqrt(n) of them.
SUMS = Tolerance("5000 terms near 1, sums near 70: 70 roundings", absolute=3e-4)
MOMENTS = Tolerance("2500 rows: 50 roundings, times numbers up to 16", absolute=5e-5)


def floats(*shape, seed=0):
    return RNG(seed).normal(size=shape).astype("float32")


@case()
def relu(library):
    """More than 65,536 entries, each twentieth of them 0 or -0."""
    x, weight = floats(40, 2000), floats(40, 2000, seed=1)
    x[:, ::20], x[:, 10::40] = 0.0, -0.0
    relu = library.keras.ops.relu
    y, (dx, _) = library.value_and_gradients(lambda x, w: relu(x) * w, x, weight)
    yield "value", y
    yield "gradient", dx


@case(SUMS)
def dense(library):
    """More than 4096 rows: their sum is the gradient of the bias."""
    with library.threads(THREADS):
        layer = library.keras.layers.Dense(3)
        x, weight = floats(5001, 4), floats(5001, 3, seed=1)
        with library.tape() as tape:
            y = layer(library.tensor(x)) * library.tensor(weight)
        gradients = tape.gradient(y, layer.trainable_variables)
    for variable, gradient in zip(layer.variables, gradients, strict=True):
        yield f"gradient/{variable.name}", gradient


@case(ulp(8, "81 products near 1, summed in another order", absolute=5e-6))
def convolution(library):
    """So many channels that the patches of an image are copied in another way."""
    x = floats(2, 7, 7, 9)
    for strides, dilation in ((1, 2), (2, 1)):
        layer = library.keras.layers.Conv2D(
            4, 3, strides, padding="same", dilation_rate=dilation
        )
        layer.build(x.shape)
        y, gradients = library.value_and_gradients(layer, x)
        yield f"value/{strides}, {dilation}", y
        yield f"gradient/{strides}, {dilation}", gradients


@case(MOMENTS)
def batch_normalization(library):
    """Several blocks of 1024 rows and a rest."""
    layer = library.keras.layers.BatchNormalization(momentum=0.5)
    x, weight = floats(2500, 6) + 1, floats(2500, 6, seed=1)
    layer.build((None, 6))

    def call(x, w):
        return layer(x, training=True) * w

    y, (dx, _) = library.value_and_gradients(call, x, weight)
    yield "value", y
    yield "gradient", dx
    for variable in layer.non_trainable_variables:
        yield f"moved/{variable.name}", variable


@case()
def updates(library):
    """More than 100,000 weights: their updates are shared by the threads."""
    keras = library.keras
    shapes = (300, 200), (250, 200), (200,)
    for optimizer in (
        keras.optimizers.SGD(0.1, momentum=0.9),
        keras.optimizers.RMSprop(0.1, momentum=0.5, centered=True),
        keras.optimizers.Adam(0.1, amsgrad=True, weight_decay=0.1),
    ):
        variables = [
            keras.Variable(floats(*shape), name=f"v{i}")
            for i, shape in enumerate(shapes)
        ]
        with library.threads(THREADS):
            for step in range(2):
                gradients = [floats(*shape, seed=1 + step) for shape in shapes]
                optimizer.apply(list(map(library.tensor, gradients)), variables)
        yield f"weights/{optimizer.name}", list(variables)


@case(
    EXACT,
    {
        "log": ulp(16, "means of 500 losses: sqrt(500) roundings"),
        "weight": Tolerance("gradients of 500 rows, 2 steps of rate 0.5", 0, 2e-6),
    },
)
def shards(library):
    """Batches of 500 rows in four shards, the rest of 101 in others: penalties
    and dropout have to come out as for the whole batch."""
    keras = library.keras
    keras.utils.set_random_seed(5)
    x, y = floats(601, 16), RNG(1).integers(0, 3, size=601)
    model = keras.Sequential(
        [
            keras.Input((16,)),
            keras.layers.Dense(1600, "relu", kernel_regularizer="l2"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    model.compile(
        keras.optimizers.SGD(0.5),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    with library.threads(THREADS):
        history = model.fit(x, y, batch_size=500, epochs=2, verbose=0)
    for name, values in history.history.items():
        yield f"log/{name}", np.array(values, "float32")
    for variable in model.weights:
        yield f"weight/{variable.path}", variable


@case(
    Tolerance(
        "gradients of 64 sequences of 40 steps, scaled to 1: 50 roundings, and those "
        "of orthogonal first weights",
        absolute=1e-5,
    )
)
def branches(library):
    """Both directions of a Bidirectional layer at the same time, in blocks of steps."""
    keras = library.keras
    x, y = floats(64, 40, 8), floats(64, 1, seed=1)
    for recurrent in (keras.layers.LSTM, keras.layers.GRU):
        keras.utils.set_random_seed(5)
        model = keras.Sequential(
            [
                keras.Input((40, 8)),
                keras.layers.Bidirectional(recurrent(40)),
                keras.layers.Dense(1),
            ]
        )
        model.compile(keras.optimizers.SGD(1.0), "mse")
        before = model.get_weights()
        with library.threads(THREADS):
            # minikeras runs the step in parts from the fourth time on.
            model.fit(x, y, batch_size=64, epochs=3, verbose=0)
            model.set_weights(before)
            model.fit(x, y, batch_size=64, verbose=0)
        for variable, first in zip(model.weights, before, strict=True):
            change = library.to_numpy(variable) - first
            yield f"{recurrent.__name__}/{variable.path}", change


@case(Tolerance("30 updates of weights near 0, each rounded", absolute=2e-6))
def blocks_of_data(library):
    """10 MB of rows, which are gathered in two blocks, in the order of the seed."""
    keras = library.keras
    keras.utils.set_random_seed(5)
    x, y = floats(3000, 800), floats(3000, 1, seed=1)
    model = keras.Sequential([keras.Input((800,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1e-3), "mse")
    model.fit(x, y, batch_size=100, verbose=0)
    yield "weights", model.get_weights()
