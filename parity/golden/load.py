"""Goldens as the outcomes that a run of tf.keras would give."""

from pathlib import Path

from parity import REFERENCE
from parity.case import CASES
from parity.golden import events, store
from parity.golden.pack import condense
from parity.golden.reduce import reduced
from parity.golden.source import hash_of
from parity.golden.store import GoldenError
from parity.script.recording import write
from parity.sides import VERSIONS
from parity.training import RUNS, events_of

DATA = Path(__file__).parent / "data"


def comparable(expected: dict, actual: dict) -> tuple[dict, dict]:
    """The cases of both with what can be compared of their large arrays."""
    expected, actual = dict(expected), dict(actual)
    for name in expected.keys() & CASES.keys():
        e, a = expected[name], actual[name]
        results = reduced(CASES[name], e["results"], condense(a["results"]))
        expected[name] = {**e, "results": results[0]}
        actual[name] = {**a, "results": results[1]}
    return expected, actual


def load(
    folder: Path, names: list[str], reference: dict[str, str] | None = None
) -> dict:
    """{case: outcome} as `sides.run` gives it for tf.keras, and under VERSIONS what
    all files were recorded with; `reference` are the versions that are asked for."""
    outcomes: dict = {}
    for topic, group in by_topic(names).items():
        path = folder / f"{topic}.npz"
        remedy = _remedy(folder, topic)
        content = store.read(path, remedy)
        versions = content[VERSIONS]
        for package, wanted in (reference or outcomes.get(VERSIONS, {})).items():
            if package in REFERENCE and versions[package] != wanted:
                raise GoldenError(
                    f"{path} was recorded with {package} {versions[package]}, "
                    f"and not {wanted}: {remedy} and {package} {wanted}"
                )
        outcomes.setdefault(VERSIONS, versions)
        for name in group:
            if name not in content["cases"]:
                raise GoldenError(f"{path} lacks the case {name}: {remedy}")
            outcome = content["cases"][name]
            if outcome.pop("source") != hash_of(name):
                raise GoldenError(
                    f"{path}: {name} was recorded from another version of this "
                    f"case: {remedy}"
                )
            outcomes[name] = outcome
    return outcomes


def recordings(folder: Path, outcomes: dict) -> dict[str, str]:
    """Writes the training runs among the outcomes of `load` as recordings into the
    folder; {name: why it failed} for those that tf.keras could not do."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = {}
    for name in outcomes.keys() & RUNS.keys():
        if outcomes[name]["error"]:
            failed[name] = outcomes[name]["error"]
        else:
            entries = events.from_plain(outcomes[name]["results"]["events"])
            write(events_of(folder, name), entries)
    return failed


def by_topic(names) -> dict[str, list[str]]:
    """{name of the file: cases in it}; a training run has a file of its own."""
    found: dict[str, list[str]] = {}
    for name in names:
        topic = name if name in RUNS else name.partition(".")[0]
        found.setdefault(topic, []).append(name)
    return found


def _remedy(folder: Path, topic: str) -> str:
    out = "" if folder == DATA else f" --out {folder}"
    return f"record it again with python -m parity record --only {topic}{out}"
