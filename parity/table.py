"""The verdicts as a table in the terminal: one page, or all rows."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from parity.findings import EXACT, ROUNDING, Findings, Row
from parity.verdicts import FAILED

_MISSES = 5  # that are shown in full, of a row
_ROWS = (
    *("case", "quantity", "results", "largest difference", "in ulp"),
    *("allowed", "verdict"),
)
_TOPICS = (
    *("topic", "cases", "results", "exact", "rounding"),
    *("largest difference", "which is in", "verdict"),
)
_TO_THE_RIGHT = {"cases", "results", "largest difference", "in ulp", EXACT, ROUNDING}
_WIDEST = 40  # longer texts stick out
_PAGE = 40  # rows that are shown as they are


def show(findings: Findings, console: Console, everything: bool = False) -> None:
    """The misses in full, the table, and what was compared with what. More rows than
    fit on a page are summed up by topic unless `everything` is asked for."""
    rows = findings.rows
    missed = [row for row in rows if not row.agrees]
    summed_up = len(rows) > _PAGE and not everything
    if summed_up and missed:
        console.print(_table(_ROWS, map(_cells, missed)), soft_wrap=True)
    if not summed_up:
        console.print(_table(_ROWS, map(_cells, rows)), soft_wrap=True)
    for row in missed:
        _show_misses(row, console)
    if summed_up:
        if missed:
            console.print()
        console.print(_table(_TOPICS, _topics(rows)), soft_wrap=True)
    versions = findings.versions.items()
    console.print(", ".join(f"{name} {value}" for name, value in versions))
    total = sum(row.count for row in rows)
    said = f"{len(missed)} of {len(rows)} rows miss" if missed else "all agree"
    hint = "; --all shows each row" if summed_up else ""
    console.print(f"{total} results in {len(rows)} rows: {said}{hint}")


def _table(titles: tuple[str, ...], lines) -> Text:
    """One text with thousands of lines: rich's own tables take seconds for these."""
    cells = [titles, *lines]
    longest = (max(map(len, column)) for column in zip(*cells, strict=True))
    widths = [min(width, _WIDEST) for width in longest]
    text, before = Text(), None
    for line in cells:
        shown = ("" if line[0] == before else line[0], *line[1:])
        before = line[0]
        aligned = [
            cell.rjust(width) if title in _TO_THE_RIGHT else cell.ljust(width)
            for title, cell, width in zip(titles, shown, widths, strict=True)
        ]
        text.append("  ".join(aligned[:-1]) + "  ")
        text.append(line[-1] + "\n", "bold" if line is titles else _style(line[-1]))
    text.right_crop(1)
    return text


def _cells(row: Row) -> tuple[str, ...]:
    return (row.case, row.quantity, *_numbers(row), row.allowed, _verdict(row))


def _topics(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """A line for each topic, in their order: what its rows come to."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.case.partition(".")[0], []).append(row)
    return [_topic(name, of_topic) for name, of_topic in found.items()]


def _topic(name: str, rows: list[Row]) -> tuple[str, ...]:
    missed = sum(not row.agrees for row in rows)
    verdicts = [row.verdict for row in rows if row.agrees]
    counts = str(verdicts.count(EXACT)), str(verdicts.count(ROUNDING))
    cases = len({row.case for row in rows})
    said = _counted(missed) if missed else "agree"
    worst = max(rows, key=lambda row: row.absolute)
    where = f"{worst.case.partition('.')[2]}: {worst.quantity}"
    _, apart, _ = _numbers(worst)
    results = str(sum(row.count for row in rows))
    numbers = (name, str(cases), results, *counts, apart)
    return (*numbers, where if worst.absolute else "", said)


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
    return row.verdict if row.agrees else _counted(len(row.misses))


def _counted(misses: int) -> str:
    return f"{misses} {'misses' if misses > 1 else 'miss'}"


def _style(verdict: str) -> str:
    return "red" if "miss" in verdict else "green"
