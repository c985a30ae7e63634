"""What is noted is what a step computes, and as tf.keras's graph computes it."""

from pathlib import Path

import pytest

from parity.script.compare import compare
from parity.script.processes import Options, record
from parity.script.recording import Event, read

UNBUILT = """
import keras
import numpy as np

model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dropout(0.5)])
model.compile("sgd", "mse")
model.fit(np.ones((10, 4)), np.ones((10, 3)), batch_size=5, verbose=0)
"""
TWO_OUTPUTS = """
import keras
import numpy as np


class Two(keras.Model):
    def __init__(self):
        super().__init__()
        self.one, self.other = keras.layers.Dense(1), keras.layers.Dense(2)

    def call(self, x):
        return [self.one(x), self.other(x)]


x = np.random.RandomState(0).normal(size=(10, 4))
model = Two()
model.compile("sgd", ["mse", "mae"])
model.fit(x, [x[:, :1], x[:, 2:]], batch_size=4, epochs=2, verbose=0)
"""


def events(path: Path) -> list[Event]:
    return [entry for entry in read(path) if isinstance(entry, Event)]


def recorded(library: str, text: str, folder: Path) -> Path:
    script = folder / "script.py"
    script.write_text(text)
    out = folder / f"{library}.events"
    record(library, out, Options(str(script), []))
    return out


def test_calls_on_zeros_are_no_activations(tmp_path):
    out = recorded("minikeras", UNBUILT, tmp_path)
    steps = [event for event in events(out) if event.place.moment == "step"]
    found = {
        name: value.shape
        for event in steps
        for (kind, name), value in event.tensors.items()
        if kind == "activation"
    }
    assert found == {"dense": (5, 3), "dropout": (5, 3), "sequential": (5, 3)}


@pytest.mark.slow
def test_batches_of_several_outputs_count_alike_in_noted_steps(tmp_path):
    keras = recorded("keras", TWO_OUTPUTS, tmp_path)
    minikeras = recorded("minikeras", TWO_OUTPUTS, tmp_path)
    found = compare(keras, minikeras, None)
    assert found.part is None
    assert found.steps == 6
