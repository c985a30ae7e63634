"""The command line: `minikeras iris` and `minikeras run SCRIPT`."""

import sys

from minikeras import __version__, plotting
from minikeras.cli import iris
from minikeras.compat import run_script

DESCRIPTION = """The Keras 3 API in pure NumPy.

  minikeras iris              train the tutorial's network on the iris flowers
  minikeras run script.py     run a TensorFlow/Keras script on minikeras"""


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
        return run_script(options.script, options.arguments)
    try:
        _check(options)
    except ValueError as error:
        return _refuse(str(error), "minikeras iris")
    iris.train(
        model=options.model,
        epochs=options.epochs,
        seed=options.seed,
        verbose=options.verbose,
        plot=options.plot,
    )
    return 0


def _check(options) -> None:
    """Raises ValueError for what would only fail after the training."""
    if options.epochs < 1:
        raise ValueError(f"--epochs: expected at least 1, got {options.epochs}")
    if not 0 <= options.seed < 2**32:
        raise ValueError(f"--seed: expected 0 to 2**32 - 1, got {options.seed}")
    if options.plot is not None:
        try:
            plotting.check_target(options.plot)
        except ValueError as error:
            raise ValueError(f"--plot: {error}") from error


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
    run.add_argument("script", metavar="SCRIPT")
    run.add_argument("arguments", metavar="ARGS", nargs="*", help="the script's own")
    _add_iris(commands)
    return parser


def _add_iris(commands) -> None:
    command = commands.add_parser(
        "iris",
        help="train the tutorial's network on the iris flowers",
        description="Trains Dense(3, softmax, L2) with SGD on 120 iris flowers, "
        "30 more for validation, and shows what it learned.",
    )
    command.add_argument("--epochs", type=int, default=500, help="default: %(default)s")
    command.add_argument(
        "--seed",
        type=int,
        default=1024,
        help="of the weights and the batch order; default: %(default)s",
    )
    command.add_argument(
        "--model",
        choices=("sequential", "subclass"),
        default="sequential",
        help="how the network is written; default: %(default)s",
    )
    command.add_argument(
        "--plot",
        metavar="FILE",
        help="draw the curves and decision regions to FILE, .png or .svg "
        "(needs the extra: pip install 'minikeras[plot]')",
    )
    command.add_argument(
        "--verbose",
        type=int,
        choices=(0, 1, 2),
        default=1,
        help="Keras's progress: 0 none, 1 bars, 2 a line an epoch; default: "
        "%(default)s",
    )


def _refuse(message: str, program: str) -> int:
    print(f"{program}: {message}", file=sys.stderr)
    return 2
