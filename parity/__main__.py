"""python -m parity: the built-in cases in real tf.keras and in minikeras, compared."""

import argparse
import json
import pathlib
import sys

from rich.console import Console

from parity import cases, sides, table, verdicts  # noqa: F401  # cases fill CASES
from parity.case import CASES
from parity.record import VERSIONS

WIDTH = 120  # of the table in a file or a pipe
MISSED, REFUSED = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """0 if all results agree, 1 if some miss, 2 if nothing could be compared."""
    options = parse(arguments)
    chosen = [name for name in CASES if options.only in name]
    if not chosen:
        return refuse(f"no case has {options.only!r} in its name")
    if not sides.has_tensorflow():
        return refuse("TensorFlow is not installed: pip install '.[test]'")
    try:
        keras, minikeras = sides.run(pattern=options.only)
    except sides.SideError as error:
        return refuse(str(error))
    found = {**keras[VERSIONS], **minikeras[VERSIONS], "cpu": table.cpu()}
    rows = [
        row
        for name in chosen
        for row in verdicts.rows_of(name, keras[name], minikeras[name])
    ]
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    table.show(rows, found, console)
    if options.json:
        content = {"versions": found, "rows": [row.to_dict() for row in rows]}
        options.json.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return MISSED if any(not row.agrees for row in rows) else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m parity", description=__doc__)
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="cases with this in their name"
    )
    parser.add_argument(
        "--json", type=pathlib.Path, metavar="FILE", help="write the rows there"
    )
    return parser.parse_args(arguments)


def refuse(message: str) -> int:
    print(f"python -m parity: {message}", file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
