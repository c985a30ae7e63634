"""Counterpart: ShardedH5IOStore of keras/src/saving/saving_lib.py. Weights in several
files, none larger than a limit.

"x.weights.json" is the index of x_00000.weights.h5, x_00001.weights.h5…: it tells for
each object which of them has its arrays, or in which ones they lie.

{"metadata": {"total_size": 64.0},
 "weight_map": {"/layers/dense/vars": "x_00000.weights.h5", …}}
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from math import prod
from typing import Any

import numpy as np

from minikeras.autodiff import as_array
from minikeras.caller import warn
from minikeras.saving.archive import inside, written_whole
from minikeras.saving.h5_store import StoredArrays, open_h5, write_group
from minikeras.saving.plain_json import parse_json
from minikeras.utils.summary_utils import readable_memory_size

_LONGEST_INDEX = 1 << 28


def index_path(path: str) -> str:
    """The path of the index for this path; another ending than `.json` is changed."""
    root, ending = os.path.splitext(path)
    if ending == ".json":
        return path
    warn(
        "Sharded weights need a path that ends in `.json`. The files belong to "
        f"{root}.json, not to {path}"
    )
    return f"{root}.json"


@contextmanager
def written_shards(index: str, max_shard_size: float) -> Iterator["ShardWriter"]:
    """What takes arrays within the block, and stands as shards and their index once
    it is left; until then, and if it raises, earlier files are whole.

    The index is replaced in one go, twice: the first one names the new shards by
    the names that they were written under, so that it holds at each moment, while
    they take the places of earlier ones.
    """
    writer = ShardWriter(index, max_shard_size)
    disposable = writer.partials
    try:
        with writer.files:
            writer.begin_shard()
            yield writer
        writer.write_index(writer.partials)
        disposable = {}
        for name, partial in writer.partials.items():
            _give_name(partial, os.path.join(writer.folder, name))
        writer.write_index({})
        disposable = writer.partials
    finally:
        for partial in disposable.values():
            if os.path.exists(partial):
                os.remove(partial)


class ShardWriter:
    """Writes arrays into one shard after the other.

    Args: `index` is the path of the index; `max_shard_size` is in gigabytes (2³⁰).
    """

    def __init__(self, index: str, max_shard_size: float):
        self.index = index
        self.folder = os.path.dirname(index)
        self.limit = float(max_shard_size) * 1024**3
        stem = os.path.basename(index).removesuffix(".json")
        self._base = stem.replace(".weights", "")
        self.partials: dict[str, str] = {}  # where a shard is written, by its name
        self.files = ExitStack()
        self._sizes: list[float] = []  # of the arrays in each shard, in bytes
        self._places: dict[str, list[str]] = {}  # a shard for each array

    def begin_shard(self) -> None:
        """The arrays that come next go into a file of their own."""
        self.files.close()
        self._shard = f"{self._base}_{len(self.partials):05}.weights.h5"
        partial = _unused(os.path.join(self.folder, self._shard))
        self._file = open_h5(partial, "w")
        self.partials[self._shard] = partial
        self._sizes.append(0)
        self.files.callback(_flush, partial)
        self.files.enter_context(self._file)

    def write(self, path: str, store: dict, name: str | None) -> None:
        """Writes the arrays of one object, in the place of h5_store.write_group."""
        write_group(self._file, path, {}, name)
        place = f"/{path}/vars" if path else "/vars"
        for key, value in store.items():
            array = as_array(value)
            size = _size(array)
            if size > self.limit:
                raise ValueError(
                    f"The array {key!r} of {path!r} has {readable_memory_size(size)}, "
                    f"more than a shard of {readable_memory_size(self.limit)}. Use a "
                    "larger `max_shard_size` (in GB)."
                )
            if self._sizes[-1] + size > self.limit:
                self.begin_shard()
            self._sizes[-1] += size
            self._file.require_group(place)[key] = array
            self._places.setdefault(place, []).append(self._shard)

    def write_index(self, renamed: dict[str, str]) -> None:
        """Puts an index in place that has other paths for the shards in `renamed`."""
        import json  # serves only files

        def entry(shards: list[str]):
            names = [os.path.basename(renamed.get(shard, shard)) for shard in shards]
            # Keras makes a list of it for the second array, also in the same shard.
            return names[0] if len(names) == 1 else list(dict.fromkeys(names))

        content = {
            "metadata": {"total_size": sum(self._sizes)},
            "weight_map": {place: entry(s) for place, s in self._places.items()},
        }
        with written_whole(self.index) as stream:
            stream.write(json.dumps(content, indent=4).encode())


class ShardReader:
    """The arrays that an index and its shards have; ValueError for an index that is
    damaged, or names what is not beside it."""

    def __init__(self, index: str, files: ExitStack):
        with open(index, "rb") as stream:
            text = stream.read(_LONGEST_INDEX + 1)
        if len(text) > _LONGEST_INDEX:
            raise ValueError(f"Refused: the index {index!r} is too large")
        content = parse_json(text, f"the index {index!r}")
        self._index, self._files = index, files
        self._open: dict[str, Any] = {}
        self._shards = _checked_map(content, index)
        for name in {name for names in self._shards.values() for name in names}:
            inside(os.path.dirname(index), name, f"The index {index!r}")

    def arrays(self, path: str) -> Mapping:
        """Those of one object, in the place of h5_store.StoredArrays."""
        place = f"/{path}/vars" if path else "/vars"
        names = self._shards.get(place, [])
        return _Joined([StoredArrays(self._file(name), path) for name in names])

    def _file(self, name: str):
        if name not in self._open:
            path = os.path.join(os.path.dirname(self._index), name)
            self._open[name] = self._files.enter_context(open_h5(path, "r"))
        return self._open[name]


class _Joined(Mapping):
    """Several mappings as one; ValueError if two have a key in common."""

    def __init__(self, parts: list[StoredArrays]):
        self._owners: dict[str, StoredArrays] = {}
        for part in parts:
            for key in part:
                if key in self._owners:
                    raise ValueError(f"The array {key!r} is there twice, in two shards")
                self._owners[key] = part

    def __len__(self) -> int:
        return len(self._owners)

    def __iter__(self) -> Iterator[str]:
        return iter(self._owners)

    def __getitem__(self, key: str) -> np.ndarray:
        return np.array(self.unread(key))

    def unread(self, key: str) -> Any:
        if key not in self._owners:
            raise KeyError(f"There is no array {key!r} in the shards")
        return self._owners[key].unread(key)


def _checked_map(content, index: str) -> dict[str, list[str]]:
    """{place of an object: names of its shards}."""
    places = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(places, dict):
        raise ValueError(
            f"Expected an index of sharded weights in {index!r}: a dict with a "
            f"`weight_map`. Received: {content!r:.200}"
        )
    found = {
        place: names if isinstance(names, list) else [names]
        for place, names in places.items()
    }
    for place, names in found.items():
        if not names or not all(isinstance(name, str) for name in names):
            raise ValueError(
                f"Expected a file name, or a list of them, for {place!r} in {index!r}. "
                f"Received: {places[place]!r:.200}"
            )
        if len(set(names)) < len(names):
            raise ValueError(f"A shard is there twice for {place!r} in {index!r}")
    return found


def _size(array: np.ndarray) -> float:
    """Bytes, as keras/src/utils/dtype_utils.py counts them: 8 booleans to one."""
    bits = 1 if array.dtype == bool else 8 * array.dtype.itemsize
    return prod(array.shape) * bits / 8


def _unused(path: str) -> str:
    """A name for a file to be written. What another process left under such a name
    may be what the index has: it died while shards got their own names."""
    names = (f"{path}.{number}.partial" for number in count(os.getpid()))
    return next(name for name in names if not os.path.lexists(name))


def _flush(path: str) -> None:
    with open(path, "rb+") as stream:
        os.fsync(stream.fileno())


def _give_name(partial: str, final: str) -> None:
    """Makes `final` another name of the file `partial`, or a copy of it."""
    if os.path.lexists(final):
        os.remove(final)
    try:
        os.link(partial, final)
    except OSError:  # a file system without links
        import shutil

        shutil.copyfile(partial, final)
