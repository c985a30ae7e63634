"""The built-in cases and training runs in both libraries: recorded and compared."""

from importlib import metadata
from pathlib import Path

from parity import (  # cases fill CASES
    cases,  # noqa: F401
    sides,
    table,
    training,
    verdicts,
)
from parity.case import CASES
from parity.findings import Findings
from parity.record import VERSIONS
from parity.training import RUNS


def gather(
    pattern: str = "", keras_side: dict | None = None, keras_runs: Path | None = None
) -> Findings:
    """The findings of the cases and runs with `pattern` in their name; SideError if
    there are none or a library cannot run.

    `keras_side` are recorded outcomes of tf.keras by case and `keras_runs` is a folder
    with its recordings of the runs; without them TensorFlow runs now.
    """
    chosen = [name for name in CASES if pattern in name]
    runs = [name for name in RUNS if pattern in name]
    if not chosen and not runs:
        raise sides.SideError(f"no case has {pattern!r} in its name")
    asks_tensorflow = (chosen and not keras_side) or (runs and not keras_runs)
    if asks_tensorflow and not sides.has_tensorflow():
        raise sides.SideError("TensorFlow is not installed: pip install '.[test]'")
    findings = Findings(installed())
    if chosen:
        _add_cases(findings, chosen, pattern, keras_side)
    if runs:
        findings.rows, findings.traces = _with_runs(findings, runs, keras_runs)
    return findings


def installed() -> dict[str, str]:
    """The versions of what is compared, as far as it is installed."""
    found = {}
    for name in ("tensorflow", "keras", "minikeras", "numpy"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {**found, "cpu": table.cpu()}


def _add_cases(findings: Findings, names: list[str], pattern: str, keras_side) -> None:
    libraries = sides.LIBRARIES if keras_side is None else sides.LIBRARIES[1:]
    *recorded, ours = sides.run(libraries, pattern)
    theirs = recorded[0] if keras_side is None else keras_side
    cpu = findings.versions["cpu"]
    findings.versions = {**theirs[VERSIONS], **ours[VERSIONS], "cpu": cpu}
    for name in names:
        findings.rows += verdicts.rows_of(name, theirs[name], ours[name])


def _with_runs(findings: Findings, names: list[str], folder: Path | None) -> tuple:
    rows, traces = training.gather(names, folder)
    return findings.rows + rows, findings.traces + traces
