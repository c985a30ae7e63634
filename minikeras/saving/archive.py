"""The file of a model: a zip archive, written whole and read with care.

Counterpart: the zip half of keras/src/saving/saving_lib.py. Members are read into
memory, never unpacked into a folder; Keras does not compress them, so that one which
claims to be far larger than it is stored is refused.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
ASSETS = "assets"

_MOST_EXPANSION = 100
_HARMLESS = 1 << 24  # bytes: no archive is refused for less
LONGEST_CONFIG = 1 << 28


@contextmanager
def written_whole(path: str) -> Iterator[Any]:
    """A file object whose contents stand at `path` once the block is left, and not
    at all if it raises: until then an earlier file is whole."""
    target = os.path.realpath(path)
    partial = f"{target}.{os.getpid()}.partial"
    try:
        with open(partial, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, target)
    finally:
        if os.path.exists(partial):
            os.remove(partial)


def may_write(path: str, overwrite: bool) -> bool:
    """Whether there is no such file, or it may be replaced: the user is asked."""
    if overwrite or not os.path.exists(path):
        return True
    answer = input(f"[WARNING] {path} already exists - overwrite? [y/n]")
    while answer.strip().lower() not in ("y", "n"):
        answer = input('Enter "y" (overwrite) or "n" (cancel).')
    return answer.strip().lower() == "y"


def inside(folder: str, name: str, title: str) -> str:
    """The path of an entry of a folder that `title` names; ValueError for what is not
    there, or elsewhere."""
    path = os.path.join(folder, name)
    if name in ("", ".", "..") or any(c in name for c in "/\\\0"):
        raise ValueError(f"Refused: {title} names {name!r:.200}, out of its folder")
    if os.path.realpath(path) != os.path.join(os.path.realpath(folder), name):
        raise ValueError(
            f"Refused: {title} needs {name!r}, which is a link. Expected the file."
        )
    if not os.path.exists(path):
        raise ValueError(f"{title} needs {name!r}, which is not in {folder or '.'!r}")
    return path


def read_members(path: str, *names: str) -> list[bytes]:
    """The contents of these members; ValueError for an archive that is damaged, or
    no model, or made to do harm."""
    with _opened(path) as archive:
        return [archive.read(_member(archive, name, path)) for name in names]


def read_assets(path: str) -> Iterator[tuple[str, bytes]]:
    """(name, contents) of the members that are files of assets; ValueError if all
    together claim to be far larger than the archive."""
    with _opened(path) as archive:
        members = [i for i in archive.infolist() if i.filename.startswith(f"{ASSETS}/")]
        claimed = sum(info.file_size for info in members)
        if claimed > _HARMLESS + _MOST_EXPANSION * os.path.getsize(path):
            raise ValueError(f"Refused: the assets of {path!r} claim {claimed} bytes")
        for info in members:
            if not info.is_dir():
                yield info.filename, archive.read(info)


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    import zipfile  # both serve only model files
    import zlib

    if not os.path.exists(path):
        raise ValueError(
            f"File not found: {path!r}. Expected a `.keras` file that `model.save()` "
            "wrote."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, path)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(
            f"{path!r} is no `.keras` file, or it is damaged: {error}"
        ) from error


def _check(archive, path: str) -> None:
    seen = set()
    for info in archive.infolist():
        name = info.filename
        if name in seen:
            raise ValueError(f"Refused: {path!r} has the member {name!r} twice")
        seen.add(name)
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise ValueError(
                f"Refused: the member {name!r} of {path!r} points out of the archive"
            )
        expanded = _MOST_EXPANSION * info.compress_size
        if info.file_size > _HARMLESS and info.file_size > expanded:
            raise ValueError(
                f"Refused: the member {name!r} of {path!r} claims {info.file_size} "
                f"bytes, of which the file holds {info.compress_size}."
            )


def _member(archive, name: str, path: str):
    if name not in archive.namelist():
        raise ValueError(
            f"{path!r} has no {name!r}. Expected a `.keras` file that `model.save()` "
            f"wrote. Received an archive of: {archive.namelist()[:10]}"
        )
    info = archive.getinfo(name)
    if name == CONFIG and info.file_size > LONGEST_CONFIG:
        raise ValueError(f"Refused: {name!r} of {path!r} has {info.file_size} bytes")
    return info
