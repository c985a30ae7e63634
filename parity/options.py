"""python -m parity: the built-in cases in real tf.keras and in minikeras, compared.
python -m parity SCRIPT.py [-- ARGUMENTS]: a script of your own, run with both.
python -m parity record: stores the tf.keras side of the cases, for --golden.
python -m parity fuzz: random networks, trained with both.
python -m parity mutants: planted faults, and which goldens and tests find them."""

import argparse
import math
from pathlib import Path

from parity import page
from parity.golden.load import DATA

COMMAND = "python -m parity"
WITH_SCRIPT = {
    "seed": 0,
    "max_steps": 20,
    "max_epochs": None,
    "time_limit": 300.0,
    "prelude": None,
}
WITHOUT_SCRIPT = ("only", "golden", "against", "all")


class Mistake(ValueError):
    """On the command line; the message is one line for the user."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise Mistake(message)


def parse(given: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and what stands after `--`: the arguments of the script. Mistake if
    something does not fit."""
    cut = given.index("--") if "--" in given else len(given)
    options, unknown = _parser().parse_known_args(given[:cut])
    arguments = given[cut + 1 :]
    obstacle = (
        _unknown(options, unknown)
        or _misplaced(options, arguments)
        or _unusable(options)
    )
    if obstacle:
        raise Mistake(obstacle)
    for name, default in WITH_SCRIPT.items():
        if getattr(options, name) is None:
            setattr(options, name, default)
    return options, arguments


def _parser() -> Parser:
    parser = Parser(prog=COMMAND, description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add(
        "script",
        nargs="?",
        help="a script of your own to compare; its own arguments stand after --",
    )
    add("--json", type=Path, metavar="FILE", help="write what was found there")
    add("--html", type=Path, metavar="FILE", help="write a page to look at")
    group = parser.add_argument_group("without a script")
    add = group.add_argument
    add("--only", metavar="PATTERN", help="cases with this in their name")
    add("--all", action="store_true", help="print all rows, not one for each topic")
    add(
        "--golden",
        nargs="?",
        type=Path,
        const=DATA,
        metavar="FOLDER",
        help="without TensorFlow: compare with what was recorded",
    )
    add(
        "--against",
        type=Path,
        metavar="FOLDER",
        help="with --golden: another golden in the place of minikeras",
    )
    group = parser.add_argument_group("with a script")
    add = group.add_argument
    add("--seed", type=_seed, metavar="N", help="set before it (default 0)")
    add(
        "--max-steps",
        type=_count,
        metavar="N",
        help="steps of each fit to compare in detail (default 20)",
    )
    add("--max-epochs", type=_count, metavar="N", help="cut each fit to so many")
    add(
        "--time-limit",
        type=_seconds,
        metavar="SECONDS",
        help="for each run of it (default 300)",
    )
    add(
        "--prelude",
        metavar="MODULE",
        help="imported before the script on minikeras only, to plant a fault",
    )
    return parser


def _unknown(options: argparse.Namespace, unknown: list[str]) -> str:
    if not unknown:
        return ""
    said = f"{unknown[0]!r} is no option of {COMMAND}"
    if options.script and Path(options.script).is_file():
        said = (
            f"{said}; arguments of the script stand after --: "
            f"{COMMAND} {options.script} -- {' '.join(unknown)}"
        )
    return said


def _misplaced(options: argparse.Namespace, arguments: list[str]) -> str:
    """What needs a script and has none, or the other way round."""
    if options.golden and options.golden.is_file():
        return (
            f"--golden takes a folder; received {options.golden}. A script is compared "
            f"with TensorFlow itself: {COMMAND} {options.golden}"
        )
    if options.script:
        for name in WITHOUT_SCRIPT:
            if getattr(options, name):
                return f"--{name} is for the built-in cases; it goes without a script"
        return ""
    for name in WITH_SCRIPT:
        if getattr(options, name) is not None:
            return f"--{name.replace('_', '-')} needs a script: {COMMAND} SCRIPT.py"
    if arguments:
        return f"{arguments[0]!r} stands after --, but there is no script to get it"
    return "--against needs --golden" if options.against and not options.golden else ""


def _unusable(options: argparse.Namespace) -> str:
    """Asked before the comparison, which takes minutes."""
    if options.html and (obstacle := page.refusal(options.html)):
        return obstacle
    if options.json and not options.json.absolute().parent.is_dir():
        return f"--json: there is no folder {options.json.absolute().parent}"
    if options.json and options.json.is_dir():
        return f"--json needs a file, and {options.json} is a folder"
    return ""


def _seed(text: str) -> int:
    return _number(text, int, 0, 2**32 - 1, "a whole number from 0 to 4294967295")


def _count(text: str) -> int:
    return _number(text, int, 1, math.inf, "a whole number of at least 1")


def _seconds(text: str) -> float:
    return _number(text, float, 1e-3, 1e9, "a number of seconds above 0")


def _number(text: str, kind: type, least: float, most: float, wanted: str):
    try:
        value = kind(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"expected {wanted}; received {text!r}")
    return value
