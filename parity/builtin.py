"""The built-in cases in both libraries: recorded, compared, put together."""

from parity import cases, sides, table, verdicts  # noqa: F401  # cases fill CASES
from parity.case import CASES
from parity.findings import Findings
from parity.record import VERSIONS


def gather(pattern: str = "", keras_side: dict | None = None) -> Findings:
    """The findings of the cases with `pattern` in their name; SideError if there are
    none or a library cannot run. `keras_side` are recorded outcomes of tf.keras, by
    case, instead of a run of TensorFlow now."""
    chosen = [name for name in CASES if pattern in name]
    if not chosen:
        raise sides.SideError(f"no case has {pattern!r} in its name")
    if keras_side is None and not sides.has_tensorflow():
        raise sides.SideError("TensorFlow is not installed: pip install '.[test]'")
    libraries = sides.LIBRARIES if keras_side is None else sides.LIBRARIES[1:]
    *recorded, ours = sides.run(libraries, pattern)
    theirs = recorded[0] if keras_side is None else keras_side
    versions = {**theirs[VERSIONS], **ours[VERSIONS], "cpu": table.cpu()}
    rows = [
        row
        for name in chosen
        for row in verdicts.rows_of(name, theirs[name], ours[name])
    ]
    return Findings(versions, rows)
