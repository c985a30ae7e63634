"""Configs in words of older Keras: each means the model that today's words mean."""

import json

import h5py
import numpy as np
import pytest

from minikeras import Sequential, layers
from minikeras.models import load_model
from tests.saving.networks import X


def old_words(entry: dict, place: int, **words) -> dict:
    entry["config"]["layers"][place]["config"].update(words)
    return entry


def without_input(entry: dict) -> dict:
    first, second, *_ = entry["config"]["layers"]
    second["config"]["batch_input_shape"] = first["config"]["batch_shape"]
    second["config"]["dtype"] = "float32"
    entry["config"]["layers"].pop(0)
    return entry


OLD_WORDS = {
    "batch_input_shape": (
        lambda: [layers.Dense(2)],
        lambda e: old_words(e, 0, batch_input_shape=(None, 4), batch_shape=None),
    ),
    "without an Input": (lambda: [layers.Dense(2)], without_input),
    "built later": (
        lambda: [layers.Dense(2)],
        lambda e: e["config"].update(layers=e["config"]["layers"][1:]),
    ),
    "an initializer without a module": (
        lambda: [layers.Dense(2)],
        lambda e: old_words(
            e,
            1,
            kernel_initializer={
                "class_name": "VarianceScaling",
                "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "normal"},
            },
            kernel_regularizer={"class_name": "L1L2", "config": {"l2": 0.5}},
        ),
    ),
    "a Policy": (
        lambda: [layers.Dense(2)],
        lambda e: old_words(
            e, 1, dtype={"class_name": "Policy", "config": {"name": "float32"}}
        ),
    ),
    "a list of one axis": (
        lambda: [layers.BatchNormalization()],
        lambda e: old_words(e, 1, axis=[1]),
    ),
    "groups of one": (
        lambda: [
            layers.Reshape((2, 2, 1)),
            layers.SeparableConv2D(2, 2),
            layers.Flatten(),
        ],
        lambda e: old_words(e, 2, groups=1, kernel_initializer=None),
    ),
    "wrapped": (
        lambda: [
            layers.Reshape((2, 2)),
            layers.Bidirectional(layers.LSTM(2)),
        ],
        lambda e: e["config"]["layers"][2]["config"]["layer"]["config"].update(
            time_major=False, implementation=2
        ),
    ),
    "a length of words": (
        lambda: [layers.Embedding(7, 2), layers.Flatten()],
        lambda e: old_words(e, 1, input_length=4),
    ),
}


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
@pytest.mark.filterwarnings("ignore:No training configuration found")
@pytest.mark.filterwarnings("ignore:Argument `input_length` has no effect")
@pytest.mark.parametrize("case", OLD_WORDS)
def test_they_are_understood(tmp_path, case):
    path = tmp_path / "a.h5"
    parts, change = OLD_WORDS[case]
    model = Sequential([layers.Input((4,)), *parts()])
    model.save(path)
    with h5py.File(path, "a") as file:
        entry = json.loads(file.attrs["model_config"])
        file.attrs["model_config"] = json.dumps(change(entry) or entry)
    x = np.abs(X * 6).astype("int32")
    np.testing.assert_array_equal(load_model(path).predict(x), model.predict(x))
