"""Counterpart: save_weights and load_weights of keras/src/saving/saving_api.py."""

import contextlib
from typing import Any

from minikeras.caller import warn
from minikeras.saving.archive import WEIGHTS, Members, may_write, written_whole
from minikeras.saving.h5_store import open_h5
from minikeras.saving.state import load_state, save_state


def save_weights(model, filepath, overwrite=True) -> None:
    """Writes the weights, and the state of the optimizer, to a `.weights.h5` file.

    An earlier file stays whole until the new one is complete."""
    path = str(filepath)
    if not path.endswith(".weights.h5"):
        raise ValueError(
            f"The filename must end in `.weights.h5`. Received: filepath={filepath!r}"
        )
    if may_write(path, overwrite):
        with written_whole(path) as stream, open_h5(stream, "w") as file:
            save_state(model, file)


def load_weights(model, filepath, skip_mismatch=False) -> None:
    """Reads the weights of a `.weights.h5` or `.keras` file into a built model.

    All of them or, with a ValueError, none; `skip_mismatch` reads what fits, and
    warns of the rest.
    """
    path = str(filepath)
    if not path.endswith((".weights.h5", ".keras")):
        raise ValueError(
            "Expected a file that ends in `.weights.h5` or `.keras`. "
            f"Received: filepath={filepath!r}"
        )
    if not model.built:
        raise ValueError(
            f"Model '{model.name}' has no weights yet to load into. Call it on some "
            "data, or call `build()`, first."
        )
    with contextlib.ExitStack() as stack:
        source: Any = path
        if path.endswith(".keras"):
            source, _ = stack.enter_context(Members(path)).stream(WEIGHTS)
        load_all(model, stack.enter_context(open_h5(source, "r")), skip_mismatch)


def load_all(model, file, skip_mismatch=False) -> None:
    """Reads the state of a model from an open file, or leaves it as it is."""
    variables = list(model.variables)
    if model.optimizer is not None:
        variables += model.optimizer.variables
    before = [variable.value for variable in variables]
    try:
        failed = load_state(model, file)
        if failed:
            _complain(failed, skip_mismatch)
    except BaseException:
        for variable, value in zip(variables, before, strict=True):
            variable.value = value
        raise


def _complain(failed: list[tuple], skip_mismatch: bool) -> None:
    owner, error = failed[0]
    names = [getattr(one, "name", type(one).__name__) for one, _ in failed]
    message = (
        f"A total of {len(failed)} objects could not be loaded: {names}. "
        f"The first of them, {owner!r}: {error}"
    )
    if not skip_mismatch:
        raise ValueError(message) from error
    warn(message)
