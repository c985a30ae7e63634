"""Models of all kinds that are pickled, copied, and asked by several threads."""

import copy
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import minikeras
from minikeras import Model, layers, tree
from tests.saving.halves import ALL

KINDS = """sequential normalised convolution recurrent words functional nested Dropout
several masked Bidirectional RNN Lambda UpSampling2D SeparableConv2D""".split()
OPTIONS = {"batch_size": 4, "epochs": 2, "shuffle": False, "verbose": 0}


class Own(Model):
    """One that is no part of a registry."""

    def __init__(self):
        super().__init__()
        self.hidden, self.ends = layers.Dense(3, "relu"), [layers.Dense(2)]

    def call(self, inputs):
        return self.ends[0](self.hidden(inputs["a"]) + inputs["b"])


def several(keras):
    model = Own()
    model.compile("adam", "mse")
    x = {"a": np.ones((12, 4), "float32"), "b": np.eye(12, 3, dtype="float32")}
    return model, x, np.ones((12, 2), "float32")


MAKE = ALL | {"several": several}
# A lambda can be copied, not pickled: Python knows none by a name.
PICKLED = [name for name in KINDS if name != "Lambda"]


def state(model) -> list:
    """All numbers of a model, its seeds and its optimizer."""
    return [v.numpy() for v in (*model.variables, *model.optimizer.variables)]


def check_copy(name, copied, fitted):
    minikeras.utils.set_random_seed(1)
    model, x, y = MAKE[name](minikeras)
    if fitted:
        model.fit(x, y, **OPTIONS)
    other = copied(model)
    assert type(other) is type(model) and other.name == model.name
    assert other.built == model.built and other.compiled
    before = state(model)
    history = other.fit(x, y, **OPTIONS).history
    for old, new in zip(before, state(model), strict=True):  # it is another one
        np.testing.assert_array_equal(old, new)
    if fitted or model.built:  # else each draws weights of its own
        goes_on = model.fit(x, y, **OPTIONS).history
        assert goes_on.keys() == history.keys()
        for key, values in goes_on.items():
            # The copy's first step is an ordinary one, those of the model are repeated:
            # its loss, not its update, may have one rounding more or less.
            np.testing.assert_allclose(history[key], values, rtol=2.4e-7)
        for a, b in zip(state(model), state(other), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("fitted", [False, True])
@pytest.mark.parametrize("name", KINDS)
def test_a_deep_copy_trains_on_by_itself(name, fitted):
    check_copy(name, copy.deepcopy, fitted)


@pytest.mark.parametrize("fitted", [False, True])
@pytest.mark.parametrize("name", PICKLED)
def test_a_pickled_model_trains_on(name, fitted):
    check_copy(name, lambda model: pickle.loads(pickle.dumps(model)), fitted)


def cut(x, rows):
    return tree.map_structure(lambda part: part[:rows], x)


@pytest.fixture
def eager_threads():
    """Python's threads take turns after each few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


ASKING = {
    "predict": lambda model, x: model.predict(x, batch_size=5, verbose=0),
    "predict_on_batch": lambda model, x: model.predict_on_batch(x),
    "call": lambda model, x: tree.map_structure(lambda y: y.numpy(), model(x)),
}


@pytest.mark.parametrize("way", ASKING)
@pytest.mark.parametrize("name", KINDS)
def test_threads_that_ask_one_model_get_the_numbers_of_one(name, way, eager_threads):
    """Also while its calls are being noted for repetition (program/trace.py)."""
    model, x, y = MAKE[name](minikeras)
    model.fit(x, y, **OPTIONS)
    rows = [1 + 5 * i % 12 for i in range(36)]
    asked = copy.deepcopy(model)  # it has no programs yet
    ask = ASKING[way]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: ask(asked, cut(x, n)), rows))
    for n, outputs in zip(rows, found, strict=True):
        expected = tree.flatten(ask(model, cut(x, n)))
        for a, b in zip(tree.flatten(outputs), expected, strict=True):
            np.testing.assert_array_equal(a, b)
