"""Goldens as the outcomes that a run of tf.keras would give."""

from pathlib import Path

from parity import REFERENCE, sides
from parity.case import CASES
from parity.golden import store
from parity.golden.pack import condense
from parity.golden.reduce import reduced
from parity.golden.source import hash_of
from parity.golden.store import GoldenError
from parity.record import VERSIONS

DATA = Path(__file__).parent / "data"


def beside_minikeras(folder: Path, names: list[str]) -> tuple[dict, dict]:
    """The outcomes in the golden, and those of minikeras now."""
    expected = load(folder, names, REFERENCE)
    (actual,) = sides.run(names, ["minikeras"])
    return comparable(expected, actual)


def two(first: Path, second: Path, names: list[str]) -> tuple[dict, dict]:
    """The outcomes in two goldens."""
    return comparable(load(first, names), load(second, names))


def comparable(expected: dict, actual: dict) -> tuple[dict, dict]:
    """Both with what can be compared of their large arrays."""
    expected, actual = dict(expected), dict(actual)
    for name in expected.keys() - {VERSIONS}:
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
            if outcome.pop("source") != hash_of(CASES[name]):
                raise GoldenError(
                    f"{path}: {name} was recorded from another version of this "
                    f"case: {remedy}"
                )
            outcomes[name] = outcome
    return outcomes


def by_topic(names) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


def _remedy(folder: Path, topic: str) -> str:
    out = "" if folder == DATA else f" --out {folder}"
    return f"record it again with python -m parity record --only {topic}{out}"
