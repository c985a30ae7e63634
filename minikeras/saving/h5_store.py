"""Counterpart: H5IOStore of keras/src/saving/saving_lib.py. Arrays in an HDF5 file.

The variables of an object are the datasets "0", "1"… of the group "<path>/vars",
whose attribute `name` is the name of the object. A file that somebody else made is
read with care: only numbers that lie in the file itself, in the size they declare.
"""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from minikeras.autodiff import as_array
from minikeras.late import late_imports

# An array may declare that much more than the file holds of it, or this many bytes.
_MOST_EXPANSION = 1000
_HARMLESS = 1 << 24
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
        self._group = _group(file, self._where)

    def __len__(self) -> int:
        return 0 if self._group is None else len(self._group)

    def __iter__(self) -> Iterator[str]:
        return iter(() if self._group is None else self._group)

    def __getitem__(self, key: str) -> Any:
        if self._group is None or key not in self._group:
            raise KeyError(f"There is no array {key!r} in {self._where!r}")
        _check_link(self._group, key)
        dataset = self._group[key]
        _check_dataset(dataset, f"{self._where}/{key}")
        return dataset


def _group(file, path: str):
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


def _check_link(group, name: str) -> None:
    kind = group.get(name, getclass=True, getlink=True).__name__
    if kind != "HardLink":
        raise ValueError(
            f"Refused: {name!r} in {group.name!r} is a link ({kind}). Expected "
            "the data itself."
        )


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
    if dataset.dtype.kind not in "biuf":
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
