"""`python -m parity`: rows, exit status and messages, with recorded sides made up."""

import json

import numpy as np
import pytest

from parity import __main__ as command
from parity import sides, verdicts
from parity.case import EXACT, Tolerance
from parity.findings import Miss
from parity.record import VERSIONS

CASE = "layers.every_layer"
GOOD = {"value/dense": np.float32([1, 2]), "names/dense": ["kernel", "bias"]}


def outcome(results=None, error=None):
    return {"results": results or {}, "error": error, "seconds": 0.1}


def test_rows_gather_the_worst_of_each_quantity():
    ours = {**GOOD, "value/dense": GOOD["value/dense"] + np.float32([0, 2e-7])}
    value, names = verdicts.rows_of(CASE, outcome(GOOD), outcome(ours))
    assert (value.quantity, value.count, value.agrees) == ("value", 1, True)
    assert value.absolute == pytest.approx(2.4e-7, rel=0.1)
    assert value.ulps == 1
    assert value.allowed == "8 ulp + 1e-07"
    assert (names.quantity, names.absolute, names.allowed) == ("names", 0, "exact")


def test_a_miss_names_its_result_and_both_values():
    ours = {**GOOD, "value/dense": np.float32([1, 3])}
    value, _ = verdicts.rows_of(CASE, outcome(GOOD), outcome(ours))
    assert not value.agrees
    (miss,) = value.misses
    for word in ("value/dense", "(1,)", "2.0", "3.0"):
        assert word in f"{miss.tensor} {miss.note}"


@pytest.mark.parametrize("library", ["tf.keras", "minikeras"])
def test_a_side_that_raised_is_a_row_of_its_own(library):
    failed = outcome(error="Traceback\nValueError: no such thing\n")
    both = {"tf.keras": outcome(GOOD), "minikeras": outcome(GOOD), library: failed}
    (row,) = verdicts.rows_of(CASE, *both.values())
    assert row.quantity == verdicts.FAILED
    assert row.misses == [Miss(library, "raised ValueError: no such thing")]


def test_tolerances_in_words():
    assert verdicts.in_words(EXACT) == "exact"
    both = Tolerance("two reasons", ulps=4, absolute=1e-6, relative=1e-7)
    assert verdicts.in_words(both) == "4 ulp + 1e-06 + 1e-07 of it"


@pytest.fixture
def recorded(monkeypatch):
    """Sides that give what the test puts into them instead of running cases."""
    both = [{VERSIONS: {"keras": "3.15.1"}}, {VERSIONS: {"minikeras": "0"}}]
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    monkeypatch.setattr(sides, "run", lambda *_: both)
    for side in both:
        side[CASE] = outcome(GOOD)
    return both


def test_status_0_and_a_table_where_all_agree(recorded, capsys, tmp_path):
    file = tmp_path / "rows.json"
    assert command.main(["--only", CASE, "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "2 results in 2 rows: all agree" in printed
    assert "keras 3.15.1" in printed
    content = json.loads(file.read_text())
    assert [row["quantity"] for row in content["rows"]] == ["value", "names"]
    assert all(row["agrees"] for row in content["rows"])


def test_status_1_on_any_miss(recorded, capsys):
    recorded[1][CASE] = outcome({**GOOD, "names/dense": ["kernel", "bios"]})
    assert command.main(["--only", CASE]) == 1
    printed = capsys.readouterr().out
    assert "1 miss" in printed and "1 of 2 rows miss" in printed
    assert "bios" in printed


def test_status_2_where_nothing_can_be_compared(monkeypatch, capsys):
    assert command.main(["--only", "nonsense"]) == 2
    assert "'nonsense'" in capsys.readouterr().err
    monkeypatch.setattr(sides, "has_tensorflow", lambda: False)
    assert command.main([]) == 2
    assert "TensorFlow is not installed" in capsys.readouterr().err


def test_a_process_that_fails_is_told_without_a_traceback(monkeypatch, capsys):
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    monkeypatch.setattr(sides, "environment", lambda: {"PYTHONPATH": "", "PATH": ""})
    monkeypatch.setattr(sides, "ROOT", sides.ROOT / "docs")  # no parity package there
    assert command.main(["--only", CASE]) == 2
    said = capsys.readouterr().err
    assert said.startswith("python -m parity: Recording")
    assert "No module named" in said
