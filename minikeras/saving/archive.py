"""The file of a model: a zip archive, written whole and read with care.

Counterpart: the zip half of keras/src/saving/saving_lib.py. Members are read where
they lie or into memory, never unpacked into a folder; Keras does not compress them,
so that one which claims to be far larger than it is stored is refused.
"""

import contextlib
import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
ASSETS = "assets"

_MOST_EXPANSION = 100
_HARMLESS = 1 << 24  # bytes: no archive is refused for less
LONGEST_CONFIG = 1 << 25
_BLOCK = 1 << 20
# What else the zipfile module raises for archives that are damaged or encrypted.
_ODD = (RuntimeError, NotImplementedError, OverflowError, struct.error)


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


class Members:
    """The members of an archive: `read(name)` gives contents, `stream(name)` a file
    object and its size. ValueError for an archive that is damaged, or no model, or
    made to do harm. Its files are open until the `with` block is left."""

    def __init__(self, path: str):
        self._path = path

    def __enter__(self) -> "Members":
        import zipfile  # serves only model files

        if not os.path.exists(self._path):
            raise ValueError(
                f"File not found: {self._path!r}. Expected a `.keras` file that "
                "`model.save()` wrote."
            )
        with contextlib.ExitStack() as stack, self._refusing():
            self._file = stack.enter_context(open(self._path, "rb"))
            self._archive = stack.enter_context(zipfile.ZipFile(self._file))
            _check(self._archive, self._path)
            self._opened = stack.pop_all()
        return self

    def __exit__(self, *exception) -> None:
        self._opened.close()

    def read(self, name: str) -> bytes:
        with self._refusing():
            return self._archive.read(_member(self._archive, name, self._path))

    def assets(self) -> Iterator[tuple[str, bytes]]:
        """(name, contents) of the files of assets; ValueError if all together claim to
        be far larger than the archive."""
        found = self._archive.infolist()
        found = [info for info in found if info.filename.startswith(f"{ASSETS}/")]
        claimed = sum(info.file_size for info in found)
        if claimed > _HARMLESS + _MOST_EXPANSION * os.path.getsize(self._path):
            raise ValueError(
                f"Refused: the assets of {self._path!r} claim {claimed} bytes"
            )
        for info in found:
            if not info.is_dir():
                with self._refusing():
                    content = self._archive.read(info)
                yield info.filename, content

    def stream(self, name: str) -> tuple[Any, int]:
        """What is not compressed is read where it lies: large weights then are in
        memory once. Its checksum is looked at first."""
        info = _member(self._archive, name, self._path)
        if info.compress_type or info.compress_size != info.file_size:
            return io.BytesIO(self.read(name)), info.file_size
        with self._refusing(), self._archive.open(info) as stream:
            while stream.read(_BLOCK):
                pass
        start = _start(self._file, info)
        return _Stretch(self._file, start, info.file_size), info.file_size

    @contextmanager
    def _refusing(self):
        import zipfile
        import zlib

        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, *_ODD) as error:
            raise ValueError(
                f"{self._path!r} is no `.keras` file, or it is damaged: {error}"
            ) from error


class _Stretch(io.RawIOBase):
    """`size` bytes of an open file from `start` on, as a file to be read."""

    def __init__(self, file, start: int, size: int):
        self._file, self._start, self._size = file, start, size
        self._at = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}
        self._at = origin[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer) -> int:
        view = memoryview(buffer).cast("B")
        self._file.seek(self._start + self._at)
        count = self._file.readinto(view[: max(0, self._size - self._at)])
        self._at += count
        return count


def _start(file, info) -> int:
    """Where the contents of a member begin, behind its header of 30 bytes, its name
    and what else stands there."""
    file.seek(info.header_offset)
    name, more = struct.unpack("<26xHH", file.read(30))
    return info.header_offset + 30 + name + more


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
