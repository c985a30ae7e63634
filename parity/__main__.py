"""python -m parity: the built-in cases in real tf.keras and in minikeras, compared.
python -m parity SCRIPT.py [-- ARGUMENTS]: a script of your own, run with both.
python -m parity record: stores the tf.keras side of the cases, for --golden.
python -m parity fuzz: random networks, trained with both.
python -m parity mutants: planted faults, and which goldens and tests find them."""

import argparse
import json
import pathlib
import signal
import sys
from types import FrameType

from rich.console import Console

from parity import builtin, page, sides, table
from parity.findings import Findings
from parity.fuzz import command as fuzz
from parity.golden import command as golden
from parity.golden.load import DATA
from parity.mutants import command as mutants
from parity.script import report
from parity.script.processes import Options, ScriptError

WIDTH = 120  # of the table in a file or a pipe
MISSED, REFUSED = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """0 if all results agree, 1 if some miss, 2 if nothing could be compared."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["fuzz"]:
        return fuzz.main(given[1:])
    if given[:1] == ["mutants"]:
        return mutants.main(given[1:])
    if given[:1] == ["record"]:
        return record(given[1:])
    options, after = parse(given)
    if options.html and (obstacle := page.refusal(options.html)):
        return refuse(obstacle)
    if options.script:
        return compare_script(options, after)
    if options.against and not options.golden:
        return refuse("--against needs --golden")
    try:
        if options.against:
            findings = golden.compare(options.only, options.golden, options.against)
        else:
            findings = builtin.gather(options.only, options.golden)
    except sides.SideError as error:
        return refuse(str(error))
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    table.show(findings, console)
    write(options, findings, findings.to_dict())
    return 0 if findings.agree else MISSED


def write(options: argparse.Namespace, findings: Findings, content: dict) -> None:
    """The files that were asked for: `content` as JSON, the findings as a page."""
    if options.json:
        text = json.dumps(content, indent=1, allow_nan=False)
        options.json.write_text(text, encoding="utf-8")
    if options.html:
        page.write(findings, options.html)


def record(arguments: list[str]) -> int:
    """0 if goldens were written, else 2."""
    try:
        golden.record(arguments)
    except sides.SideError as error:
        return refuse(str(error))
    return 0


def compare_script(options: argparse.Namespace, arguments: list[str]) -> int:
    """0 if the script's two runs agree, 1 if they part, 2 if it cannot be said."""
    if not sides.has_tensorflow():
        return refuse("TensorFlow is not installed: pip install '.[test]'")
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    settings = Options(
        options.script,
        arguments,
        options.seed,
        options.max_steps,
        options.max_epochs,
        options.time_limit,
        options.prelude,
    )
    try:
        found = report.run(settings, console)
    except ScriptError as error:
        return refuse(str(error))
    write(options, found.findings(), found.to_dict())
    return MISSED if found.comparison.part else 0


def parse(given: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and what stands after `--`: the arguments of the script."""
    cut = given.index("--") if "--" in given else len(given)
    parser = argparse.ArgumentParser(prog="python -m parity", description=__doc__)
    parser.add_argument("script", nargs="?", help="a script of your own to compare")
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="cases with this in their name"
    )
    parser.add_argument(
        "--json", type=pathlib.Path, metavar="FILE", help="write the rows there"
    )
    parser.add_argument(
        "--golden",
        nargs="?",
        type=pathlib.Path,
        const=DATA,
        metavar="FOLDER",
        help="without TensorFlow: compare with what was recorded",
    )
    parser.add_argument(
        "--against",
        type=pathlib.Path,
        metavar="FOLDER",
        help="with --golden: another golden in the place of minikeras",
    )
    parser.add_argument(
        "--html", type=pathlib.Path, metavar="FILE", help="write a page to look at"
    )
    group = parser.add_argument_group("with a script")
    group.add_argument("--seed", type=int, default=0, help="set before it (default 0)")
    group.add_argument(
        "--max-steps",
        type=_positive,
        default=20,
        metavar="N",
        help="steps of each fit to compare in detail (default 20)",
    )
    group.add_argument(
        "--max-epochs", type=_positive, metavar="N", help="cut each fit to so many"
    )
    group.add_argument(
        "--time-limit",
        type=float,
        default=300.0,
        metavar="SECONDS",
        help="for each of the three runs (default 300)",
    )
    group.add_argument(
        "--prelude",
        metavar="MODULE",
        help="imported before the script on minikeras only, to plant a fault",
    )
    return parser.parse_args(given[:cut]), given[cut + 1 :]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def refuse(message: str) -> int:
    print(f"python -m parity: {message}", file=sys.stderr)
    return REFUSED


def end(number: int, frame: FrameType | None) -> None:
    """A polite end, on which the processes of both sides are ended too."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    sys.exit(main())
