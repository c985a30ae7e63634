"""python -m parity fuzz: random networks in tf.keras and on minikeras, compared."""

import argparse
import functools
import sys
from pathlib import Path

from rich.console import Console

from parity import sides
from parity.fuzz import show
from parity.fuzz.draw import draw
from parity.fuzz.shrink import shrink
from parity.fuzz.spec import Draw
from parity.fuzz.text import script
from parity.fuzz.trial import PARTS, Outcome, Trial
from parity.script.processes import ScriptError
from parity.sides import PROCESSES
from parity.turns import Team, TurnsError, working

AGREES, FOUND, FAILED = 0, 1, 2
WIDTH = 120  # of the tables in a file or a pipe


def main(arguments: list[str], other: str = "keras") -> int:
    """0 if no draw parts by more than rounding, 1 if one does, 2 if none could run.

    `other` is the library that minikeras is compared with.
    """
    options = parse(arguments)
    if other == "keras" and not options.scheduler and not sides.has_tensorflow():
        return _refuse("TensorFlow is not installed: pip install '.[test]'")
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    indices = range(options.n) if options.only is None else [options.only]
    try:
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
        make = functools.partial(Trial, options.prelude, options.time_limit, other)
        count = max(min(PROCESSES, len(indices)), 1)
        with working(make, count, options.scheduler) as team:
            return _run(options, indices, team, console)
    except (ScriptError, TurnsError, OSError) as error:
        return _refuse(str(error))


def _run(
    options: argparse.Namespace, indices, team: Team[Trial], console: Console
) -> int:
    draws = [draw(options.seed, index) for index in indices]
    for index, drawn in zip(indices, draws, strict=True):
        _write(options.out, f"draw{index:04}.py", drawn)
    outcomes: list[Outcome] = []
    running = [team.submit(Trial.run, drawn) for drawn in draws]
    for index, drawn, found in zip(indices, draws, running, strict=True):
        outcome = found.result()
        outcomes.append(outcome)
        line = f"draw {index}: {outcome.verdict} {outcome.kind}"
        console.print(line.rstrip(), markup=False, highlight=False)
        if outcome.verdict == PARTS:
            small = _shrunk(drawn, outcome, team, options.tries, console)
            _write(options.out, f"draw{index:04}_small.py", small)
    show.coverage(draws, console)
    show.verdicts(outcomes, console)
    return FOUND if any(o.verdict == PARTS for o in outcomes) else AGREES


def _shrunk(
    drawn: Draw, outcome: Outcome, team: Team[Trial], tries: int, console: Console
) -> Draw:
    """Makes the draw smaller, prints its script and where it parts."""
    last = outcome

    def parts_alike(simpler: Draw) -> bool:
        nonlocal last
        found = team.run(Trial.run, simpler)
        alike = (found.verdict, found.kind) == (outcome.verdict, outcome.kind)
        if alike:
            last = found
        return alike

    small, tried = shrink(drawn, parts_alike, tries)
    console.rule(f"the smallest of {tried} that part in the same way", align="left")
    console.print(script(small), markup=False, highlight=False, soft_wrap=True)
    console.print(last.said, style="red", markup=False, soft_wrap=True)
    console.rule()
    return small


def _write(folder: Path | None, name: str, drawn: Draw) -> None:
    if folder:
        (folder / name).write_text(script(drawn), encoding="utf-8")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m parity fuzz", description=__doc__)
    parser.add_argument(
        "--n", type=_count, default=20, metavar="N", help="how many draws (default 20)"
    )
    parser.add_argument(
        "--seed", type=_count, default=0, help="other draws (default 0)"
    )
    parser.add_argument("--only", type=_count, metavar="K", help="draw K of the seed")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="write the scripts there"
    )
    parser.add_argument(
        "--tries",
        type=_count,
        default=150,
        metavar="N",
        help="how many smaller draws to try for one that parts (default 150)",
    )
    parser.add_argument(
        "--time-limit",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="for each of a draw's three runs (default 120)",
    )
    parser.add_argument(
        "--prelude",
        metavar="MODULE",
        help="imported before each script on minikeras only, to plant a fault",
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster that does the work"
    )
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _refuse(message: str) -> int:
    print(f"python -m parity fuzz: {message}", file=sys.stderr)
    return FAILED
