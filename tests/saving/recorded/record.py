"""Makes the recorded files of test_recorded.py in the Keras that is installed.

    python tests/saving/recorded/record.py tests/saving/recorded/keras-2.15.zip

Run it in a throw-away virtual environment of Python 3.11 for each of them:
`pip install tensorflow-cpu==2.15.1` (it has Keras 2.15.0), `keras==3.10.0
tensorflow-cpu==2.19.1`, and `keras==3.15.1 tensorflow-cpu==2.21.0`. For each model the
archive has a `.h5`, a `.keras` and a `.weights.h5` file of it half-way through its
training, and in <model>.npz its inputs and targets, what it predicted at that moment
and after one more step, and the loss of that step.
"""

import os
import sys
import tempfile
import zipfile

import keras
import numpy as np

layers = keras.layers
IS_OLD = keras.__version__.startswith("2.")


def numbers(*shape):
    return (
        np.sin(np.arange(np.prod(shape)) * 1.7 + 0.3).reshape(shape).astype("float32")
    )


def chain():
    """Initializers, regularizers, constraints and a name of a loss by its initials."""
    model = keras.Sequential(name="chain")
    model.add(layers.Input((4,)))
    model.add(
        layers.Dense(
            5,
            activation="relu",
            kernel_initializer=keras.initializers.VarianceScaling(2.0, "fan_out"),
            kernel_regularizer=keras.regularizers.l2(0.01),
            kernel_constraint=keras.constraints.MaxNorm(3.0),
        )
    )
    model.add(layers.BatchNormalization())
    model.add(layers.Dropout(0.0))
    model.add(layers.LeakyReLU())
    model.add(layers.Dense(2, kernel_initializer="orthogonal", bias_regularizer="l1"))
    model.compile(keras.optimizers.Adam(0.05), "mse", metrics=["mae"])
    return model, numbers(6, 4), numbers(6, 2)


def graph():
    """Two inputs, a shared layer, a nested chain, two outputs, a schedule."""
    a, b = layers.Input((4,), name="a"), layers.Input((4,), name="b")
    shared = layers.Dense(3, activation="tanh", name="shared")
    inner = keras.Sequential(
        [layers.Input((3,)), layers.Dense(3), layers.BatchNormalization()], name="inner"
    )
    joined = layers.Concatenate()([shared(a), inner(shared(b))])
    joined = layers.Add()([joined, layers.Activation("sigmoid")(joined)])
    first = layers.Dense(2, name="first")(joined)
    second = layers.Dense(1, name="second", activation="sigmoid")(joined)
    model = keras.Model([a, b], [first, second], name="graph")
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)
    model.compile(
        keras.optimizers.SGD(rate, momentum=0.9),
        loss={"first": "mean_squared_error", "second": "binary_crossentropy"},
        loss_weights={"first": 1.0, "second": 0.5},
        metrics={"first": [keras.metrics.MeanSquaredError(name="square")]},
    )
    x = [numbers(6, 4), numbers(6, 4)[::-1].copy()]
    return model, x, [numbers(6, 2), (numbers(6, 1) > 0).astype("float32")]


def words():
    """Masks and recurrent layers."""
    model = keras.Sequential(
        [
            layers.Input((5,)),
            layers.Embedding(30, 3, mask_zero=True),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
            layers.TimeDistributed(layers.Dense(3)),
            layers.GRU(3),
            layers.Dense(3, activation="softmax"),
        ],
        name="words",
    )
    model.compile(
        "rmsprop",
        keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    # No word is there twice, but for 0, which is no word: RMSprop of Keras 2 took the
    # gradients of one row one by one.
    x = np.arange(30).reshape(6, 5)
    x[1:3, 3:] = 0
    return model, x.astype("float32"), np.arange(6) % 3


def images():
    model = keras.Sequential(
        [
            layers.Input((6, 6, 2)),
            layers.Conv2D(3, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.DepthwiseConv2D(2, padding="same"),
            layers.SeparableConv2D(2, 2),
            layers.Conv2DTranspose(2, 2),
            layers.GlobalAveragePooling2D(),
        ],
        name="images",
    )
    model.compile(
        keras.optimizers.AdamW(0.01), keras.losses.Huber(), weighted_metrics=["mse"]
    )
    return model, numbers(6, 6, 6, 2), numbers(6, 2)


def decaying():
    """An optimizer of before Keras 2.11, whose rate decays by itself."""
    model = keras.Sequential([layers.Input((4,)), layers.Dense(2)], name="decaying")
    rate = keras.optimizers.legacy.Adam(0.05, decay=0.1)
    model.compile(rate, "mean_squared_error")
    return model, numbers(6, 4), numbers(6, 2)


def arithmetic():
    """An operator between layers."""
    x = layers.Input((4,))
    model = keras.Model(x, layers.Dense(2)(layers.Dense(3)(x) * 2.0), name="arithmetic")
    model.compile("sgd", "mean_squared_error")
    return model, numbers(6, 4), numbers(6, 2)


def doubled(x):
    return x * 2.0


def function():
    """A function as a layer."""
    model = keras.Sequential(
        [layers.Input((4,)), layers.Lambda(doubled), layers.Dense(2)], name="function"
    )
    return model, numbers(6, 4), None


def anonymous():
    """Code as a layer: refused."""
    model = keras.Sequential(
        [layers.Input((4,)), layers.Lambda(lambda x: x * 2.0)], name="anonymous"
    )
    return model, numbers(6, 4), None


def optimized(name: str, **options):
    """A small model with one of the optimizers."""

    def build():
        model = keras.Sequential([layers.Input((4,)), layers.Dense(2)], name="small")
        rate = getattr(keras.optimizers, name)(learning_rate=0.05, **options)
        model.compile(rate, "mean_squared_error")
        return model, numbers(6, 4), numbers(6, 2)

    build.__name__ = name
    return build


ALL_FILES = ("keras", "weights.h5", "h5")  # saving an `.h5` forgets the optimizer
MODELS = {
    build: ALL_FILES
    for build in (chain, graph, words, images, arithmetic, function, anonymous)
}
if IS_OLD:
    MODELS[chain] += ("old-weights.h5",)  # weights alone, as Keras 2 kept them
    MODELS[decaying] = ALL_FILES
    MODELS |= {
        optimized(name, **options): ("h5",)
        for name, options in {
            "Adadelta": {},
            "Adagrad": {},
            "Adam": {"amsgrad": True},
            "Adamax": {},
            "Ftrl": {},
            "Lion": {},
            "Nadam": {},
            "RMSprop": {"momentum": 0.5, "centered": True},
            "SGD": {"momentum": 0.9, "nesterov": True},
        }.items()
    }


def as_list(x) -> list:
    return [np.asarray(part) for part in (x if isinstance(x, (list, tuple)) else [x])]


def record(build, endings, folder: str) -> None:
    name = build.__name__
    keras.utils.set_random_seed(5)
    model, x, y = build()
    found = {f"x{i}": part for i, part in enumerate(as_list(x))}
    options = {"batch_size": 6, "shuffle": False, "verbose": 0}
    if y is not None:
        model.fit(x, y, epochs=2, **options)
    for ending in endings:
        path = f"{folder}/{name}.{ending}"
        if ending.endswith("weights.h5"):
            model.save_weights(path)
        else:
            model.save(path)
    for i, part in enumerate(as_list(model.predict(x, verbose=0))):
        found[f"before{i}"] = part
    if y is not None:
        found |= {f"y{i}": part for i, part in enumerate(as_list(y))}
        found["loss"] = np.float32(model.fit(x, y, **options).history["loss"][0])
        for i, part in enumerate(as_list(model.predict(x, verbose=0))):
            found[f"after{i}"] = part
    np.savez(f"{folder}/{name}.npz", **found)


def main(target: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for build, endings in MODELS.items():
            record(build, endings, folder)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
            for name in sorted(os.listdir(folder)):
                out.write(f"{folder}/{name}", name)


if __name__ == "__main__":
    main(sys.argv[1])
