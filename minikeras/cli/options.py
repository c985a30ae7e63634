"""What the training commands have in common: their options, and the checks of them.

A command is a module with HELP, DESCRIPTION, EPOCHS (the default), PLOT (what a
figure of it shows), `train(**options)` and perhaps `add_options(command)`.
"""

from minikeras.cli import plotting


def add_command(commands, name: str, module) -> None:
    """Adds the parser of a training command."""
    command = commands.add_parser(
        name, help=module.HELP, description=module.DESCRIPTION
    )
    command.add_argument(
        "--epochs", type=int, default=module.EPOCHS, help="default: %(default)s"
    )
    command.add_argument(
        "--seed",
        type=int,
        default=1024,
        help="of the weights and the batch order; default: %(default)s",
    )
    if hasattr(module, "add_options"):
        module.add_options(command)
    command.add_argument(
        "--plot",
        metavar="FILE",
        help=f"draw {module.PLOT} to FILE, .png or .svg "
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


def check(options) -> None:
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
