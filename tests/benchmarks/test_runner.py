"""Turns, options and the measuring processes themselves (without TensorFlow)."""

import argparse
import inspect
import re

import pytest

from benchmarks import __main__ as command
from benchmarks import runner, workloads
from benchmarks.results import Results


@pytest.mark.parametrize(
    "runs, tf_runs, rounds",
    [(15, 3, [0, 5, 10]), (5, 1, [0]), (3, 3, [0, 1, 2]), (2, 5, [0, 1]), (9, 0, [])],
)
def test_tf_keras_is_spread_over_the_rounds(runs, tf_runs, rounds):
    assert runner.tf_rounds(runs, tf_runs) == rounds


def test_libraries_take_turns_at_each_measurement(monkeypatch):
    calls = []
    monkeypatch.setattr(runner, "run_worker", lambda *_: calls.append("not counted"))
    monkeypatch.setattr(
        runner,
        "MEASUREMENTS",
        (
            lambda results, library: calls.append(library),
            lambda results, library: calls.append(library.upper()),
        ),
    )
    runner.run("iris", epochs=1, runs=2, tf_runs=1, progress=lambda text: None)
    assert calls == [
        *["not counted"] * 4,
        *("by hand", "tuned", "minikeras", "tf.keras"),
        *("BY HAND", "TUNED", "MINIKERAS", "TF.KERAS"),
        *("tuned", "minikeras", "by hand"),
        *("TUNED", "MINIKERAS", "BY HAND"),
    ]


@pytest.mark.parametrize("library", ["by hand", "tuned", "minikeras"])
def test_measurements_fill_every_measure(library):
    results = Results("iris", epochs=20)
    for measure in runner.MEASUREMENTS:
        measure(results, library)
    for measure, samples in results.samples.items():
        assert all(value > 0 for value in samples[library]), measure
    first, whole = (results.median(m, library) for m in ("fit, first", "whole process"))
    assert first < whole
    assert len(results.histories[library]["loss"]) == 20
    assert len(results.histories[library]["val_loss"]) == 1


def test_minikeras_does_the_work_of_the_hand_written_loops():
    histories = {
        library: runner.run_worker("iris", library, "first", 60)[1]["history"]
        for library in ("by hand", "tuned", "minikeras")
    }
    results = Results("iris", 60)
    results.histories = histories
    # As far as either is from tf.keras: losses drift by a few float32 units.
    assert results.difference("minikeras", "by hand") <= 1e-6
    assert results.difference("minikeras", "tuned") <= 1e-6
    assert results.difference("tuned", "by hand") <= 1e-6


def test_a_process_that_fails_says_why():
    with pytest.raises(runner.WorkerError, match="not enough values to unpack"):
        runner._python("-m", "benchmarks.worker", "iris")


def test_processes_may_write_bytecode(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    statement = "import os, sys; print(sys.dont_write_bytecode, os.environ)"
    printed = runner._python("-c", statement)
    assert printed.startswith("False") and "'OMP_NUM_THREADS': '1'" in printed


def test_every_workload_has_what_the_runner_asks_for():
    assert "iris" in workloads.names()
    for name in workloads.names():
        workload = workloads.load(name)
        assert workload.TITLE and workload.EPOCHS and workload.STEPS
        assert workload.WARM_UP and workload.AIMS and workload.USED
        for name in ("by_hand", "tuned", "with_keras"):
            assert callable(getattr(workload, name))


@pytest.mark.parametrize("text", ["0", "-1"])
def test_runs_are_positive(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected 1 or more"):
        command.positive(text)


def test_tf_runs_may_be_none_at_all():
    assert command.not_negative("0") == 0
    with pytest.raises(argparse.ArgumentTypeError, match="expected 0 or more"):
        command.not_negative("-1")


def test_used_names_are_those_that_the_workload_takes():
    source = inspect.getsource(workloads.load("iris").with_keras)
    taken = re.findall(r"keras\.((?:\w+\.)?\w+)\(", source)
    assert sorted(taken) == sorted(workloads.load("iris").USED)
