"""Runs that start one rounding off: what they move, and what that explains."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from parity.script import printed
from parity.script.compare import compare
from parity.script.processes import Options, record
from parity.script.recording import Event, Place, read
from parity.script.spread import Spread

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
            np.testing.assert_allclose(other, value, rtol=2e-4, atol=2e-5)
    for key in (("batch", "x"), ("activation", "dense"), ("gradient", "dense/kernel")):
        name = next(k for k in still if k[0] == key[0] and k[1].endswith(key[1]))
        assert not np.array_equal(still[name], first[name])
        assert not np.array_equal(first[name], second[name])


def test_a_pair_moves_each_number_up_and_down(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    paths = [tmp_path / f"{seed}.events" for seed in (None, 0, 1)]
    for seed, path in zip((None, 0, 1), paths, strict=True):
        record("minikeras", path, Options(str(script), [], shake=seed))
    still, down, up = (step(path)["batch", "x"].astype("float64") for path in paths)
    np.testing.assert_allclose(up - still, still - down, rtol=0.01, atol=1e-12)
    assert (np.abs(up - still) >= 7 * np.spacing(np.abs(still).astype("float32"))).all()


class Made:
    """Recordings of a loss that is 2.0 in minikeras and in float64."""

    def __init__(self, folder: Path):
        self._folder, self.asked = folder, []

    def write(self, name: str, loss: float, dtype="float32", moments=1) -> Path:
        path = self._folder / name
        with path.open("wb") as file:
            for number in range(1, moments + 1):
                event = Event(Place(1, "fit", "step", 1, number))
                event.add("gradient", "w", np.array([1.0, loss], dtype))
                pickle.dump(event, file)
        return path

    def compared(self, keras: float, shaken=(), **settings):
        """The comparison where rounding moves the loss to `shaken`."""
        keras_side = self.write("keras", keras, **settings)
        ours = self.write("minikeras", 2.0, **settings)
        judge = self.write("judge", 2.0, "float64", **settings)

        def shake(wide: bool) -> list[Path]:
            self.asked.append(wide)
            losses = enumerate(shaken)
            return [self.write(f"s{i}", x, "float64", **settings) for i, x in losses]

        return compare(keras_side, ours, judge, shake)


@pytest.fixture
def made(tmp_path) -> Made:
    return Made(tmp_path)


@pytest.mark.parametrize(
    ("shaken", "agrees"),
    [([2.0, 2.0005], True), ([2.0, 2.00001], False), ([2.0, 2.0], False), ([], False)],
)
def test_what_rounding_alone_moves_as_far_is_rounding(made, shaken, agrees):
    found = made.compared(2.0005, shaken)
    assert (found.part is None) == agrees
    assert made.asked == [True]


def test_shaken_runs_are_asked_for_only_where_two_part(made):
    assert made.compared(2.0).part is None
    assert made.compared(np.nextafter(np.float32(2), np.float32(3))).part is None
    assert made.asked == []


def test_what_moves_by_its_own_size_is_left_out(made):
    found = made.compared(2.5, [2.0, 1.0])
    assert found.part is None
    assert list(found.left_out) == [("gradient", "w")]


def test_a_jump_counts_at_later_places_too(made):
    """A ReLU that jumps in one step of a shaken run may jump in tf.keras's next."""
    spread = Spread(lambda wide: [made.write("late", 2.0, "float64", 2)])
    y, exact, all_of_it = np.float32([1, 2]), np.array([1.0, 2.001]), np.ones(2, bool)
    first, second = (Place(1, "fit", "step", 1, number) for number in (1, 2))
    key = "gradient", "w"
    jumped = spread.allowed(first, key, y, exact, all_of_it)
    assert jumped == pytest.approx(4e-3)
    assert spread.allowed(second, key, y, y.astype("float64"), all_of_it) == (
        pytest.approx(jumped, rel=1e-3)
    )


def test_numbers_in_what_is_printed_jump_as_metrics_do():
    texts = "accuracy: 0.5000", "accuracy: 0.5312"
    gap, allowed, note = printed.difference(*texts, texts[1])
    assert gap > allowed and not note
    shaken = ["accuracy: 0.5312", "accuracy: 0.5000"]
    gap, allowed, _ = printed.difference(*texts, texts[1], texts[1], shaken)
    assert gap <= allowed
