"""Checks of the arguments of fit, evaluate and predict, before anything is done."""

import numpy as np

from minikeras.caller import warn


def check_count(name: str, value, least: int = 1) -> None:
    """ValueError unless `value` is None or an integer of at least `least`."""
    if value is None:
        return
    is_integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_integer or value < least:
        kind = "a positive integer" if least == 1 else "a non-negative integer"
        raise ValueError(f"`{name}` must be {kind}. Received: {name}={value!r}")


def warn_of_unused(batch_size, iterator) -> None:
    """A warning where the data come in batches of their own, as in Keras."""
    if batch_size is not None and iterator.data_adapter.batch_size is None:
        warn(
            f"`batch_size={batch_size}` has no effect: the generator or PyDataset "
            "makes the batches."
        )


def check_fit_arguments(
    batch_size,
    epochs,
    initial_epoch,
    steps_per_epoch,
    validation_steps,
    validation_batch_size,
    validation_freq,
    validation_split,
    shuffle,
) -> None:
    """ValueError naming the first argument of `fit` that makes no sense."""
    check_count("batch_size", batch_size)
    if epochs is None:
        raise ValueError("`epochs` must be a positive integer. Received: epochs=None")
    check_count("epochs", epochs)
    check_count("initial_epoch", initial_epoch, least=0)
    check_count("steps_per_epoch", steps_per_epoch)
    check_count("validation_steps", validation_steps)
    check_count("validation_batch_size", validation_batch_size)
    if isinstance(validation_freq, (list, tuple)):
        for epoch in validation_freq:
            check_count("validation_freq", epoch)
    elif isinstance(validation_freq, (int, np.integer)):
        check_count("validation_freq", validation_freq)
    else:
        raise ValueError(
            "Expected `validation_freq` to be a list or int. Received: "
            f"validation_freq={validation_freq!r} of the type {type(validation_freq)}."
        )
    if not isinstance(validation_split, (int, float, np.number)) or not (
        0 <= validation_split < 1
    ):
        raise ValueError(
            "`validation_split` must be a number in (0, 1), or 0 for no validation. "
            f"Received: validation_split={validation_split!r}"
        )
    if shuffle not in (True, False, "batch"):
        raise ValueError(
            f"`shuffle` must be True, False or 'batch'. Received: shuffle={shuffle!r}"
        )


def check_verbose(verbose) -> None:
    """ValueError unless `verbose` is "auto", 0, 1 or 2."""
    if verbose not in ("auto", 0, 1, 2):
        raise ValueError(
            f"`verbose` must be 'auto', 0, 1 or 2. Received: verbose={verbose!r}"
        )
