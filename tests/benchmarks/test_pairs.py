"""Rows of both libraries side by side: kernels, and the busy machine."""

import io
import json

import numpy as np
import pytest
from rich.console import Console

import minikeras
from benchmarks import __main__ as command
from benchmarks import busy, files, kernels, pairs, sized
from benchmarks.pairs import Pairs
from benchmarks.process import WorkerError
from benchmarks.runner import Settings
from benchmarks.workloads import batchnorm, layer

OURS = Settings(1, 1, 0.05, True, ("minikeras",))


def fail():
    raise WorkerError("no such layer")


@pytest.fixture
def found():
    made = Pairs("layers", {})
    made.add("Dense", lambda: both([1.0, 2.0, 9.0], [4.0]), 1.3)
    made.add("Conv2D", lambda: both([3.0], [2.0]), 1.3)
    made.add("free", lambda: both([8.0], [2.0]))
    made.add("Broken", fail, 1.3)
    return made


def both(ours, theirs):
    return {"minikeras": ours, "tf.keras": theirs}


def test_ratio_is_of_medians_and_bounded_where_there_is_an_aim(found):
    assert [found.ratio(row) for row in found.samples] == [0.5, 1.5, 4.0, None]
    verdicts = [found.verdict(row) for row in found.samples]
    assert verdicts == ["met", "missed", "", "missed"]
    assert found.missed() == ["Conv2D", "Broken"]


def test_a_library_left_out_is_not_a_miss_but_one_that_fails_is():
    left_out = Pairs("", {})
    left_out.add("Dense", lambda: {"minikeras": [1.0]}, 1.3)
    failed = Pairs("", {"tf.keras": "it does not start"})
    failed.add("Dense", lambda: {"minikeras": [1.0]}, 1.3)
    assert left_out.verdict("Dense") == "not measured"
    assert failed.verdict("Dense") == "missed"


def shown(found) -> str:
    page = io.StringIO()
    pairs.show(found, Console(width=100, file=page))
    return page.getvalue()


def test_table_names_what_was_missed_and_what_failed(found):
    text = shown(found)
    assert "1.50 ×   ≤ 1.3 missed" in text
    assert "Broken could not be run: no such layer" in text
    assert "1 of 3 aims are met. Missed: Conv2D, Broken." in text


def test_everything_goes_into_the_json(found):
    written = json.loads(json.dumps(found.as_dict()))
    assert written["seconds per step"]["Dense"]["minikeras"] == [1.0, 2.0, 9.0]
    assert written["ratios"]["Conv2D"] == 1.5
    assert written["verdicts"]["Broken"] == "missed"


def test_there_are_35_kernels_and_each_is_measured(monkeypatch):
    assert len(layer.KERNELS) == 35
    monkeypatch.setattr(kernels, "KERNELS", ("Dense", "no such kernel"))
    found = kernels.run(OURS, lambda text: None)
    assert len(found.samples["Dense"]["minikeras"]) == 3
    assert "no such kernel" in found.failures["no such kernel"]


def test_busy_measures_alone_and_beside_processes_that_end_with_it(monkeypatch):
    asked = []

    def step_seconds(workers, workload, sizes, seconds, turns):
        asked.append(workload)
        return both([1.0], [1.0])

    monkeypatch.setattr(sized, "step_seconds", step_seconds)
    found = busy.run(Settings(1, 1, 0.05, True, ()), lambda text: None)
    assert asked == ["batchnorm", "batchnorm"]
    assert [found.verdict(row) for row in found.samples] == ["", "met"]
    with busy.spinning(2) as started:
        assert [process.poll() for process in started] == [None, None]
    assert None not in [process.poll() for process in started]


def test_files_has_a_row_for_saving_and_one_for_loading(monkeypatch):
    asked = []

    def step_seconds(workers, workload, sizes, seconds, turns):
        asked.append((workload, sizes["action"]))
        return both([1.0], [2.0])

    monkeypatch.setattr(sized, "step_seconds", step_seconds)
    found = files.run(Settings(1, 1, 0.05, True, ()), lambda text: None)
    assert asked == [("files", "save"), ("files", "load")]
    assert [found.verdict(row) for row in found.samples] == ["met", "met"]
    saved, loaded = (
        files.files.with_keras(minikeras, action)(1) for action in ("save", "load")
    )
    assert saved == loaded and len(saved["weights"]) == 10


def test_all_are_commands():
    for name in ("kernels", "busy", "files"):
        assert command.parse([name]).what == [name]
        assert command.EXTRA[name].NAME == name


@pytest.mark.slow
@pytest.mark.parametrize("kernel", [*layer.KERNELS, None])
def test_losses_are_those_of_tf_keras(kernel):
    from tensorflow import keras

    workload = layer if kernel else batchnorm
    sizes = {"kernel": kernel} if kernel else {}
    ours, theirs = (
        workload.with_keras(k, **sizes)(workload.EPOCHS) for k in (minikeras, keras)
    )
    np.testing.assert_allclose(
        ours["loss"], theirs["loss"], atol=workload.TOLERANCE, rtol=0
    )
