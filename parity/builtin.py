"""The built-in cases and training runs in both libraries: recorded and compared."""

from pathlib import Path

from parity import cases, sides, training, verdicts  # noqa: F401  # fill CASES
from parity.case import CASES
from parity.findings import Findings
from parity.golden import load
from parity.record import VERSIONS
from parity.training import RUNS
from parity.versions import installed


def gather(pattern: str = "", golden: Path | None = None) -> Findings:
    """The findings of the cases and runs with `pattern` in their name; SideError if
    there are none or a library cannot run. `golden` is a folder with what tf.keras
    gave in the cases, to be taken instead of a run of TensorFlow now; there are no
    runs then."""
    runs = [] if golden else [name for name in RUNS if pattern in name]
    names = (
        [] if runs and not any(pattern in name for name in CASES) else chosen(pattern)
    )
    if not golden and not sides.has_tensorflow():
        raise sides.SideError("TensorFlow is not installed: pip install '.[test]'")
    findings = Findings(installed())
    if names:
        _add_cases(findings, names, golden)
    if runs:
        rows, findings.traces = training.gather(runs)
        findings.rows += rows
    return findings


def chosen(pattern: str) -> list[str]:
    """The cases with `pattern` in their name; SideError if there are none."""
    names = [name for name in CASES if pattern in name]
    if not names:
        raise sides.SideError(f"no case has {pattern!r} in its name")
    return names


def _add_cases(findings: Findings, names: list[str], golden: Path | None) -> None:
    if golden:
        theirs, ours = load.beside_minikeras(golden, names)
        made = {f"golden's {k}": version for k, version in theirs[VERSIONS].items()}
    else:
        theirs, ours = sides.run(names)
        made = theirs[VERSIONS]
    cpu = findings.versions["cpu"]
    findings.versions = {**made, **ours[VERSIONS], "cpu": cpu}
    for name in names:
        findings.rows += verdicts.rows_of(name, theirs[name], ours[name])
