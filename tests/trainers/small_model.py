"""A small classifier and its data, for tests of what goes wrong."""

import numpy as np
import pytest

import minikeras as keras


def make_data(rows=20, features=4, classes=3):
    rng = np.random.default_rng(0)
    return rng.normal(size=(rows, features)), rng.integers(0, classes, size=rows)


def make_model(loss="sparse_categorical_crossentropy", units=3, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(units, activation="softmax")]
    )
    model.compile(optimizer="sgd", loss=loss, metrics=["accuracy"], **options)
    return model


def refuses(action, exception, *words):
    with pytest.raises(exception) as info:
        action()
    for word in words:
        assert word in str(info.value), str(info.value)


X, Y = make_data()
