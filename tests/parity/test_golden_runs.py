"""Training runs in goldens: recordings come back, and two of them can be compared."""

import numpy as np
import pytest

from parity import REFERENCE, builtin, sides, training
from parity import __main__ as parity
from parity.golden import command, events, load, store
from parity.script.recording import Ending, Event, Place, read, write
from parity.training import RUNS

RUN = "runs.weights"


def made_up(loss=0.5) -> list:
    """A recording of one step and its end."""
    start = Event(Place(1, "fit", "start"))
    start.add("initial weight", "dense/kernel", np.float32([[1, 2]]))
    step = Event(Place(1, "fit", "step", 1, 1))
    step.add("batch", "x", np.arange(6.0, dtype="float32").reshape(3, 2))
    step.add("loss", "loss", np.float32(loss))
    step.add("update", "dense/kernel", np.float64([[1e-9, np.nan]]), scale=2.0)
    end = Event(Place(1, "fit", "end"))
    end.add("summary text", "", "Model: ä │\n")
    end.add("count", "steps", np.int64(1))
    return [start, step, end, Ending(None)]


def described(entries: list) -> list[str]:
    """Everything of them: numpy prints no type and shape of an array of its own."""
    found = []
    for entry in entries:
        found.append(repr(entry))
        for key, x in getattr(entry, "tensors", {}).items():
            found.append(f"{key} {x.dtype} {x.shape} {x.tobytes()!r}")
    return found


def test_a_recording_comes_back(tmp_path):
    entries = [*made_up(), Ending("ValueError: no", 7)]
    store.write(tmp_path / "x.npz", {"events": events.to_plain(entries)})
    found = events.from_plain(store.read(tmp_path / "x.npz", "")["events"])
    assert described(found) == described(entries)
    write(tmp_path / "x.events", found)
    assert described(list(read(tmp_path / "x.events"))) == described(entries)


@pytest.fixture
def recorded(monkeypatch):
    """tf.keras records `made_up()` of the one run that there is."""
    for module in (command, builtin):
        monkeypatch.setattr(module, "CASES", {})
        monkeypatch.setattr(module, "RUNS", {RUN: RUNS[RUN]})
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    monkeypatch.setattr(command, "installed", lambda: {**REFERENCE, "numpy": "2"})
    given = {"entries": made_up(), "failed": {}}

    def record(names, folder):
        for name in names:
            write(training.events_of(folder, name), given["entries"])
        return given["failed"]

    monkeypatch.setattr(training, "record_keras", record)
    return given


def test_runs_are_recorded_into_files_of_their_own(recorded, tmp_path, capsys):
    assert parity.main(["record", "--out", str(tmp_path / "a")]) == 0
    assert capsys.readouterr().out.startswith("1 cases, 1 files")
    (path,) = (tmp_path / "a").iterdir()
    assert path.name == f"{RUN}.npz"
    outcomes = load.load(tmp_path / "a", [RUN], REFERENCE)
    assert load.recordings(tmp_path / "b", outcomes) == {}
    found = list(read(training.events_of(tmp_path / "b", RUN)))
    assert described(found) == described(made_up())


def test_two_goldens_of_a_run(recorded, tmp_path, capsys):
    a, b, c = (str(tmp_path / name) for name in "abc")
    assert parity.main(["record", "--out", a]) == 0
    recorded["entries"] = made_up(loss=0.6)
    assert parity.main(["record", "--out", b]) == 0
    recorded["failed"] = {RUN: "TypeError: no"}
    assert parity.main(["record", "--out", c, "--only", RUN]) == 0
    capsys.readouterr()
    assert parity.main(["--golden", a, "--against", a]) == 0
    capsys.readouterr()
    assert parity.main(["--golden", a, "--against", b]) == 1
    said = capsys.readouterr().out
    assert "batch losses" in said and "minikeras" not in said
    assert parity.main(["--golden", b, "--against", c]) == 1
    assert "TypeError: no" in capsys.readouterr().out


def test_the_failed_run_of_a_golden_is_a_miss(recorded, tmp_path, capsys):
    recorded["failed"] = {RUN: "TypeError: no"}
    assert parity.main(["record", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    assert parity.main(["--golden", str(tmp_path)]) == 1
    assert "TypeError: no" in capsys.readouterr().out
