"""A worker leaves the recordings that a process for each script would leave."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from parity.script.processes import Options, ScriptError, record
from parity.script.recording import Event, read
from parity.script.worker import Worker

HERE = Path(__file__).parent

FIRST = """
import numpy as np
import keras

keras.config.set_floatx("float64")
keras.layers.Dense.call = None
np.random.seed(5)
model = keras.Sequential([keras.layers.Dropout(0.5), keras.layers.LayerNormalization()])
model.compile("sgd", "mse")
model.fit(np.random.normal(size=(8, 3)), np.zeros((8, 3)), batch_size=4, verbose=0)
"""
SECOND = """
import numpy as np
import keras

x = np.random.normal(size=(8, 3)).astype("float32")
model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dropout(0.5)])
model.compile("adam", "mse")
model.fit(x, np.zeros((8, 4)), batch_size=4, epochs=2, verbose=0)
model.predict(x, verbose=0)
"""
LOADED = """
import numpy as np
import keras

x = np.random.normal(size=(8, 3)).astype("float32")
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
model.compile("adam", "mse")
model.fit(x, np.zeros((8, 4)), batch_size=4, verbose=0)
model.save("{0}")
model = keras.models.load_model("{0}")
model.fit(x, np.zeros((8, 4)), batch_size=4, verbose=0)
"""
FOREVER = "while True:\n    pass\n"


@pytest.fixture
def worker():
    with Worker("minikeras") as worker:
        yield worker


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str, **settings) -> Options:
        path = tmp_path / name
        path.write_text(text)
        return Options(str(path), [], **settings)

    return write


def events(path: Path) -> list:
    return [entry for entry in read(path) if isinstance(entry, Event)]


def same(path: Path, other: Path) -> bool:
    """Bit for bit: places, names, dtypes, numbers."""
    return [pickle.dumps(e) for e in events(path)] == [
        pickle.dumps(e) for e in events(other)
    ]


def test_two_scripts_in_one_worker_are_as_in_two_processes(worker, write, tmp_path):
    for name, text in (("first.py", FIRST), ("second.py", SECOND)):
        options = write(text, name)
        ours, fresh = tmp_path / "worker.events", tmp_path / "fresh.events"
        worker.record(ours, options)
        record("minikeras", fresh, options)
        assert events(ours)
        assert same(ours, fresh)


def test_the_judge_is_as_in_a_process(worker, write, tmp_path):
    options = write(SECOND, "second.py")
    start, fresh = tmp_path / "worker.events", tmp_path / "fresh.events"
    worker.record(start, options)
    judged = tmp_path / "judge.events"
    worker.record(judged, options, start)
    record("minikeras", fresh, options, start)
    assert same(judged, fresh)
    assert not same(judged, start)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FOREVER, "did not end within 1 s"),
        ("import os\nos._exit(1)\n", "died: without a word"),
        ("import os\nos.kill(os.getpid(), 11)\n", "died: without a word"),
        ("import keras\nkeras.layers.Dense(-1)\n", r"\(line 2\): ValueError"),
        ("import sys\nsys.exit(3)\n", "exit status 3"),
        ("print('hello')\n", "never calls fit"),
    ],
)
def test_after_a_script_that_fails_the_next_one_works(
    worker, write, tmp_path, text, message
):
    out = tmp_path / "out.events"
    with pytest.raises(ScriptError, match=message):
        limit = {"time_limit": 1.0} if text == FOREVER else {}
        worker.record(out, write(text, "bad.py", **limit))
    worker.record(out, write(SECOND, "second.py"))
    assert events(out)


def test_a_worker_that_dies_is_replaced(worker, write, tmp_path):
    out = tmp_path / "out.events"
    with pytest.raises(ScriptError, match="the worker of minikeras died"):
        worker.record(out, write("import os\nos.kill(os.getppid(), 9)\n", "bad.py"))
    worker.record(out, write(SECOND, "second.py"))
    assert events(out)


def test_each_prelude_has_a_process_of_its_own(worker, write, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE / "faults"), prepend=os.pathsep)
    sound, faulty = tmp_path / "sound.events", tmp_path / "faulty.events"
    worker.record(sound, write(SECOND, "second.py"))
    options = write(SECOND, "second.py", prelude="fault_adam_epsilon")
    worker.record(faulty, options)
    assert not same(sound, faulty)
    record("minikeras", sound, options)
    assert same(sound, faulty)


def test_a_worker_that_cannot_start_is_told(write, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE / "faults"), prepend=os.pathsep)
    out = tmp_path / "out.events"
    with (
        Worker("minikeras") as worker,
        pytest.raises(ScriptError, match="died: .*No module named 'nowhere'"),
    ):
        worker.record(out, write(SECOND, "second.py", prelude="nowhere"))


@pytest.mark.slow
def test_tensorflow_is_imported_once(write, tmp_path):
    with Worker("keras") as worker:
        for name, text in (("first.py", FIRST), ("second.py", SECOND)):
            options = write(text, name)
            ours, fresh = tmp_path / "worker.events", tmp_path / "fresh.events"
            worker.record(ours, options)
            record("keras", fresh, options)
            assert same(ours, fresh)


def test_the_judge_goes_on_from_its_own_file(worker, tmp_path):
    """A new model gets the weights of the float32 run; one that was saved and loaded
    has weights of its own, which are to judge those."""
    script, folder = tmp_path / "script.py", tmp_path / "model.keras"
    script.write_text(LOADED.format(folder), encoding="utf-8")
    narrow, wide = tmp_path / "narrow.events", tmp_path / "wide.events"
    worker.record(narrow, Options(str(script), [], max_steps=2))
    worker.record(wide, Options(str(script), [], max_steps=2), narrow)
    starts = [
        [e.tensors for e in read(path) if _is_start(e)] for path in (narrow, wide)
    ]
    assert len(starts[0]) == len(starts[1]) == 2
    for place, off in ((0, False), (1, True)):
        for key, value in starts[0][place].items():
            other = starts[1][place][key]
            np.testing.assert_allclose(other, value, rtol=1e-3, atol=1e-5)
            assert (other != value).any() == off, key


def _is_start(entry) -> bool:
    return isinstance(entry, Event) and entry.place.moment == "start"
