"""`python -m parity`: rows, exit status and messages, with recorded sides made up."""

import io
import json

import numpy as np
import pytest
from rich.console import Console

from parity import __main__ as command
from parity import sides, table, verdicts
from parity.case import EXACT as NO_TOLERANCE
from parity.case import Case, Tolerance, one_of
from parity.compare import compare_case
from parity.findings import EXACT, REAL, ROUNDING, Findings, Miss, Row
from parity.sides import VERSIONS

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


def judged(theirs, ours, exact, case=CASE, key="value/dense"):
    sides = [outcome({key: value}) for value in (theirs, ours, exact)]
    (row,) = verdicts.rows_of(case, sides[0], sides[1], judge=sides[2])
    return row


def test_the_float64_run_decides_where_there_is_one():
    x = np.array([1.0, 2.0])
    alike = judged(np.float32(x + 1e-5), np.float32(x - 2e-5), x)
    assert (alike.verdict, alike.allowed) == (ROUNDING, "0.00017 by float64")
    exact = judged(np.float32(x), np.float32(x), x)
    assert (exact.verdict, exact.allowed) == (EXACT, "1.5e-05 by float64")


def test_what_one_side_alone_is_off_by_is_real_even_within_the_tolerance():
    x, iris = np.array([0.01, 0.02]), "iris.sequential_500_epochs"
    tolerant = judged(np.float32(x), np.float32(x + 9e-7), None, iris, "loss")
    assert tolerant.agrees and tolerant.allowed == "1e-06"
    row = judged(np.float32(x), np.float32(x + 9e-7), x, iris, "loss")
    assert row.verdict == REAL and row.allowed.endswith("by float64")
    (miss,) = row.misses
    assert "tf.keras 0.0" in miss.note and "float64 0.0" in miss.note
    assert {entry.index[0] for entry in miss.worst} == {0, 1}
    assert miss.worst[0].float64 == pytest.approx(miss.worst[0].keras, rel=1e-6)


def test_a_wrong_small_entry_does_not_hide_behind_a_large_one():
    x = np.array([1e5, 1e-3])
    row = judged(np.float32(x), np.float32(x * [1, 1.5]), x)
    assert row.verdict == REAL
    assert row.misses[0].worst[0].index == [1]


@pytest.mark.parametrize(
    "exact",
    [
        None,
        np.float32([1, 2]),  # computes in float32, whatever floatx() is
        np.array([1.0, 2.0, 3.0]),
        np.array([1.5, 2.5]),  # computes something else
        "text",
    ],
)
def test_where_the_float64_run_is_no_judge_the_tolerance_decides(exact):
    x = np.float32([1, 2])
    near = judged(x, x + np.float32([0, 2e-7]), exact)
    far = judged(x, x + np.float32([0, 1e-5]), exact)
    assert near.allowed == far.allowed == "8 ulp + 1e-07"
    assert (near.verdict, far.verdict) == (ROUNDING, REAL)


def test_an_array_that_cancels_has_no_size_to_measure_errors_by():
    zero, noise = np.zeros(2, "float32"), np.float32([0, 8e-8])
    alone = judged(zero, noise, np.array([0, 1e-17]))
    assert (alone.verdict, alone.allowed) == (ROUNDING, "8 ulp + 1e-07")
    one = np.ones(2, "float32")  # beside another array of the same result
    beside = judged([zero, one], [noise, one], [np.array([0, 1e-17]), np.ones(2)])
    assert beside.verdict == ROUNDING and beside.allowed.endswith("by float64")


def test_a_row_says_who_decided():
    theirs = {"value/a": np.float32([1]), "value/b": np.float32([1])}
    ours = {key: x + np.float32(1.2e-7) for key, x in theirs.items()}
    exact = outcome({"value/a": np.array([1.0])})
    (row,) = verdicts.rows_of(CASE, outcome(theirs), outcome(ours), judge=exact)
    assert row.allowed == "7.6e-06 by float64; 8 ulp + 1e-07 for 1"


INF, LOWEST = np.float32(-np.inf), np.float32(-65504)


@pytest.mark.parametrize(
    ("theirs", "ours", "agrees"),
    [
        ("as computed", "refused", True),
        ("refused", "as computed", True),
        ("refused", "refused", True),
        ("as computed", "(0, 7)", False),
        ("(0, 7)", "refused", False),
        ("(0, 7)", "(0, 7)", True),
        ("refused", None, False),
        ("refused", {"refused": 1}, False),
        (np.float32([-65504, 2]), np.float32([-np.inf, 2]), True),
        ([np.float32([INF, 2])], [np.float32([LOWEST, 2])], True),
        (np.float32([-65504, 2]), np.float32([-np.inf, 2.0000002]), False),
        (np.float32([-65504, 2]), np.float32([-65500, 2]), False),
        (np.float32([np.inf, 2]), np.float32([-65504, 2]), False),
        (np.float32([np.nan, 2]), np.float32([-65504, 2]), False),
    ],
)
def test_one_of_several_values_may_stand_for_another(theirs, ours, agrees):
    """The named ones alone: a third value on either side is a miss."""
    values = one_of(
        "as computed", "refused", -np.inf, -65504.0, reason="two processors"
    )
    case = Case("of.two", lambda library: iter(()), values, {}, slow=False)
    (found,) = compare_case(case, {"key": theirs}, {"key": ours})
    assert found.agrees is agrees
    assert bool(found.note) is not agrees


def test_tolerances_in_words():
    assert verdicts.in_words(NO_TOLERANCE) == "exact"
    two = one_of("refused", -65504.0, reason="two processors")
    assert verdicts.in_words(two) == "one of refused, -65504.0"
    both = Tolerance("two reasons", ulps=4, absolute=1e-6, relative=1e-7)
    assert verdicts.in_words(both) == "4 ulp + 1e-06 + 1e-07 of it"


@pytest.fixture
def recorded(monkeypatch):
    """Sides that give what the test puts into them instead of running cases."""
    both = [{VERSIONS: {"keras": "3.15.1"}}, {VERSIONS: {"minikeras": "0"}}]
    for side in both:
        side[CASE] = outcome(GOOD)
    given = dict(zip(("keras", "minikeras", sides.JUDGE), [*both, {}], strict=True))

    class Given:
        def __init__(self, library, names):
            self._outcomes = given[library]

        def result(self, name):
            return self._outcomes.get(name)

        def stop(self):
            stopped.append(self)

    stopped: list = []
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    monkeypatch.setattr(sides, "Side", Given)
    yield both
    assert len(stopped) == 3


def test_status_0_and_a_table_where_all_agree(recorded, capsys, tmp_path):
    file = tmp_path / "rows.json"
    assert command.main(["--only", CASE, "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "2 results in 2 rows: all agree" in printed
    assert "keras 3.15.1" in printed
    content = json.loads(file.read_text())
    assert [row["quantity"] for row in content["rows"]] == ["value", "names"]
    assert all(row["agrees"] for row in content["rows"])


def rows(count: int, missing: int = -1) -> Findings:
    found = [Row(f"topic{i % 3}.case", f"quantity{i}", 2) for i in range(count)]
    if missing >= 0:
        found[missing].misses = [Miss("dense/kernel", "another shape")]
        found[missing].absolute = 0.5
    return Findings({"keras": "3.15.1"}, found)


def shown(findings: Findings, everything: bool = False) -> list[str]:
    console = Console(width=120, file=io.StringIO())
    table.show(findings, console, everything)
    return console.file.getvalue().splitlines()


def test_many_rows_are_one_page_with_the_misses_first():
    lines = shown(rows(200, missing=150))
    assert len(lines) < 12
    assert "quantity150" in lines[1] and "1 miss" in lines[1]
    assert lines[2] == "topic0.case: dense/kernel: another shape"
    first, second, third = (line.split() for line in lines[5:8])
    assert first == ["topic0", "1", "134", "66", "0", "0.5", "case:", "quantity150"] + [
        *("1", "miss")
    ]
    assert second == ["topic1", "1", "134", "67", "0", "0", "agree"]
    assert third == ["topic2", "1", "132", "66", "0", "0", "agree"]
    assert (
        lines[-1] == "400 results in 200 rows: 1 of 200 rows miss; --all shows each row"
    )


def test_all_rows_are_shown_if_asked_for_or_if_they_fit():
    assert sum("quantity" in line for line in shown(rows(200), True)) == 201
    assert sum("quantity" in line for line in shown(rows(20))) == 21


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


def test_a_process_that_fails_is_told_without_a_traceback(
    monkeypatch, capsys, tmp_path
):
    (tmp_path / "parity").mkdir()
    (tmp_path / "parity" / "__init__.py").touch()  # before one that is installed
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    monkeypatch.setattr(sides, "environment", lambda: {"PYTHONPATH": "", "PATH": ""})
    monkeypatch.setattr(sides, "ROOT", tmp_path)
    assert command.main(["--only", CASE]) == 2
    said = capsys.readouterr().err
    assert "\npython -m parity: Recording" in said
    assert "No module named" in said
