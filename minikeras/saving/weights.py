"""Counterpart: save_weights and load_weights of keras/src/saving/saving_api.py."""

from contextlib import ExitStack
from typing import Any

from minikeras.caller import warn
from minikeras.saving.archive import WEIGHTS, Members, may_write, written_whole
from minikeras.saving.h5_store import StoredArrays, open_h5
from minikeras.saving.sharded import (
    ShardReader,
    ShardWriter,
    index_path,
    written_shards,
)
from minikeras.saving.state import load_state, save_state


def save_weights(
    model, filepath, overwrite=True, max_shard_size=None, objects_to_skip=None
) -> None:
    """Writes the weights, and the state of the optimizer, to a `.weights.h5` file.

    With `max_shard_size` in GB, to files of at most that size, of which the
    `.weights.json` file tells (saving/sharded.py). Earlier files stay whole until
    the new ones are complete. `objects_to_skip` are layers or optimizers.
    """
    path = str(filepath)
    if max_shard_size is None and not path.endswith(".weights.h5"):
        raise ValueError(
            f"The filename must end in `.weights.h5`. Received: filepath={filepath!r}"
        )
    if not path.endswith(("weights.h5", "weights.json")):
        raise ValueError(
            "The filename must end in `.weights.json` when `max_shard_size` is given. "
            f"Received: filepath={filepath!r}"
        )
    if not model.built:
        raise ValueError(
            f"Model '{model.name}' has no weights yet to save. Call it on some data, "
            "or call `build()`, first."
        )
    if max_shard_size is None:
        if may_write(path, overwrite):
            with written_whole(path) as stream, open_h5(stream, "w") as file:
                save_state(model, file, skip=objects_to_skip)
        return
    path = index_path(path)
    if may_write(path, overwrite):
        with written_shards(path, max_shard_size) as shards:
            save_state(model, shards, ShardWriter.write, skip=objects_to_skip)


def load_weights(model, filepath, skip_mismatch=False, objects_to_skip=None) -> None:
    """Reads the weights of a `.weights.h5`, `.weights.json` or `.keras` file into a
    built model.

    All of them or, with a ValueError, none; `skip_mismatch` reads what fits, and
    warns of the rest. `objects_to_skip` are layers or optimizers.
    """
    path = str(filepath)
    if not path.endswith((".weights.h5", "weights.json", ".keras")):
        raise ValueError(
            "Expected a file that ends in `.weights.h5`, `.weights.json` or `.keras` "
            f"(or `.h5`). Received: filepath={filepath!r}"
        )
    zipped = path.endswith(".keras")
    if zipped and objects_to_skip is not None:
        raise ValueError(
            "`objects_to_skip` goes with `.weights.h5` and `.weights.json` files. "
            f"Received: filepath={filepath!r}"
        )
    check_built(model)
    options = {"skip_mismatch": skip_mismatch, "skip": objects_to_skip}
    with ExitStack() as files:
        if path.endswith(".json"):
            shards = ShardReader(path, files)
            load_all(model, shards, read=ShardReader.arrays, **options)
            return
        source: Any = path
        if zipped:
            source, _ = files.enter_context(Members(path)).stream(WEIGHTS)
        load_all(model, files.enter_context(open_h5(source, "r")), **options)


def check_built(model) -> None:
    """ValueError for a model that has nothing to be loaded into."""
    if not model.built:
        raise ValueError(
            f"Model '{model.name}' has no weights yet to load into. Call it on some "
            "data, or call `build()`, first."
        )


def load_all(
    model, file, skip_mismatch=False, read=StoredArrays, assets=None, skip=None
) -> None:
    """Reads the state of a model from an open file, or leaves it as it is."""
    variables = list(model.variables)
    if model.optimizer is not None:
        variables += model.optimizer.variables
    before = [variable.value for variable in variables]
    try:
        failed = load_state(model, file, read, assets, skip)
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
