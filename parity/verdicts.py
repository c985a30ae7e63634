"""From the results of both sides to rows of a table: one for each case and quantity.

A quantity is the first part of a result's key: "gradient" of "gradient/dense/x".
"""

from parity.case import CASES, Case, Tolerance
from parity.compare import NAMES, Difference, compare_case
from parity.findings import REAL, ROUNDING, Miss, Row

FAILED = "failed"


def rows_of(
    name: str,
    expected: dict,
    actual: dict,
    names: tuple[str, str] = NAMES,
    judge: dict | None = None,
) -> list[Row]:
    """The rows of one case. A side that raised makes a single row that says so.
    `judge` is the outcome of minikeras's float64 run."""
    for library, outcome in zip(names, (expected, actual), strict=True):
        if outcome["error"]:
            return [failure(name, library, outcome["error"])]
    case = CASES[name]
    results = expected["results"], actual["results"]
    exact = judge["results"] if judge else None
    found: dict[str, list[Difference]] = {}
    for difference in compare_case(case, *results, names, exact):
        quantity = difference.key.partition("/")[0].partition("[")[0]
        found.setdefault(quantity, []).append(difference)
    return [_row(case, quantity, parts) for quantity, parts in found.items()]


def failure(name: str, library: str, error: str) -> Row:
    """The row of a case that a library cannot do at all."""
    last = error.strip().splitlines()[-1]
    return Row(name, FAILED, 1, verdict=REAL, misses=[Miss(library, f"raised {last}")])


def _row(case: Case, quantity: str, parts: list[Difference]) -> Row:
    row = Row(case.name, quantity, len(parts))
    row.absolute = max(difference.absolute for difference in parts)
    row.ulps = max(difference.ulps for difference in parts)
    row.allowed = _allowed(case, parts)
    missed = [difference for difference in parts if not difference.agrees]
    row.misses = [Miss(d.key, d.note, list(d.worst)) for d in missed]
    if row.misses:
        row.verdict = REAL
    elif row.absolute:
        row.verdict = ROUNDING
    return row


def _allowed(case: Case, parts: list[Difference]) -> str:
    """What decided: of the results that differ, or of all if none does. The float64
    run's word is of the result that lies furthest apart."""
    differ = [difference for difference in parts if difference.absolute] or parts
    judged = [d for d in differ if d.allowed is not None]
    others = [d for d in differ if d.allowed is None]
    said = []
    if judged:
        widest = max(judged, key=lambda d: (d.absolute, d.allowed))
        said.append(f"{widest.allowed:.2g} by float64")
    if others:
        tolerances = [in_words(case.tolerance_of(d.key)) for d in others]
        loosest = next((words for words in tolerances if words != "exact"), "exact")
        count = f" for {len(others)}" if judged else ""
        said.append(f"{loosest}{count}")
    return "; ".join(said)


def in_words(tolerance: Tolerance) -> str:
    """ "4 ulp + 1e-07", "exact", or the values of which each is right."""
    if tolerance.values:
        return "one of " + ", ".join(map(str, tolerance.values))
    parts = []
    if tolerance.ulps:
        parts.append(f"{tolerance.ulps:g} ulp")
    if tolerance.absolute:
        parts.append(f"{tolerance.absolute:.2g}")
    if tolerance.relative:
        parts.append(f"{tolerance.relative:.2g} of it")
    return " + ".join(parts) or "exact"
