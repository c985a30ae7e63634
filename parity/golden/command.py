"""`python -m parity record`, and `python -m parity --golden A --against B`."""

import argparse
from importlib import metadata
from pathlib import Path

from parity import REFERENCE, sides, verdicts
from parity.builtin import chosen
from parity.case import CASES
from parity.findings import Findings
from parity.golden import load, store
from parity.golden.load import DATA, by_topic
from parity.golden.pack import condense
from parity.golden.source import hash_of
from parity.golden.store import GoldenError
from parity.record import VERSIONS
from parity.versions import cpu


def compare(pattern: str, first: Path, second: Path) -> Findings:
    """The findings of the golden in `second` beside that in `first`."""
    names = chosen(pattern)
    both = load.two(first, second, names)
    labels = tuple(f"keras {outcomes[VERSIONS]['keras']}" for outcomes in both)
    if labels[0] == labels[1]:
        labels = (str(first), str(second))
    versions = {
        f"{label}: {package}": version
        for label, outcomes in zip(labels, both, strict=True)
        for package, version in outcomes[VERSIONS].items()
    }
    rows = [
        row
        for name in names
        for row in verdicts.rows_of(name, both[0][name], both[1][name], labels)
    ]
    return Findings(versions, rows)


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
    topics = by_topic(chosen(options.only))
    names = [name for topic in topics for name in by_topic(CASES)[topic]]
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
    versions = {**outcomes[VERSIONS], "cpu": cpu()}
    size = 0
    for topic, group in by_topic(names).items():
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
