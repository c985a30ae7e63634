"""Steps of all kinds: what `fit` can meet.

A row makes a model, says what it is compiled with, and which data are not the usual.
"""

import numpy as np

import minikeras as keras

L, OPTIMIZERS = keras.layers, keras.optimizers
S = OPTIMIZERS.schedules
RNG = np.random.default_rng(0)
X = RNG.normal(size=(56, 6)).astype("float32")
Y = RNG.integers(0, 4, size=56)
ONE_HOT = np.eye(4, dtype="float32")[Y]
REAL = RNG.normal(size=(56, 4)).astype("float32")
STEPS = X.reshape(56, 3, 2)
IMAGES = RNG.normal(size=(56, 64)).astype("float32")
WORDS = RNG.integers(0, 10, size=(56, 5))
CLASSES = {
    "optimizer": "adam",
    "loss": "sparse_categorical_crossentropy",
    "metrics": ["accuracy"],
}


def chain(*layers):
    return keras.Sequential(list(layers))


def dense(**options):
    return chain(L.Dense(8, "relu", **options), L.Dense(4, "softmax"))


def scores(activation="softmax"):
    return chain(L.Dense(8, "tanh"), L.Dense(4, activation))


def sequence(*layers):
    first = keras.Input((3, 2))
    return chain(first, *layers, L.Flatten(), L.Dense(4, "softmax"))


def image(*layers):
    return chain(L.Reshape((8, 8, 1)), *layers, L.Flatten(), L.Dense(4, "softmax"))


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = L.Dense(8, "relu")
        self.drop = L.Dropout(0.5)
        self.scores = L.Dense(4, "softmax")

    def call(self, x, training=None):
        y = self.drop(self.hidden(x), training=training)
        if x.shape[-1] > 3:  # what a shape says is no secret
            y = y * 2.0
        return self.scores(y)


def two_ways(outputs):
    a, b = keras.Input((6,), name="a"), keras.Input((6,), name="b")
    both = L.Concatenate()([L.Dense(5, "relu")(a), L.Dense(5, "tanh")(b)])
    found = [L.Dense(4, "softmax", name="p")(both), L.Dense(4, name="q")(both)]
    return keras.Model({"a": a, "b": b}, found[:outputs] if outputs > 1 else found[0])


def _optimizers() -> dict:
    rows = {
        name: lambda cls=cls: cls(0.01)
        for name, cls in OPTIMIZERS.FAMILY.exports.items()
        if isinstance(cls, type) and cls is not OPTIMIZERS.Optimizer
    }
    rows |= {
        "momentum": lambda: OPTIMIZERS.SGD(0.1, 0.9),
        "nesterov": lambda: OPTIMIZERS.SGD(0.1, 0.9, True),
        "norms": lambda: OPTIMIZERS.Adam(clipnorm=0.1),
        "joint norm": lambda: OPTIMIZERS.Adam(global_clipnorm=0.1),
        "limits": lambda: OPTIMIZERS.Adam(clipvalue=0.01),
        "averages": lambda: OPTIMIZERS.Adam(use_ema=True, ema_overwrite_frequency=3),
        "decay": lambda: OPTIMIZERS.Adam(weight_decay=0.01),
        "amsgrad": lambda: OPTIMIZERS.Adam(amsgrad=True),
        "centered": lambda: OPTIMIZERS.RMSprop(centered=True, momentum=0.5),
        "scale": lambda: OPTIMIZERS.Adam(loss_scale_factor=8.0),
        "exponential": lambda: OPTIMIZERS.Adam(S.ExponentialDecay(0.1, 3, 0.9)),
        "pieces": lambda: OPTIMIZERS.Adam(
            S.PiecewiseConstantDecay([3, 6], [0.1, 0.01, 0.1])
        ),
        "cosine": lambda: OPTIMIZERS.Adam(S.CosineDecay(0.1, 9, warmup_target=0.2)),
        "restarts": lambda: OPTIMIZERS.Adam(S.CosineDecayRestarts(0.1, 3)),
    }
    return {
        f"optimizer {name}": (dense, lambda make=make: CLASSES | {"optimizer": make()})
        for name, make in rows.items()
    }


def _targets(name: str):
    of_labels = name.startswith("Sparse") or name in (
        "Circle",
        "CategoricalGeneralizedCrossEntropy",
    )
    return Y if of_labels else ONE_HOT


def _losses() -> dict:
    rows = {}
    for name, cls in keras.losses.FAMILY.exports.items():
        if isinstance(cls, type) and name not in ("Loss", "LossFunctionWrapper"):
            options = lambda cls=cls: {"optimizer": "sgd", "loss": cls()}  # noqa: E731
            data = {"y": _targets(name)}
            rows[f"loss {name}"] = (scores, options, data)
            weighted = data | {"sample_weight": np.linspace(0, 1, 56)}
            rows[f"weighted {name}"] = (scores, options, weighted)
    return rows


# They look for values in each batch, so that the step runs as written.
LOOKING = ("AUC", "BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU")


def _metrics() -> dict:
    rows = {}
    for name, cls in keras.metrics.FAMILY.exports.items():
        is_class = isinstance(cls, type) and issubclass(cls, keras.metrics.Metric)
        if not is_class or name in ("Metric", "Mean", "Sum", "MeanMetricWrapper"):
            continue
        if name in LOOKING or name.endswith(
            ("AtRecall", "AtPrecision", "Specificity", "Sensitivity")
        ):
            continue

        is_sparse = name.startswith("Sparse")

        def options(cls=cls, sparse=is_sparse):
            loss = "sparse_categorical_crossentropy" if sparse else "mse"
            return {"optimizer": "sgd", "loss": loss, "metrics": [cls()]}

        rows[f"metric {name}"] = (scores, options, {"y": _targets(name)})
    return rows


LAYERS = {
    "subclass": Subclass,
    "batch normalization": lambda: chain(
        L.Dense(8), L.BatchNormalization(), L.ReLU(), L.Dense(4, "softmax")
    ),
    "renormalization": lambda: chain(
        L.Dense(8),
        L.BatchNormalization(renorm=True, renorm_clipping={"rmax": 2.0}),
        L.Dense(4, "softmax"),
    ),
    "noise": lambda: chain(
        L.GaussianNoise(0.5), L.GaussianDropout(0.5), L.AlphaDropout(0.5), dense()
    ),
    "penalties": lambda: dense(kernel_regularizer="l1", bias_regularizer="l2"),
    "cosines": lambda: dense(
        kernel_regularizer=keras.regularizers.OrthogonalRegularizer()
    ),
    "activity": lambda: dense(activity_regularizer="l2"),
    "limits": lambda: dense(kernel_constraint="max_norm", bias_constraint="non_neg"),
    "lengths": lambda: dense(kernel_constraint=keras.constraints.MinMaxNorm()),
    "norms": lambda: chain(
        L.Dense(8),
        L.LayerNormalization(),
        L.GroupNormalization(2),
        L.RMSNormalization(),
        L.UnitNormalization(),
        L.PReLU(),
        L.Dense(4, "softmax"),
    ),
    "functions": lambda: chain(
        *(L.Dense(8, name) for name in ("gelu", "elu", "selu", "silu", "mish", "celu")),
        *(L.Dense(8, name) for name in ("softplus", "softsign", "hard_sigmoid")),
        L.Dense(4, "softmax"),
    ),
    "lambda": lambda: chain(L.Lambda(lambda x: keras.ops.tanh(x) * 2), dense()),
    "two shapes": lambda: chain(chain(L.Dense(5, "tanh")), L.Dense(4, "softmax")),
}
RECURRENT = {
    "lstm": lambda: sequence(L.LSTM(3, return_sequences=True)),
    "gru": lambda: sequence(L.GRU(3, return_sequences=True), L.SimpleRNN(2)),
    "both ways": lambda: sequence(L.Bidirectional(L.LSTM(3))),
    "recurrent dropout": lambda: sequence(
        L.LSTM(3, dropout=0.3, recurrent_dropout=0.2, return_sequences=True)
    ),
    "cells": lambda: sequence(L.RNN([L.GRUCell(2), L.LSTMCell(3, dropout=0.1)])),
    "mask": lambda: sequence(L.Masking(), L.LSTM(3)),
    "distributed": lambda: sequence(L.TimeDistributed(L.Dense(3))),
    "lines": lambda: sequence(L.Conv1D(3, 2)),
}
PICTURES = {
    "convolution": lambda: image(L.Conv2D(3, 3, activation="relu"), L.MaxPooling2D(2)),
    "normalized": lambda: image(
        L.Conv2D(3, 3), L.BatchNormalization(), L.ReLU(), L.Dropout(0.2)
    ),
    "means": lambda: image(L.Conv2D(3, 3, padding="same"), L.AveragePooling2D(2)),
    "channels": lambda: image(L.DepthwiseConv2D(3), L.SeparableConv2D(3, 3)),
    "transposed": lambda: image(L.Conv2DTranspose(3, 3)),
    "moved": lambda: image(
        L.UpSampling2D(2), L.ZeroPadding2D(1), L.Cropping2D(2), L.Permute((2, 1, 3))
    ),
}


def _of(rows: dict, **data) -> dict:
    return {name: (make, lambda: CLASSES, data) for name, make in rows.items()}


ROWS = {
    **_optimizers(),
    **_losses(),
    **_metrics(),
    **_of(LAYERS),
    **_of(RECURRENT, x=STEPS),
    **_of(PICTURES, x=IMAGES),
    "words": (
        lambda: chain(L.Embedding(10, 4), L.Flatten(), L.Dense(4, "softmax")),
        lambda: CLASSES,
        {"x": WORDS},
    ),
    "masked words": (
        lambda: chain(L.Embedding(10, 4, mask_zero=True), L.LSTM(3), dense()),
        lambda: CLASSES | {"optimizer": "sgd"},
        {"x": WORDS},
    ),
    "states": (
        lambda: chain(
            keras.Input(batch_shape=(16, 3, 2)),
            L.SimpleRNN(3, stateful=True),
            L.Dense(4, "softmax"),
        ),
        lambda: CLASSES,
        {"x": STEPS[:48], "y": Y[:48]},
    ),
    "sample weights": (
        dense,
        lambda: CLASSES | {"weighted_metrics": ["accuracy"]},
        {"sample_weight": np.linspace(0, 1, 56)},
    ),
    "class weights": (dense, lambda: CLASSES, {"class_weight": {0: 2.0, 1: 0.5}}),
    "a loss of the user's": (
        dense,
        lambda: CLASSES | {"loss": lambda y, p: keras.ops.mean(p * p, axis=-1)},
    ),
    "an ignored class": (
        dense,
        lambda: (
            CLASSES
            | {"loss": keras.losses.SparseCategoricalCrossentropy(ignore_class=1)}
        ),
    ),
    "columns of labels": (dense, lambda: CLASSES, {"y": Y[:, None]}),
    "labels in floats": (dense, lambda: CLASSES, {"y": Y.astype("float32")}),
    "two inputs": (
        lambda: two_ways(1),
        lambda: CLASSES,
        {"x": {"a": X, "b": X[::-1].copy()}},
    ),
    "two outputs": (
        lambda: two_ways(2),
        lambda: {
            "optimizer": "adam",
            "loss": ["sparse_categorical_crossentropy", "mse"],
            "metrics": [["accuracy"], ["mae"]],
            "loss_weights": [1.0, 0.5],
        },
        {"x": {"a": X, "b": X[::-1].copy()}, "y": [Y, REAL]},
    ),
}
