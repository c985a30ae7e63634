"""One row through a small network: what a script in production asks for.

The weights are made by NumPy and set in all libraries, so that all give the same
output.
"""

import numpy as np

FEATURES = 4
WIDTH = 16
CLASSES = 3


def row():
    """float32 (1, 4)."""
    return np.random.default_rng(1).standard_normal((1, FEATURES), "float32")


def weights() -> list[np.ndarray]:
    """kernel (4, 16), bias (16,), kernel (16, 3), bias (3,); float32."""
    random = np.random.default_rng(0)
    shapes = ((FEATURES, WIDTH), (WIDTH,), (WIDTH, CLASSES), (CLASSES,))
    return [random.standard_normal(shape, "float32") for shape in shapes]


def repeated(call):
    """A task that makes `count` calls; its history is the output's numbers."""

    def task(count):
        for _ in range(count):
            output = call()
        return {"output": np.asarray(output)[0]}

    return task


def model(keras):
    """Dense(16, relu), Dense(3, softmax) with these weights."""
    made = keras.Sequential(
        [
            keras.layers.Dense(WIDTH, activation="relu"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    made.build((None, FEATURES))
    made.set_weights(weights())
    return made


def by_hand():
    """The two layers as a NumPy programmer writes them."""
    x = row()
    kernel_1, bias_1, kernel_2, bias_2 = weights()

    def call():
        hidden = np.maximum(x @ kernel_1 + bias_1, 0)
        z = hidden @ kernel_2 + bias_2
        exp = np.exp(z - z.max(axis=1, keepdims=True))
        return exp / exp.sum(axis=1, keepdims=True)

    return repeated(call)


def with_sklearn():
    """MLPClassifier.predict_proba with these weights."""
    from sklearn.neural_network import MLPClassifier

    x = row()
    classifier = MLPClassifier((WIDTH,))
    classifier.partial_fit(
        np.zeros((CLASSES, FEATURES), "float32"), range(CLASSES), classes=range(CLASSES)
    )
    given = weights()
    classifier.coefs_, classifier.intercepts_ = given[::2], given[1::2]
    return repeated(lambda: classifier.predict_proba(x))
