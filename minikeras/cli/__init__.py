"""The command line: `minikeras iris` and others like it, `minikeras run SCRIPT`."""

import sys
from contextlib import nullcontext

from minikeras import __version__
from minikeras.cli import digits, iris, sequence
from minikeras.cli.export import export_script
from minikeras.cli.options import add_command, check
from minikeras.compat import run_script
from minikeras.datasets import sources

DESCRIPTION = """The Keras 3 API in pure NumPy.

  minikeras iris              train the tutorial's network on the iris flowers
  minikeras digits            train a small convolutional network on handwritten digits
  minikeras sequence          train an LSTM to tell odd from even along a string of bits
  minikeras run script.py     run a TensorFlow/Keras script on minikeras
                              (--synthetic-data: with made-up data sets)
  minikeras export script.py  run it so, and write its training down in NumPy alone"""

COMMANDS = {"iris": iris, "digits": digits, "sequence": sequence}


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns the exit status; 2 means a mistake in `argv`."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["run"] and argv[1:] and not argv[1].startswith("-"):
        return run_script(argv[1], argv[2:])  # what follows is the script's own
    parser = _parser()
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:  # after --help and --version 0, after a mistake 2
        return int(stop.code or 0)
    if options.command is None:
        parser.print_help()
        return 2
    if options.command == "run":
        with sources.made_up() if options.synthetic_data else nullcontext():
            return run_script(options.script, options.arguments)
    if options.command == "export":
        return export_script(options.script, options.arguments, options.output)
    try:
        check(options)
    except ValueError as error:
        return _refuse(str(error), f"minikeras {options.command}")
    chosen = dict(vars(options))
    COMMANDS[chosen.pop("command")].train(**chosen)
    return 0


def _parser():
    import argparse

    class Parser(argparse.ArgumentParser):
        def error(self, message):
            self.exit(_refuse(message, self.prog))

    parser = Parser(
        prog="minikeras",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"minikeras {__version__}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="run a script with tensorflow and keras meaning minikeras",
        description="Runs SCRIPT as Python would, with `import tensorflow` and "
        "`import keras` giving minikeras. TensorFlow need not be installed.",
    )
    run.add_argument(
        "--synthetic-data",
        action="store_true",
        help="keras.datasets gives made-up data of the real shapes and ranges, which "
        "needs no network; its scores say nothing about the real sets "
        f"(as {sources.VARIABLE}={sources.SYNTHETIC} in the environment)",
    )
    run.add_argument("script", metavar="SCRIPT")
    run.add_argument(
        "arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="the script's own"
    )
    export = commands.add_parser(
        "export",
        help="write the training of a script as a file that needs NumPy alone",
        description="Runs SCRIPT as `minikeras run` does, and writes the training step "
        "of its first `fit` as NumPy calls, with a loop that prints the same losses.",
    )
    export.add_argument(
        "-o", dest="output", metavar="FILE", default="step.py", help="(step.py)"
    )
    export.add_argument("script", metavar="SCRIPT")
    export.add_argument(
        "arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="the script's own"
    )
    for name, module in COMMANDS.items():
        add_command(commands, name, module)
    return parser


def _refuse(message: str, program: str) -> int:
    print(f"{program}: {message}", file=sys.stderr)
    return 2
