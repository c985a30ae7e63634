"""The verdicts as a table in the terminal."""

from rich.console import Console
from rich.text import Text

from parity.findings import Findings, Row
from parity.verdicts import FAILED

_MISSES = 5  # that are shown in full, of a row
_TITLES = (
    *("case", "quantity", "results", "largest difference", "in ulp"),
    *("allowed", "verdict"),
)
_NUMBERS = (2, 3, 4)  # columns that are aligned to the right
_WIDEST = 40  # longer texts stick out


def show(findings: Findings, console: Console) -> None:
    """The table, the misses in full, and what was compared with what."""
    console.print(_table(findings.rows), soft_wrap=True)
    for row in findings.rows:
        _show_misses(row, console)
    versions = findings.versions.items()
    console.print(", ".join(f"{name} {value}" for name, value in versions))
    rows = findings.rows
    missed = sum(not row.agrees for row in rows)
    total = sum(row.count for row in rows)
    said = f"{missed} of {len(rows)} rows miss" if missed else "all agree"
    console.print(f"{total} results in {len(rows)} rows: {said}")


def _table(rows: list[Row]) -> Text:
    """One text with thousands of lines: rich's own tables take seconds for these."""
    cells = [_TITLES, *(_cells(row) for row in rows)]
    longest = (max(map(len, column)) for column in zip(*cells, strict=True))
    widths = [min(width, _WIDEST) for width in longest]
    text, before = Text(), None
    for line in cells:
        shown = ("" if line[0] == before else line[0], *line[1:])
        before = line[0]
        aligned = [
            cell.rjust(width) if index in _NUMBERS else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(shown, widths, strict=True))
        ]
        text.append("  ".join(aligned[:-1]) + "  ")
        text.append(line[-1] + "\n", "bold" if line is _TITLES else _style(line[-1]))
    text.right_crop(1)
    return text


def _cells(row: Row) -> tuple[str, ...]:
    return (row.case, row.quantity, *_numbers(row), row.allowed, _verdict(row))


def _show_misses(row: Row, console: Console) -> None:
    for miss in row.misses[:_MISSES]:
        said = f"{row.case}: {miss.tensor}: {miss.note}"
        console.print(said, style="red", markup=False, soft_wrap=True)
    if len(row.misses) > _MISSES:
        console.print(f"{row.case}: … and {len(row.misses) - _MISSES} more")


def _numbers(row: Row) -> tuple[str, str, str]:
    if row.quantity == FAILED:
        return "", "", ""
    same = "0" if not row.absolute else f"{row.absolute:.2g}"
    return str(row.count), same, "0" if not row.ulps else f"{row.ulps:.3g}"


def _verdict(row: Row) -> str:
    if row.agrees:
        return row.verdict
    return f"{len(row.misses)} {'misses' if len(row.misses) > 1 else 'miss'}"


def _style(verdict: str) -> str:
    return "red" if "miss" in verdict else "green"
