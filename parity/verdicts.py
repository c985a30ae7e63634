"""From the results of both sides to rows of a table: one for each case and quantity.

A quantity is the first part of a result's key: "gradient" of "gradient/dense/x".
"""

from dataclasses import asdict, dataclass, field

from parity.case import CASES, Tolerance
from parity.compare import NAMES, Difference, compare_case

FAILED = "failed"


@dataclass
class Row:
    """The worst of a case's results of one kind, and how many there are."""

    case: str
    quantity: str
    count: int = 0
    absolute: float = 0.0
    ulps: float = 0.0
    allowed: str = ""
    misses: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.misses

    def to_dict(self) -> dict:
        return {**asdict(self), "agrees": self.agrees}


def rows_of(
    name: str, expected: dict, actual: dict, names: tuple[str, str] = NAMES
) -> list[Row]:
    """The rows of one case. A side that raised makes a single row that says so."""
    for library, outcome in zip(names, (expected, actual), strict=True):
        if outcome["error"]:
            last = outcome["error"].strip().splitlines()[-1]
            return [Row(name, FAILED, 1, misses=[f"{library} raised {last}"])]
    case = CASES[name]
    rows: dict[str, Row] = {}
    for difference in compare_case(case, expected["results"], actual["results"], names):
        quantity = difference.key.partition("/")[0].partition("[")[0]
        row = rows.setdefault(quantity, Row(name, quantity))
        _count_in(row, difference, case.tolerance_of(difference.key))
    return list(rows.values())


def _count_in(row: Row, difference: Difference, tolerance: Tolerance) -> None:
    row.count += 1
    row.absolute = max(row.absolute, difference.absolute)
    row.ulps = max(row.ulps, difference.ulps)
    if row.allowed in ("", "exact"):
        row.allowed = in_words(tolerance)
    if not difference.agrees:
        row.misses.append(f"{difference.key}: {difference.note}")


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
