"""The built-in cases in both libraries: recorded, compared, put together."""

from pathlib import Path

from parity import cases, sides, table, verdicts  # noqa: F401  # cases fill CASES
from parity.case import CASES
from parity.findings import Findings
from parity.golden import load
from parity.record import VERSIONS


def gather(pattern: str = "", golden: Path | None = None) -> Findings:
    """The findings of the cases with `pattern` in their name; SideError if there are
    none or a library cannot run. `golden` is a folder with what tf.keras gave, to be
    taken instead of a run of TensorFlow now."""
    names = chosen(pattern)
    if golden:
        theirs, ours = load.beside_minikeras(golden, names)
        made = {f"golden's {k}": version for k, version in theirs[VERSIONS].items()}
    else:
        if not sides.has_tensorflow():
            raise sides.SideError("TensorFlow is not installed: pip install '.[test]'")
        theirs, ours = sides.run(names)
        made = theirs[VERSIONS]
    versions = {**made, **ours[VERSIONS], "cpu": table.cpu()}
    rows = [
        row
        for name in names
        for row in verdicts.rows_of(name, theirs[name], ours[name])
    ]
    return Findings(versions, rows)


def chosen(pattern: str) -> list[str]:
    """The cases with `pattern` in their name; SideError if there are none."""
    names = [name for name in CASES if pattern in name]
    if not names:
        raise sides.SideError(f"no case has {pattern!r} in its name")
    return names
