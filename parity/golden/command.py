"""`python -m parity record`, and the two sides of `python -m parity --golden`."""

import argparse
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from parity import REFERENCE, sides, table
from parity.case import CASES
from parity.compare import NAMES
from parity.golden import store
from parity.golden.pack import condense
from parity.golden.reduce import reduced
from parity.golden.source import hash_of
from parity.golden.store import GoldenError
from parity.record import VERSIONS

DATA = Path(__file__).parent / "data"


@dataclass
class Pair:
    """Two sides' outcomes by case, what to call the sides, and their versions."""

    expected: dict
    actual: dict
    names: tuple[str, str]
    versions: dict[str, str]


def pair(names: list[str], folder: Path | None, against: Path | None) -> Pair:
    """tf.keras, or the golden in `folder`, and minikeras, or the one in `against`."""
    if folder is None:
        expected, actual = sides.run(names)
        versions = {**expected[VERSIONS], **actual[VERSIONS], "cpu": table.cpu()}
        return Pair(expected, actual, NAMES, versions)
    expected = load(folder, names, None if against else REFERENCE)
    if against:
        actual = load(against, names, None)
        labels, versions = _two_goldens(folder, expected, against, actual)
    else:
        (actual,) = sides.run(names, ["minikeras"])
        labels = NAMES
        made = {f"golden's {k}": v for k, v in expected[VERSIONS].items()}
        versions = {**made, **actual[VERSIONS], "cpu": table.cpu()}
    for name in names:
        e, a = expected[name], actual[name]
        e["results"], a["results"] = reduced(
            CASES[name], e["results"], condense(a["results"])
        )
    return Pair(expected, actual, labels, versions)


def _two_goldens(first: Path, a: dict, second: Path, b: dict):
    """Their labels, the versions of Keras if these differ, and all versions."""
    labels = [f"keras {side[VERSIONS]['keras']}" for side in (a, b)]
    if labels[0] == labels[1]:
        labels = [str(first), str(second)]
    versions = {
        f"{label}: {package}": version
        for label, side in zip(labels, (a, b), strict=True)
        for package, version in side[VERSIONS].items()
    }
    return tuple(labels), versions


def load(folder: Path, names: list[str], reference: dict[str, str] | None) -> dict:
    """{case: outcome} as `sides.run` gives it for tf.keras, and under VERSIONS what
    all files were recorded with; `reference` are the versions that are asked for."""
    outcomes: dict = {}
    for topic, group in _by_topic(names).items():
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


def _by_topic(names) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


def _remedy(folder: Path, topic: str) -> str:
    out = "" if folder == DATA else f" --out {folder}"
    return f"record it again with python -m parity record --only {topic}{out}"


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
    topics = {name.partition(".")[0] for name in CASES if options.only in name}
    names = [name for name in CASES if name.partition(".")[0] in topics]
    if not names:
        raise GoldenError(f"no case has {options.only!r} in its name")
    (outcomes,) = sides.run(names, ["keras"])
    failed = [name for name in names if outcomes[name]["error"]]
    if failed and is_reference:
        said = last_line(outcomes[failed[0]]["error"])
        raise GoldenError(f"{failed[0]} raised {said}; nothing was written")
    size = save(options.out, names, outcomes)
    print(f"{len(names)} cases, {len(topics)} files, {size / 1e6:.2f} MB")
    for name in failed:
        print(f"{name} raised {last_line(outcomes[name]['error'])}")


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
    versions = {**outcomes[VERSIONS], "cpu": table.cpu()}
    size = 0
    for topic, group in _by_topic(names).items():
        cases = {
            name: {
                "source": hash_of(CASES[name]),
                "error": outcomes[name]["error"],
                "results": condense(outcomes[name]["results"]),
            }
            for name in group
        }
        path = folder / f"{topic}.npz"
        try:
            store.write(path, {VERSIONS: versions, "cases": cases})
        except OSError as error:
            raise GoldenError(f"{path} cannot be written ({error.strerror})") from error
        size += path.stat().st_size
    return size


def last_line(trace: str) -> str:
    return trace.strip().splitlines()[-1]
