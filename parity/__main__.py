"""The command `python -m parity`; parity/options.py has what it takes."""

import argparse
import json
import signal
import sys
from types import FrameType

from rich.console import Console

from parity import builtin, page, sides, table
from parity.findings import Findings
from parity.fuzz import command as fuzz
from parity.golden import command as golden
from parity.mutants import command as mutants
from parity.options import COMMAND, Mistake, parse
from parity.script import report
from parity.script.processes import Options, ScriptError

WIDTH = 120  # of the table in a file or a pipe
MISSED, REFUSED, DROWNED = 1, 2, 3


def main(arguments: list[str] | None = None) -> int:
    """0 if all results agree, 1 if some miss, 2 if nothing could be compared, 3 if a
    script's runs agree up to a step from which rounding alone decides."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["fuzz"]:
        return fuzz.main(given[1:])
    if given[:1] == ["mutants"]:
        return mutants.main(given[1:])
    if given[:1] == ["record"]:
        return record(given[1:])
    try:
        options, after = parse(given)
    except Mistake as mistake:
        return refuse(str(mistake))
    if options.script:
        return compare_script(options, after)
    only = options.only or ""
    try:
        if options.against:
            findings = golden.compare(only, options.golden, options.against)
        else:
            findings = builtin.gather(only, options.golden)
    except sides.SideError as error:
        return refuse(str(error))
    table.show(findings, _console(), options.all)
    write(options, findings, findings.to_dict())
    return 0 if findings.agree else MISSED


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


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
    """0 if the script's two runs agree, 1 if they part, 2 if it cannot be said, 3 if
    they agree as far as can be said."""
    if not sides.has_tensorflow():
        return refuse("TensorFlow is not installed: pip install '.[test]'")
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
        found = report.run(settings, _console())
    except ScriptError as error:
        return refuse(str(error))
    write(options, found.findings(), found.to_dict())
    if found.comparison.part:
        return MISSED
    return DROWNED if found.comparison.drowned else 0


def refuse(message: str) -> int:
    print(f"{COMMAND}: {message}", file=sys.stderr)
    return REFUSED


def end(number: int, frame: FrameType | None) -> None:
    """A polite end, on which the processes of both sides are ended too."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    sys.exit(main())
