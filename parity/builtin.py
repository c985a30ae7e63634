"""The built-in cases and training runs in both libraries: recorded and compared."""

import tempfile
from pathlib import Path

from parity import REFERENCE, cases, sides, training, verdicts  # noqa: F401
from parity.case import CASES
from parity.findings import Findings
from parity.golden import load
from parity.progress import doing
from parity.sides import VERSIONS
from parity.training import RUNS
from parity.versions import installed


def gather(pattern: str = "", golden: Path | None = None) -> Findings:
    """The findings of the cases and runs with `pattern` in their name; SideError if
    there are none or a library cannot run. `golden` is a folder with what tf.keras
    gave, to be taken instead of a run of TensorFlow now."""
    names, runs = chosen(pattern)
    if not golden and not sides.has_tensorflow():
        raise sides.SideError("TensorFlow is not installed: pip install '.[test]'")
    kept = load.load(golden, [*names, *runs], REFERENCE) if golden else None
    findings = Findings(installed())
    if kept:
        cpu = findings.versions.pop("cpu")
        made = {f"golden's {k}": version for k, version in kept[VERSIONS].items()}
        own = {k: findings.versions[k] for k in ("numpy", "minikeras")}
        findings.versions = {**made, **own, "cpu": cpu}
    if names:
        _add_cases(findings, names, kept)
    if runs:
        _add_runs(findings, runs, kept)
    return findings


def chosen(pattern: str) -> tuple[list[str], list[str]]:
    """The cases and the runs with `pattern` in their name; SideError if there are
    none."""
    names, runs = ([name for name in all_ if pattern in name] for all_ in (CASES, RUNS))
    if not names and not runs:
        raise sides.SideError(f"no case has {pattern!r} in its name")
    return names, runs


def _add_cases(findings: Findings, names: list[str], kept: dict | None) -> None:
    count = f"{len(names)} case{'s' if len(names) > 1 else ''}"
    if kept:
        with doing(f"{count} on minikeras"):
            (ours,) = sides.run(names, ["minikeras"])
        theirs, ours = load.comparable(kept, ours)
        for name in names:
            findings.rows += verdicts.rows_of(name, theirs[name], ours[name])
        return
    said = f"{count} with tf.keras, on minikeras and in float64"
    with (
        sides.running(names, (*sides.LIBRARIES, sides.JUDGE)) as (keras, own, judge),
        doing(said, len(names)) as done,
    ):
        findings.versions |= keras.result(VERSIONS) | own.result(VERSIONS)
        for name in names:  # each as soon as all three have it
            both = keras.result(name), own.result(name)
            findings.rows += verdicts.rows_of(name, *both, judge=judge.result(name))
            done()


def _add_runs(findings: Findings, runs: list[str], kept: dict | None) -> None:
    said = f"{len(runs)} training run{'s' if len(runs) > 1 else ''}"
    if not kept:
        with doing(f"{said} with tf.keras, on minikeras and in float64"):
            rows, findings.traces = training.gather(runs)
        findings.rows += rows
        return
    with tempfile.TemporaryDirectory() as name:
        failed = load.recordings(Path(name), kept)
        able = [run for run in runs if run not in failed]
        with doing(f"{said} on minikeras and in float64"):
            rows, findings.traces = training.gather(able, Path(name))
    findings.rows += [training.failure(run, said) for run, said in failed.items()]
    findings.rows += rows
