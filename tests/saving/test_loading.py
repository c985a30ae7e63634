"""What is made while a model is loaded: no weights but those that no file fills."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minikeras
from minikeras import Sequential, layers, optimizers
from minikeras.models import load_model
from minikeras.saving import register_keras_serializable
from tests.saving.networks import X

ROOT = Path(__file__).parent.parent.parent


def network(*hidden):
    return Sequential([layers.Input((4,)), *hidden, layers.Dense(2)])


@pytest.fixture
def draws(monkeypatch):
    """The shapes of what is drawn by GlorotUniform."""
    seen = []
    draw = minikeras.initializers.GlorotUniform.__call__

    def noting(self, shape, dtype=None):
        seen.append(tuple(shape))
        return draw(self, shape, dtype)

    monkeypatch.setattr(minikeras.initializers.GlorotUniform, "__call__", noting)
    return seen


def test_weights_of_a_file_are_not_drawn(tmp_path, draws):
    model = network(layers.Dense(3), layers.Dense(5))
    model.save(tmp_path / "a.keras")
    assert len(draws) == 3
    again = load_model(tmp_path / "a.keras")
    assert len(draws) == 3
    for a, b in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_the_file_does_not_fill_is_drawn_as_ever(tmp_path):
    class Keeper:
        """An object that is no part of the layer: nobody finds its Dense."""

        def __init__(self):
            self.dense = layers.Dense(3)

    @register_keras_serializable("tests")
    class Hiding(layers.Layer):
        def build(self, shape):
            self.keeper = Keeper()
            self.keeper.dense.build(shape)

        def call(self, x):
            return self.keeper.dense(x)

    model = network(Hiding())
    model.save(tmp_path / "a.keras")
    minikeras.utils.set_random_seed(3)
    again = load_model(tmp_path / "a.keras")
    minikeras.utils.set_random_seed(3)
    anew = Sequential.from_config(model.get_config())
    kernels = [m.layers[0].keeper.dense.kernel.numpy() for m in (again, anew)]
    np.testing.assert_array_equal(*kernels)
    assert kernels[0].any()


def test_a_layer_of_the_user_sees_what_was_drawn(tmp_path):
    @register_keras_serializable("tests")
    class Scaled(layers.Layer):
        def build(self, shape):
            self.kernel = self.add_weight(shape=(4, 4))
            self.norms.append(float(np.linalg.norm(self.kernel.numpy())))

        def call(self, x):
            return x @ self.kernel

    Scaled.norms = []
    model = network(Scaled())
    model.save(tmp_path / "a.keras")
    load_model(tmp_path / "a.keras")
    assert len(Scaled.norms) == 2 and all(Scaled.norms)


def test_a_loaded_weight_belongs_to_the_model_alone(tmp_path):
    """What a layer's own `load_own_variables` hands on is copied."""
    held = np.ones((4, 2), "float32")

    @register_keras_serializable("tests")
    class Own(layers.Dense):
        def load_own_variables(self, store):
            super().load_own_variables({"0": held, "1": store["1"]})

    Sequential([layers.Input((4,)), Own(2)]).save(tmp_path / "a.keras")
    model = load_model(tmp_path / "a.keras")
    held[:] = 7
    assert model.get_weights()[0].max() == 1


MEASURED = """
import json, sys
from tests.saving.load_each import peak
from minikeras.models import load_model
load_model(sys.argv[1])
before = peak()
model = load_model(sys.argv[2])
print(json.dumps(peak() - before))
"""


@pytest.mark.parametrize("trained", [False, True])
def test_loading_takes_twice_the_memory_of_the_weights_at_most(tmp_path, trained):
    small, large = network(), network(layers.Dense(2000), layers.Dense(2000))
    for name, model in (("small", small), ("large", large)):
        model.compile(optimizers.Adam(), "mse")
        if trained:
            model.fit(X, X[:, :2], verbose=0)
        model.save(tmp_path / f"{name}.keras")
    values = [*large.variables, *(large.optimizer.variables if trained else [])]
    size = sum(v.value.nbytes for v in values) / 2**20
    command = [
        sys.executable,
        "-c",
        MEASURED,
        *map(str, sorted(tmp_path.iterdir())[::-1]),
    ]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert json.loads(said.stdout) <= 2 * size


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.GRU(4, activation="elu"),
        lambda: layers.LSTM(4, recurrent_activation="relu", return_sequences=True),
        lambda: layers.Bidirectional(layers.SimpleRNN(3, activation="relu")),
        lambda: layers.RNN([layers.GRUCell(3, activation="relu"), layers.LSTMCell(4)]),
    ],
)
def test_cells_that_go_step_by_step(tmp_path, make):
    """Only the recurrent layer is asked how large its results are, not its cell."""
    model = Sequential([layers.Input((6, 4)), make()])
    model.save(tmp_path / "a.keras")
    x = np.ones((2, 6, 4))
    again = load_model(tmp_path / "a.keras")
    np.testing.assert_array_equal(again(x).value, model(x).value)
