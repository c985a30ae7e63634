"""The verdicts as a table in the terminal."""

import platform

from rich.console import Console
from rich.table import Table

from parity.findings import Findings, Row
from parity.verdicts import FAILED

_MISSES = 5  # that are shown in full, of a row


def cpu() -> str:
    """The processor's name, from Linux's /proc where there is one."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def show(findings: Findings, console: Console) -> None:
    """The table, the misses in full, and what was compared with what."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("case", "quantity"):
        table.add_column(title, overflow="fold")
    for title in ("results", "largest difference", "in ulp"):
        table.add_column(title, justify="right")
    table.add_column("allowed")
    table.add_column("verdict")
    before = None
    for row in findings.rows:
        case = "" if row.case == before else row.case
        before = row.case
        table.add_row(case, row.quantity, *_numbers(row), row.allowed, _verdict(row))
    console.print(table)
    for row in findings.rows:
        _show_misses(row, console)
    versions = findings.versions.items()
    console.print(", ".join(f"{name} {value}" for name, value in versions))
    rows = findings.rows
    missed = sum(not row.agrees for row in rows)
    total = sum(row.count for row in rows)
    said = f"{missed} of {len(rows)} rows miss" if missed else "all agree"
    console.print(f"{total} results in {len(rows)} rows: {said}")


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
    if not row.agrees:
        return (
            f"[red]{len(row.misses)} {'misses' if len(row.misses) > 1 else 'miss'}[/]"
        )
    return f"[green]{row.verdict}[/]"
