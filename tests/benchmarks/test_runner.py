"""Turns, options and the measuring processes themselves (without TensorFlow)."""

import argparse
import inspect
import os
import pkgutil
import re
import time
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import process, runner, workloads
from benchmarks.libraries import LIBRARIES, able
from benchmarks.process import Worker, WorkerError
from benchmarks.runner import Settings

NO_TENSORFLOW = tuple(n for n in LIBRARIES if n != "tf.keras")
BRIEF = Settings(processes=1, runs=2, seconds=0.02, quick=True, libraries=NO_TENSORFLOW)


def nothing(text: str) -> None:
    pass


@pytest.mark.parametrize(
    "runs, processes, turns", [(9, 3, [3, 3, 3]), (5, 2, [3, 2]), (1, 1, [1])]
)
def test_runs_are_spread_over_the_processes(runs, processes, turns):
    assert Settings(processes, runs, 1.0, False, ()).turns() == turns


class Silent:
    """A worker that only notes what it is asked."""

    calls: list[str] = []
    imports = {"import": 0.1, "import, used": 0.2}

    def __init__(self, workload, library):
        self.started = 0.0
        self.library = library

    def ask(self, do, **command):
        self.calls.append(f"{self.library}: {do}")
        answers = {
            "run": {
                **{"seconds": 1.0, "cpu time": 1.0, "peak memory": 9.0},
                **{"threads": 1, "history": {"loss": [1.0]}},
            },
            "calibrate": {"count": 20},
            "again": {"seconds": 0.5},
        }
        return answers[do]

    def cpu_seconds(self):
        return 0.0

    def close(self):
        self.calls.append(f"{self.library}: end")


def test_libraries_take_turns_and_each_round_begins_with_another(monkeypatch):
    monkeypatch.setattr(runner, "Worker", Silent)
    monkeypatch.setattr(runner, "SETTLE", 0)
    Silent.calls = []
    chosen = ("by hand", "minikeras", "tf.keras")
    runner.run("iris", Settings(2, 3, 1.0, False, chosen), nothing)
    firsts = [c.split(":")[0] for c in Silent.calls if "run" in c]
    again = [c.split(":")[0] for c in Silent.calls if "again" in c]
    assert firsts == [*chosen, "minikeras", "tf.keras", "by hand"]
    assert again[:6] == [*chosen, "minikeras", "tf.keras", "by hand"]
    assert len(again) == 9
    assert sum("end" in c for c in Silent.calls) == 6


def test_a_step_is_the_warm_run_over_its_steps(monkeypatch):
    monkeypatch.setattr(runner, "Worker", Silent)
    monkeypatch.setattr(runner, "SETTLE", 0)
    results = runner.run("iris", Settings(1, 1, 1.0, True, ("minikeras",)), nothing)
    assert results.values("step, warm", "minikeras") == [0.5 / 20 / 4]
    assert results.epochs == 100


def test_measurements_fill_every_measure():
    results = runner.run("iris", BRIEF, nothing)
    assert not results.failures
    for measure, samples in results.samples.items():
        assert list(samples) == ["by hand", "tuned", "minikeras"], measure
        assert all(value > 0 for values in samples.values() for value in values)
    for library in ("by hand", "tuned", "minikeras"):
        assert len(results.values("step, warm", library)) == 2
        assert len(results.histories[library]["loss"]) == 100
        assert len(results.histories[library]["val_loss"]) == 5
        first = results.median("first fit", library)
        assert first < results.median("whole process", library)
    # As far as either is from tf.keras: losses drift by a few float32 units.
    for library in ("minikeras", "tuned"):
        assert results.difference(library, "by hand") <= 1e-6


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="Linux only")
def test_a_process_that_waits_takes_no_processor_time():
    """All its threads fall asleep, and stay so while another process works."""
    with Worker("mlp", "by hand") as waiting, Worker("iris", "by hand") as working:
        waiting.ask("run", count=1, sizes={})
        while not asleep(waiting):  # BLAS's threads look for more work for a while
            time.sleep(runner.SETTLE)
        working.ask("run", count=2000, sizes={})
        assert asleep(waiting)


def asleep(worker: Worker) -> bool:
    threads = Path(f"/proc/{worker._process.pid}/task").glob("*/stat")
    states = [file.read_text().rpartition(")")[2].split()[0] for file in threads]
    return set(states) == {"S"}


def test_a_library_that_fails_does_not_end_the_others(monkeypatch):
    monkeypatch.setattr(workloads.load("iris"), "USED", ("layers.Nonsense",))
    results = runner.run("iris", BRIEF, nothing)
    assert "Nonsense" in results.failures["minikeras"]
    assert "minikeras" not in results.histories
    assert results.values("step, warm", "by hand")


def test_a_process_that_fails_says_why_and_lives():
    with Worker("iris", "by hand") as worker:
        with pytest.raises(WorkerError, match="AttributeError: .*nonsense"):
            worker.ask("nonsense")
        assert worker.ask("run", count=1, sizes={})["history"]["loss"]


def test_a_process_that_dies_says_what_it_wrote(monkeypatch):
    monkeypatch.setitem(process.IMPORTS, "by hand", "import nonsense")
    with pytest.raises(WorkerError, match="No module named 'nonsense'"):
        Worker("iris", "by hand")


def test_processes_may_write_bytecode(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    variables = process.environment()
    assert "PYTHONDONTWRITEBYTECODE" not in variables
    assert variables["OMP_NUM_THREADS"] == "1"


def test_every_workload_has_what_the_runner_asks_for():
    files = {module.name for module in pkgutil.iter_modules(workloads.__path__)}
    assert files == {
        *workloads.NAMES,
        "batchnorm",
        "files",
        "layer",
    }  # those of `busy`, `files`, `kernels`
    for name in workloads.NAMES:
        workload = workloads.load(name)
        assert workload.TITLE and workload.EPOCHS and workload.STEPS
        assert workload.UNIT and workload.AIMS and workload.USED
        assert workload.TOLERANCE and callable(workload.with_keras)
        assert able(workload)[-2:] == ["minikeras", "tf.keras"]
        assert set(workload.RIVALS) <= set(LIBRARIES)


@pytest.mark.parametrize("name", workloads.NAMES)
def test_used_names_are_those_that_the_workload_takes(name):
    workload = workloads.load(name)
    module = inspect.getsource(workload)
    source = module[module.index("def with_keras") :]
    for helper in ("images", "sequences", "rows"):
        if f"{helper}." in source:
            source += inspect.getsource(getattr(workload, helper))
    taken = set(re.findall(r"keras\.((?:\w+\.)?\w+)\(", source))
    assert taken == set(workload.USED)


def test_runs_are_positive():
    for text in ("0", "-1"):
        with pytest.raises(argparse.ArgumentTypeError, match="expected 1 or more"):
            command.positive(text)


def test_quick_is_less_and_options_stand_above_it():
    full = command.settings_of(command.parse([]))
    quick = command.settings_of(command.parse(["--quick"]))
    assert quick.runs < full.runs and quick.seconds < full.seconds
    options = command.parse(["mlp", "--quick", "--runs", "5", "--without", "tf.keras"])
    settings = command.settings_of(options)
    assert settings.runs == 5 and "tf.keras" not in settings.libraries
    assert command.settings_of(command.parse(["--runs", "2"])).processes == 2


def test_unknown_workload_names_those_there_are(capsys):
    with pytest.raises(SystemExit):
        command.parse(["mpl"])
    assert "no workload 'mpl'; there are iris" in capsys.readouterr().err
