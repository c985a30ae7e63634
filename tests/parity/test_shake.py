"""Runs that start one rounding off: what they move, and what that explains."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from parity.script.compare import Part
from parity.script.processes import Options, record
from parity.script.recording import Event, Place, read
from parity.script.shake import explains

PLACE = Place(1, "fit", "step", 1, 1)
SCRIPT = """
import keras
import numpy as np

x = np.random.RandomState(0).normal(size=(8, 4)).astype("float32")
model = keras.Sequential([keras.layers.Dense(3, "relu"), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(x, np.zeros((8, 1)), batch_size=8, verbose=0)
"""


def step(path: Path) -> dict:
    return next(
        entry.tensors
        for entry in read(path)
        if isinstance(entry, Event) and entry.place.moment == "step"
    )


def test_everything_moves_by_roundings_and_no_more(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    paths = [tmp_path / f"{seed}.events" for seed in (None, 1, 2)]
    for seed, path in zip((None, 1, 2), paths, strict=True):
        record("minikeras", path, Options(str(script), [], shake=seed))
    still, first, second = map(step, paths)
    for key, value in still.items():
        if key == ("batch", "y"):
            assert np.array_equal(value, first[key])
            continue
        for other in (first[key], second[key]):
            np.testing.assert_allclose(other, value, rtol=2e-5, atol=2e-6)
    for key in (("batch", "x"), ("activation", "dense"), ("gradient", "dense/kernel")):
        name = next(k for k in still if k[0] == key[0] and k[1].endswith(key[1]))
        assert not np.array_equal(still[name], first[name])
        assert not np.array_equal(first[name], second[name])


@pytest.mark.parametrize(("move", "explained"), [(1e-4, True), (1e-6, False)])
def test_a_gap_is_explained_by_moves_of_its_size(tmp_path, move, explained):
    def write(name: str, value: float) -> Path:
        event = Event(PLACE)
        event.add("gradient", "w", np.float32([1.0, value]))
        path = tmp_path / name
        path.write_bytes(pickle.dumps(event))
        return path

    keras, minikeras = write("keras", 2.0), write("minikeras", 2.0 + 5e-4)
    shaken = [write("shaken", 2.0 + 5e-4 + move)]
    part = Part(PLACE, "gradient", "w", 5e-4, 1e-6, "real difference")
    assert explains(part, keras, minikeras, shaken) == explained
    assert not explains(part, keras, minikeras, [])
    part.note = "another shape"
    assert not explains(part, keras, minikeras, shaken)
