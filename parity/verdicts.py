"""From the results of both sides to rows of a table: one for each case and quantity.

A quantity is the first part of a result's key: "gradient" of "gradient/dense/x".
"""

from parity.case import CASES, Tolerance
from parity.compare import NAMES, Difference, compare_case
from parity.findings import EXACT, REAL, ROUNDING, Miss, Row

FAILED = "failed"


def rows_of(
    name: str, expected: dict, actual: dict, names: tuple[str, str] = NAMES
) -> list[Row]:
    """The rows of one case. A side that raised makes a single row that says so."""
    for library, outcome in zip(names, (expected, actual), strict=True):
        if outcome["error"]:
            return [failure(name, library, outcome["error"])]
    case = CASES[name]
    rows: dict[str, Row] = {}
    for difference in compare_case(case, expected["results"], actual["results"], names):
        quantity = difference.key.partition("/")[0].partition("[")[0]
        row = rows.setdefault(quantity, Row(name, quantity))
        _count_in(row, difference, case.tolerance_of(difference.key))
    return list(rows.values())


def failure(name: str, library: str, error: str) -> Row:
    """The row of a case that a library cannot do at all."""
    last = error.strip().splitlines()[-1]
    return Row(name, FAILED, 1, verdict=REAL, misses=[Miss(library, f"raised {last}")])


def _count_in(row: Row, difference: Difference, tolerance: Tolerance) -> None:
    row.count += 1
    row.absolute = max(row.absolute, difference.absolute)
    row.ulps = max(row.ulps, difference.ulps)
    if row.allowed in ("", "exact"):
        row.allowed = in_words(tolerance)
    if not difference.agrees:
        row.misses.append(Miss(difference.key, difference.note))
        row.verdict = REAL
    elif difference.absolute and row.verdict == EXACT:
        row.verdict = ROUNDING


def in_words(tolerance: Tolerance) -> str:
    """ "4 ulp + 1e-07", or "exact"."""
    parts = []
    if tolerance.ulps:
        parts.append(f"{tolerance.ulps:g} ulp")
    if tolerance.absolute:
        parts.append(f"{tolerance.absolute:.2g}")
    if tolerance.relative:
        parts.append(f"{tolerance.relative:.2g} of it")
    return " + ".join(parts) or "exact"
