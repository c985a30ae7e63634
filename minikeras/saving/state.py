"""Counterpart: `_save_state` and `_load_state` of keras/src/saving/saving_lib.py.

Where a variable stands in a file follows from attributes: the Dense that a model has
as `self.out` in `out/vars`, the second one in the list `self.blocks` in
`blocks/dense_1/vars`. An object that is reached twice stands where it is reached
first. minikeras's layers have their parts under Keras's names, so this rule, read
from the attributes alone, gives Keras's own places.
"""

from collections.abc import Iterator
from functools import cache

from minikeras.layers import Layer
from minikeras.naming import to_snake_case
from minikeras.optimizers import Optimizer
from minikeras.saving.h5_store import StoredArrays, write_group

# How Sequential and Functional keep their layers, which `layers` gives already.
_BOOKKEEPING = frozenset({"_layers", "_input"})


def save_state(owner, file, write=write_group, assets=None, skip=()) -> None:
    """Writes the variables of a layer or optimizer, and of its parts except those in
    `skip`, by `write` into an open HDF5 file (or what takes its place), and their
    assets into a folder (saving/assets.py)."""
    _save(owner, file, "", {id(part) for part in skip or ()}, write, assets)


def _save(owner, file, path: str, seen: set, write, assets) -> None:
    if id(owner) in seen:
        return
    seen.add(id(owner))
    store: dict = {}
    owner.save_own_variables(store)
    name = getattr(owner, "name", None)
    write(file, path, store, name if isinstance(name, str) else None)
    if assets is not None and hasattr(owner, "save_assets"):
        owner.save_assets(assets.make(path))
    for inner, part in _parts(owner, path):
        _save(part, file, inner, seen, write, assets)


def load_state(owner, file, read=StoredArrays, assets=None, skip=()) -> list[tuple]:
    """Reads what `save_state` wrote; returns the (object, error) that failed."""
    failed: dict[int, tuple] = {}
    done = {id(part) for part in skip or ()}
    _load(owner, file, "", done, failed, read, assets)
    return list(failed.values())


def _load(owner, file, path, done: set, failed: dict, read, assets) -> None:
    # What failed at one place is tried again at the next: an older file may have it
    # there. So only what is loaded, or just being loaded, is done.
    if id(owner) in done:
        return
    done.add(id(owner))
    try:
        owner.load_own_variables(read(file, path))
        if assets is not None and hasattr(owner, "load_assets"):
            owner.load_assets(assets.get(path))
        failed.pop(id(owner), None)
    except Exception as error:  # whatever a user's own method raises
        failed.setdefault(id(owner), (owner, error))
    for inner, part in _parts(owner, path):
        _load(part, file, inner, done, failed, read, assets)
    if id(owner) in failed:
        done.discard(id(owner))


def _parts(owner, path: str) -> Iterator[tuple]:
    """(place in the file, part) for the layers and optimizers that `owner` has."""
    before = f"{path}/" if path else ""
    for name, value in _attributes(owner):
        if isinstance(value, (Layer, Optimizer)):
            yield before + name, value
        elif isinstance(value, (list, tuple, dict)):
            yield from _contents(value, before + name, set())


@cache
def _common(of_optimizers: bool) -> frozenset[str]:
    """The attributes that every optimizer, or every layer, has: never parts of it."""
    if of_optimizers:
        return frozenset(dir(Optimizer(1.0, name="any")))
    return frozenset(dir(Layer(name="any", dtype="float32")))


def _attributes(owner) -> Iterator[tuple]:
    """(name, value) by name, what begins with "_" last, `layers` of a chain or graph
    first."""
    if getattr(owner, "_layers_first", False):
        yield "layers", owner.layers
    names = set(dir(owner)) - _common(isinstance(owner, Optimizer)) - _BOOKKEEPING
    for name in sorted(names, key=lambda name: (name[0] == "_", name)):
        if name.startswith("__"):
            continue
        try:
            yield name, getattr(owner, name)
        except Exception:  # a property that has no value at the moment has no part
            continue


def _contents(container, path: str, seen: set) -> Iterator[tuple]:
    """The same for a list, tuple or dict: parts are counted by class."""
    if id(container) in seen:
        return
    seen.add(id(container))
    counts: dict[str, int] = {}

    def place(name: str) -> str:
        counts[name] = counts.get(name, -1) + 1
        return f"{path}/{name}_{counts[name]}" if counts[name] else f"{path}/{name}"

    for value in container.values() if isinstance(container, dict) else container:
        if isinstance(value, (Layer, Optimizer)):
            yield place(to_snake_case(type(value).__name__)), value
        elif isinstance(value, (list, tuple, dict)):
            yield from _contents(value, place("container"), seen)
