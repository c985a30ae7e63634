"""Counterpart: H5IOStore of keras/src/saving/saving_lib.py. Arrays in an HDF5 file.

The variables of an object are the datasets "0", "1"… of the group "<path>/vars",
whose attribute `name` is the name of the object. A file that somebody else made is
read with care: only numbers that lie in the file itself, in the size they declare.
"""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

import numpy as np

from minikeras.autodiff import as_array
from minikeras.late import late_imports

# An array may declare that much more than the file holds of it, or this many bytes.
_MOST_EXPANSION = 1000
_HARMLESS = 1 << 24
# All arrays of a file together: what Keras writes is not compressed.
_MOST_EXPANSION_OF_ALL = 100
_OLD_LAYERS = "_layer_checkpoint_dependencies"  # what Keras 2.12 called `layers`
_DEEPEST = 100  # groups within groups
_FILTERS = (1, 2, 3)  # deflate, shuffle and checksums, which are part of HDF5


def open_h5(file, mode: str) -> Any:
    """The h5py.File of a path or a file object. ImportError says what to install;
    what is no HDF5 file raises OSError with its name."""
    with late_imports():
        try:
            import h5py
        except ImportError as error:
            raise ImportError(
                "Files of weights need the library h5py. Install it by "
                "`pip install minikeras[files]` or `pip install h5py`."
            ) from error
    return h5py.File(file, mode)


def write_group(file, path: str, store: dict, name: str | None) -> None:
    """Writes the arrays of `store` into "<path>/vars"; nothing if there is nothing."""
    if not store and name is None:
        return
    group = file.create_group(f"{path}/vars" if path else "vars")
    if name is not None:
        group.attrs["name"] = name
    for key, value in store.items():
        group[key] = as_array(value)


class StoredArrays(Mapping):
    """The arrays of one object in a file by their keys, read when they are used.

    KeyError for what is not there, ValueError for what is no plain array of numbers.
    """

    def __init__(self, file, path: str):
        self._where = f"{path}/vars" if path else "vars"
        self._group = group_at(file, self._where)
        if self._group is None and _OLD_LAYERS in file:
            self._where = self._where.replace("layers", _OLD_LAYERS)
            self._group = group_at(file, self._where)

    def __len__(self) -> int:
        return 0 if self._group is None else len(self._group)

    def __iter__(self) -> Iterator[str]:
        return iter(() if self._group is None else self._group)

    def __getitem__(self, key: str) -> np.ndarray:
        return np.array(self.unread(key))

    def unread(self, key: str) -> Any:
        """The same as what h5py has for it: large numbers are then read once, into
        their place."""
        if self._group is None or key not in self._group:
            raise KeyError(f"There is no array {key!r} in {self._where!r}")
        _check_link(self._group, key)
        dataset = self._group[key]
        _check_dataset(dataset, f"{self._where}/{key}")
        return _widened(dataset) if _is_bfloat16(dataset) else dataset


def contents(file) -> tuple[dict, dict[str, dict]]:
    """All that is in a file of weights, as dicts in dicts, and {path: {"name": name}}.

    The arrays of an object stand beside its parts: what is at "dense/vars/0" and
    "dense/cell/vars/0" in the file is {"dense": {"0": …, "cell": {"0": …}}}.
    """
    walk = _Walk(file)
    return walk.below(file, ""), walk.names


class _Walk:
    """Reads all of a file, each thing once: ValueError for a group within itself, an
    array under many names, and for far more numbers than the file holds."""

    def __init__(self, file):
        self.names: dict[str, dict] = {}
        self._seen: set = set()
        self._allowed = _HARMLESS + _MOST_EXPANSION_OF_ALL * file.id.get_filesize()

    def below(self, group, path: str) -> dict:
        arrays: dict = {}
        parts: dict = {}
        if path.count("/") > _DEEPEST:
            raise ValueError(f"Refused: groups within groups, too deep: {path:.80}…")
        for key in group:
            inner = f"{path}/{key}"
            item = self._item(group, key, inner)
            if not hasattr(item, "keys"):
                arrays[key] = _array(item, inner)
                continue
            found = self.below(item, inner)
            if key == "vars":
                own = {k: v for k, v in found.items() if not isinstance(v, dict)}
                arrays |= own
                found = {k: v for k, v in found.items() if k not in own}
                if own and isinstance(name := item.attrs.get("name"), str):
                    self.names[path] = {"name": name}
            if found:
                parts[key] = found
        return arrays | parts

    def _item(self, group, key: str, path: str):
        _check_link(group, key)
        item = group[key]
        if item.id in self._seen:
            raise ValueError(f"Refused: {path!r} is there under another name too")
        self._seen.add(item.id)
        self._allowed -= getattr(item, "nbytes", 0)
        if self._allowed < 0:
            raise ValueError("Refused: the arrays declare far more than the file holds")
        return item


def group_at(file, path: str):
    """The group at `path`, or None; ValueError if the way there leaves the file."""
    group = file
    for name in path.split("/"):
        if name not in group:
            return None
        _check_link(group, name)
        group = group[name]
        if not hasattr(group, "keys"):
            raise ValueError(f"Expected a group at {path!r} in the file of weights")
    return group


def dataset_at(group, path: str) -> Any:
    """The array at `path` in a group, unread; ValueError if there is none, or none
    that lies in the file itself."""
    where, _, name = path.rpartition("/")
    owner = group_at(group, where) if where else group
    if owner is None or name not in owner:
        raise ValueError(f"There is no array {path!r} in {group.name!r}")
    _check_link(owner, name)
    _check_dataset(owner[name], f"{group.name}/{path}")
    return owner[name]


def _check_link(group, name: str) -> None:
    kind = group.get(name, getclass=True, getlink=True).__name__
    if kind != "HardLink":
        raise ValueError(
            f"Refused: {name!r} in {group.name!r} is a link ({kind}). Expected "
            "the data itself."
        )


def _array(dataset, path: str) -> np.ndarray:
    _check_dataset(dataset, path)
    if _is_bfloat16(dataset):
        return _widened(dataset)
    return np.array(dataset)


def _check_dataset(dataset, path: str) -> None:
    if not hasattr(dataset, "shape") or dataset.shape is None:
        raise ValueError(f"Expected an array at {path!r} in the file of weights")
    if dataset.external or dataset.is_virtual:
        raise ValueError(
            f"Refused: the array {path!r} takes its values from other files. "
            "Expected the values themselves."
        )
    filters = dataset.id.get_create_plist()
    kinds = [filters.get_filter(i)[0] for i in range(filters.get_nfilters())]
    if any(kind not in _FILTERS for kind in kinds):
        raise ValueError(
            f"Refused: the array {path!r} is packed by filters that HDF5 would look "
            f"for among its plugins. Received: filters={kinds}, expected of {_FILTERS}"
        )
    if dataset.dtype.kind not in "biuf" and not _is_bfloat16(dataset):
        raise ValueError(
            f"Expected numbers in the array {path!r}. Received: dtype={dataset.dtype}"
        )
    declared = prod(dataset.shape) * dataset.dtype.itemsize
    stored = dataset.id.get_storage_size()
    if declared > _HARMLESS and declared > _MOST_EXPANSION * stored:
        raise ValueError(
            f"Refused: the array {path!r} declares {declared} bytes (shape "
            f"{dataset.shape}), of which the file holds {stored}."
        )


def _is_bfloat16(dataset) -> bool:
    """Keras writes bfloat16 as two opaque bytes, and says so in an attribute."""
    return dataset.dtype == "V2" and dataset.attrs.get("dtype") == "bfloat16"


def _widened(dataset) -> np.ndarray:
    """bfloat16, the upper half of a float32, as float32: NumPy has no such dtype."""
    halves = np.array(dataset).view(np.uint16)
    return (halves.astype(np.uint32) << 16).view(np.float32)
