"""`python -m parity record`, and `python -m parity --golden A --against B`."""

import argparse
import tempfile
from importlib import metadata
from pathlib import Path

from parity import REFERENCE, sides, training, verdicts
from parity.builtin import chosen
from parity.case import CASES
from parity.findings import Findings
from parity.golden import events, load, store
from parity.golden.load import DATA, by_topic
from parity.golden.pack import condense
from parity.golden.source import hash_of
from parity.golden.store import GoldenError
from parity.script import compare as recordings
from parity.script.recording import read
from parity.script.rows import rows_of, trace_of
from parity.sides import VERSIONS
from parity.training import RUNS
from parity.versions import cpu, installed


def compare(pattern: str, first: Path, second: Path) -> Findings:
    """The findings of the golden in `second` beside that in `first`."""
    names, runs = chosen(pattern)
    both = [load.load(folder, [*names, *runs]) for folder in (first, second)]
    labels = tuple(f"keras {outcomes[VERSIONS]['keras']}" for outcomes in both)
    if labels[0] == labels[1]:
        labels = (str(first), str(second))
    versions = {
        f"{label}: {package}": version
        for label, outcomes in zip(labels, both, strict=True)
        for package, version in outcomes[VERSIONS].items()
    }
    findings = Findings(versions)
    theirs, ours = load.comparable(*both)
    for name in names:
        findings.rows += verdicts.rows_of(name, theirs[name], ours[name], labels)
    _add_runs(findings, runs, both, labels)
    return findings


def _add_runs(findings: Findings, runs: list[str], both: list, labels: tuple) -> None:
    """Without a judge: what is rounding depends on the number of steps alone."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / side for side in ("first", "second")]
        failed: dict[str, str] = {}
        for label, folder, outcomes in zip(labels, folders, both, strict=True):
            for run, said in load.recordings(folder, outcomes).items():
                failed.setdefault(run, f"{label}: {said}")
        for run in runs:
            if run in failed:
                findings.rows.append(training.failure(run, failed[run]))
                continue
            found = recordings.compare(
                *(training.events_of(folder, run) for folder in folders), None
            )
            findings.rows += rows_of(run, found, "two goldens were compared")
            findings.traces.append(trace_of(run, found))
    for row in findings.rows:
        for miss in row.misses if row.case in runs else ():
            note = miss.note.replace("tf.keras", labels[0])
            miss.note = note.replace("minikeras", labels[1])


def record(arguments: list[str]) -> None:
    """Writes goldens; GoldenError or SideError where that is not possible."""
    parser = argparse.ArgumentParser(
        prog="python -m parity record",
        description="Stores what tf.keras computes in the built-in cases.",
    )
    parser.add_argument("--out", type=Path, default=DATA, metavar="FOLDER")
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="topics with such a case"
    )
    options = parser.parse_args(arguments)
    if not sides.has_tensorflow():
        raise GoldenError("record needs TensorFlow: pip install '.[test]'")
    is_reference = options.out.resolve() == DATA.resolve()
    if is_reference:
        _refuse_other_versions()
    files = by_topic([*CASES, *RUNS])
    if options.only not in files:
        files = {t: files[t] for t in by_topic(sum(chosen(options.only), []))}
    else:
        files = {options.only: files[options.only]}
    names = sum(files.values(), [])
    outcomes = _outcomes(names)
    failed = [name for name in names if outcomes[name]["error"]]
    if failed and is_reference:
        said = last_line(outcomes[failed[0]]["error"])
        raise GoldenError(f"{failed[0]} raised {said}; nothing was written")
    size = save(options.out, names, outcomes)
    print(f"{len(names)} cases, {len(files)} files, {size / 1e6:.2f} MB")
    for name in failed:
        print(f"{name} raised {last_line(outcomes[name]['error'])}")


def _outcomes(names: list[str]) -> dict:
    """What tf.keras gives now, as it is to be stored."""
    cases = [name for name in names if name in CASES]
    (outcomes,) = sides.run(cases, ["keras"]) if cases else [{VERSIONS: installed()}]
    made_with = (*REFERENCE, "numpy", "cpu")
    versions = {**outcomes[VERSIONS], "cpu": cpu()}
    outcomes[VERSIONS] = {name: versions[name] for name in made_with}
    for outcome in outcomes.values():
        if "results" in outcome:
            outcome["results"] = condense(outcome["results"])
    runs = [name for name in names if name in RUNS]
    with tempfile.TemporaryDirectory() as folder:
        failed = training.record_keras(runs, Path(folder)) if runs else {}
        for run in runs:
            entries = read(training.events_of(Path(folder), run))
            done = run not in failed
            results = {"events": events.to_plain(entries)} if done else {}
            outcomes[run] = {"results": results, "error": failed.get(run)}
    return outcomes


def _refuse_other_versions() -> None:
    """The goldens in the repository are those of one version."""
    for package, wanted in REFERENCE.items():
        try:
            found = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue  # another distribution has it
        if found != wanted:
            raise GoldenError(
                f"{package} {found} is installed, and {DATA} is for {wanted}: "
                "install that, or choose another folder with --out"
            )


def save(folder: Path, names: list[str], outcomes: dict) -> int:
    """Writes a file for each topic; returns the size of them all."""
    size = 0
    for topic, group in by_topic(names).items():
        cases = {
            name: {
                "source": hash_of(name),
                "error": outcomes[name]["error"],
                "results": outcomes[name]["results"],
            }
            for name in group
        }
        path = folder / f"{topic}.npz"
        try:
            store.write(path, {VERSIONS: outcomes[VERSIONS], "cases": cases})
        except OSError as error:
            raise GoldenError(f"{path} cannot be written ({error.strerror})") from error
        size += path.stat().st_size
    return size


def last_line(trace: str) -> str:
    return trace.strip().splitlines()[-1]
