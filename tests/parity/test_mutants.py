"""`python -m parity mutants`: faults that fit, and what is said of what finds them."""

import ast
import json

import pytest

from parity import __main__ as parity
from parity import cases  # noqa: F401  # fills CASES
from parity.case import CASES
from parity.mutants import command
from parity.mutants.fault import Fault, FaultError, planted
from parity.mutants.faults import FAULTS
from parity.mutants.trial import Checks, Outcome
from parity.sides import ROOT
from parity.training import RUNS

(RATE,) = (fault for fault in FAULTS if "MinMaxNorm" in fault.name)
NO_FAULT = Fault(
    "constraints/constraints.py",
    "a comment is missing",
    '    """The base: leaves the value as it is."""\n',
    "",
)


@pytest.fixture
def faults(monkeypatch):
    def only(*given):
        monkeypatch.setattr(command, "FAULTS", given)

    return only


def test_each_fault_fits():
    """Its text stands there once, and what comes in its place is Python."""
    assert len(FAULTS) >= 100
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    for fault in FAULTS:
        ast.parse(fault.applied())
        assert fault.before != fault.after


def test_each_fault_has_goldens_and_tests():
    for fault in FAULTS:
        checks = Checks.of(fault)
        for topic in checks.topics:
            assert any(topic in case for case in [*CASES, *RUNS]), fault.name
        for name in checks.tests:
            assert (ROOT / "tests" / name).exists(), fault.name


def test_a_copy_has_the_fault_and_the_checkout_has_not():
    with planted(RATE) as root:
        text = (root / "minikeras" / RATE.file).read_text()
        assert text == RATE.applied()
    assert not root.exists()
    assert text != (ROOT / "minikeras" / RATE.file).read_text()


@pytest.mark.parametrize("before", ["no such text", "return"])
def test_a_text_that_does_not_stand_there_once_is_an_error(before, faults, capsys):
    stale = Fault("constraints/constraints.py", "stale", before, "")
    with pytest.raises(FaultError, match="holds it [0-9]+ times"):
        stale.applied()
    faults(RATE, stale)
    assert parity.main(["mutants"]) == 2
    said = capsys.readouterr()
    assert "constraints/constraints: stale: minikeras/constraints" in said.err
    assert not said.out


def test_the_list(capsys):
    assert parity.main(["mutants", "--list", "--only", "optimizers/adam:"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "optimizers/adam: amsgrad forgets the largest" in lines
    assert all(line.startswith("optimizers/adam: ") for line in lines)
    assert parity.main(["mutants", "--list", "--only", "nonsense"]) == 2
    assert "no fault has 'nonsense' in its name" in capsys.readouterr().err


def test_what_fails_without_a_fault_proves_nothing(faults, monkeypatch, capsys):
    faults(RATE)
    monkeypatch.setattr(command, "judge", lambda *_: Outcome("", "", "x.py::y"))
    assert parity.main(["mutants"]) == 2
    said = capsys.readouterr().err
    assert "without any fault there fails x.py::y" in said


@pytest.mark.slow
def test_what_is_found_and_what_is_not(faults, capsys, tmp_path):
    faults(RATE, NO_FAULT)
    file = tmp_path / "found.json"
    assert parity.main(["mutants", "--json", str(file)]) == 1
    said = capsys.readouterr().out
    assert f"{RATE.name}\n    goldens: constraints." in said
    assert f"{NO_FAULT.name}: NOT FOUND\n    goldens: -\n    tests:   -" in said
    found, missed = json.loads(file.read_text())
    assert found["found"] and found["tests"].startswith("tests/constraints/")
    assert missed == {
        "fault": NO_FAULT.name,
        "goldens": "",
        "tests": "",
        "found": False,
    }
