"""python -m parity mutants: does anything notice a fault in minikeras?"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from parity.mutants.fault import Fault, FaultError
from parity.mutants.faults import FAULTS
from parity.mutants.trial import Checks, Outcome, judge
from parity.turns import Team, TurnsError, working

FOUND, MISSED, FAILED = 0, 1, 2
WIDTH = 120  # of the table in a file or a pipe


def main(arguments: list[str]) -> int:
    """0 if each fault is found, 1 if one is not, 2 if it cannot be said."""
    options = parse(arguments)
    faults = [fault for fault in FAULTS if options.only in fault.name]
    if not faults:
        return _refuse(f"no fault has {options.only!r} in its name")
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    if options.list:
        for fault in faults:
            console.print(fault.name, markup=False, highlight=False, soft_wrap=True)
        return FOUND
    try:
        for fault in faults:
            fault.applied()
        with working(contextlib.nullcontext, _cores(), options.scheduler) as team:
            outcomes = _run(faults, team, console)
    except (FaultError, TurnsError) as error:
        return _refuse(str(error))
    _show(faults, outcomes, console)
    if options.json:
        rows = [{**asdict(outcome), "found": outcome.found} for outcome in outcomes]
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return FOUND if all(outcome.found for outcome in outcomes) else MISSED


def _run(faults: Sequence[Fault], team: Team[None], console: Console) -> list[Outcome]:
    """The outcomes, each printed as soon as it is there; FaultError where a check
    fails without a fault: what it finds would mean nothing."""
    sound = team.submit(_judge, (None, Checks.of_all(faults)))
    running = [team.submit(_judge, (fault, Checks.of(fault))) for fault in faults]
    if (before := sound.result()).found:
        failing = " and ".join(filter(None, (before.goldens, before.tests)))
        raise FaultError(f"without any fault there fails {failing}")
    outcomes: list[Outcome] = []
    for ended in running:
        outcome = ended.result()
        outcomes.append(outcome)
        for line in (
            outcome.fault if outcome.found else f"{outcome.fault}: NOT FOUND",
            f"    goldens: {outcome.goldens or '-'}",
            f"    tests:   {outcome.tests or '-'}",
        ):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    return outcomes


def _judge(_: None, item: tuple[Fault | None, Checks]) -> Outcome:
    return judge(*item)


def _show(
    faults: Sequence[Fault], outcomes: Sequence[Outcome], console: Console
) -> None:
    """How many faults of each family are found by what."""
    columns = ("faults", "both", "goldens alone", "tests alone", "neither")
    table = Table("family", *columns)
    rows: dict[str, list[int]] = {}
    for fault, outcome in zip(faults, outcomes, strict=True):
        by = 1 + 2 * (not outcome.goldens) + (not outcome.tests)
        for name in (fault.family, "all"):
            row = rows.setdefault(name, [0] * len(columns))
            row[0] += 1
            row[by] += 1
    rows["all"] = rows.pop("all")  # at the end
    for name, row in rows.items():
        table.add_row(name, *map(str, row))
    console.print(table)


def _cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m parity mutants",
        description="Plants faults in copies of minikeras, one at a time, and says "
        "which goldens and which tests find them.",
    )
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="faults with this in their name"
    )
    parser.add_argument("--list", action="store_true", help="their names alone")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write what was found there"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster that does the work"
    )
    return parser.parse_args(arguments)


def _refuse(message: str) -> int:
    print(f"python -m parity mutants: {message}", file=sys.stderr)
    return FAILED
