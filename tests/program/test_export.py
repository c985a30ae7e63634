"""The file that `export_numpy` writes trains as the model does."""

import subprocess
import sys

import numpy as np
import pytest

import minikeras as keras

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
    np.savez(tmp_path / "data.npz", x=X, y=Y, order=order)
    # alone: without this package
    command = [sys.executable, "-I", "step.py", "data.npz", "4"]
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
