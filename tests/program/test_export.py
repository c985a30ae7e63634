"""The file that `export_numpy` writes trains as the model does."""

import subprocess
import sys

import numpy as np
import pytest

import minikeras as keras
from minikeras.cli import main

RNG = np.random.default_rng(2)
X = RNG.normal(size=(50, 4))
Y = RNG.integers(0, 3, size=50)


def trained(*layers, optimizer="adam"):
    keras.utils.set_random_seed(1)
    last = keras.layers.Dense(3, "softmax", kernel_regularizer="l2")
    model = keras.Sequential([*layers, last])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=3, verbose=0)
    return model


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_the_file_prints_the_losses_of_fit(tmp_path, optimizer):
    model = trained(keras.layers.Dense(8, "relu"), optimizer=optimizer)
    model.export_numpy(tmp_path / "step.py")
    order = RNG.permutation(50)
    np.savez(tmp_path / "data.npz", x=X, y=Y, epochs=4, orders=[order] * 4)
    # alone: without this package
    command = [sys.executable, "-I", "step.py", "data.npz"]
    found = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    logs = model.fit(X[order], Y[order], epochs=4, shuffle=False, verbose=0).history
    losses = [line.split("loss ")[1] for line in found.stdout.splitlines()]
    assert [float(np.float32(x)) for x in losses] == logs["loss"]
    assert "minikeras" not in (tmp_path / "step.py").read_text().split('"""')[2]


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (keras.layers.Dropout(0.5), "random numbers"),
        (keras.layers.Dense(200), "too many"),
    ],
)
def test_what_cannot_be_exported_says_why(tmp_path, layer, reason):
    model = trained(layer, keras.layers.Dense(200))
    with pytest.raises(ValueError, match=reason):
        model.export_numpy(tmp_path / "step.py")
    assert not (tmp_path / "step.py").exists()


def test_a_model_that_was_not_trained_says_so(tmp_path):
    with pytest.raises(ValueError, match="come a second time"):
        keras.Sequential([keras.layers.Dense(1)]).export_numpy(tmp_path / "step.py")


SCRIPT = """
import numpy as np
import tensorflow as tf
tf.keras.utils.set_random_seed(4)
rng = np.random.default_rng(0)
x, y = rng.normal(size=(70, 4)), rng.integers(0, 3, 70)
model = tf.keras.Sequential([tf.keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=5, validation_split=0.1, verbose=0)
print(*(f"epoch {i + 1}: loss {np.float32(v)}"
        for i, v in enumerate(history.history["loss"])), sep="\\n")
model.fit(x, y, verbose=0)
"""


def test_the_command_writes_the_training_of_a_script(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(SCRIPT)
    assert main(["export", "-o", "iris.py", "script.py"]) == 0
    *losses, hint = capsys.readouterr().out.splitlines()
    assert hint.startswith("python iris.py iris.npz")
    command = [sys.executable, "-I", "iris.py", "iris.npz"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == losses


def test_a_script_without_training_is_told_so(tmp_path, capsys):
    (tmp_path / "script.py").write_text("print(1)")
    assert main(["export", str(tmp_path / "script.py")]) == 1
    assert "trains no model" in capsys.readouterr().err
