"""Counterpart: keras/src/utils/file_utils.py. Files from an address, kept in a folder.

    get_file   folder and name → is the file there, and right? → download → unpack

A download comes under its name when all of it is there and its hash is right, an
archive when all of it is unpacked: what fails or is stopped leaves nothing behind.
urllib, tarfile and zipfile are imported where they are used: together they take 50 ms.
"""

import hashlib
import os
import re
from collections.abc import Iterator

from minikeras.caller import warn
from minikeras.utils.io_utils import print_msg
from minikeras.utils.progbar import Progbar

_PATIENCE = 60  # seconds without a byte, after which a download has failed
_CHUNK = 1 << 16
_MOST_NAMES = 3  # of skipped members of an archive, in a warning


def get_file(
    fname=None,
    origin=None,
    untar=False,
    md5_hash=None,
    file_hash=None,
    cache_subdir="datasets",
    hash_algorithm="auto",
    extract=False,
    archive_format="auto",
    cache_dir=None,
    force_download=False,
) -> str:
    """The path of a file, downloaded from `origin` unless it is there already.

    It lies in `cache_dir` ($KERAS_HOME, else ~/.keras) / `cache_subdir` / `fname`
    (by default the last part of `origin`). With `file_hash` (sha256 or md5), a file
    there that has another hash is downloaded anew, and a download that has another
    one raises ValueError. No network: OSError, which says where to put the file.

    With `extract`, the folder that a tar or zip archive was unpacked to: `fname`, or
    `a_extracted` if `fname` is "a.b". Links and members that lead out of it are
    skipped with a warning. `untar` and `md5_hash` are older names.
    """
    if origin is None:
        raise ValueError("Expected `origin`, the address of the file. Received: None")
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    name = _file_name(fname, origin)
    folder = _folder(cache_dir, cache_subdir)
    unpacked = os.path.join(folder, name)
    if (extract or untar) and fname and "." in name:
        unpacked = os.path.join(folder, f"{name.partition('.')[0]}_extracted")
    elif extract or untar:
        name = f"{name}_archive"
    path = os.path.join(folder, name)
    if force_download or not _is_there(path, file_hash, hash_algorithm):
        print_msg(f"Downloading data from {origin}")
        _download(origin, path, file_hash, hash_algorithm)
    if not (extract or untar):
        return path
    if not extract_archive(path, unpacked, "tar" if untar else archive_format):
        warn(
            f"Could not unpack {path}: it is no archive of the format "
            f"{archive_format!r}."
        )
    return unpacked


def keras_home() -> str:
    """Keras's own folder, so that both libraries read the same files."""
    return os.environ.get("KERAS_HOME", os.path.join("~", ".keras"))


def _folder(cache_dir, cache_subdir) -> str:
    base = os.path.expanduser(keras_home() if cache_dir is None else cache_dir)
    folder = os.path.join(base, cache_subdir)
    try:
        os.makedirs(folder, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        import tempfile

        folder = os.path.join(tempfile.gettempdir(), ".keras", cache_subdir)
        os.makedirs(folder, exist_ok=True)
    return folder


def _file_name(fname, origin) -> str:
    from urllib.parse import urlsplit

    if fname:
        name = os.fspath(fname)
        if os.path.basename(name) != name:
            raise ValueError(
                "Expected `fname` without a folder, which is `cache_dir`. "
                f"Received: fname={name!r}"
            )
    else:
        name = os.path.basename(urlsplit(origin).path)
    if name in ("", ".", ".."):
        raise ValueError(
            f"Expected a file name, in `fname` or at the end of `origin`. "
            f"Received: fname={fname!r}, origin={origin!r}"
        )
    return name


def _is_there(path, file_hash, algorithm) -> bool:
    if not os.path.exists(path):
        return False
    if file_hash is None or validate_file(path, file_hash, algorithm):
        return True
    print_msg(
        f"{path} is there, but incomplete or out of date: its hash is not "
        f"{file_hash}. It is downloaded anew."
    )
    return False


def validate_file(path, file_hash, algorithm="auto") -> bool:
    """Whether the sha256 or md5 of a file, told apart by its length, is `file_hash`."""
    if algorithm not in ("auto", "md5", "sha256"):
        raise ValueError(
            "Expected `hash_algorithm` to be 'auto', 'md5' or 'sha256'. "
            f"Received: {algorithm!r}"
        )
    if algorithm == "auto":
        algorithm = "sha256" if len(file_hash) == 64 else "md5"
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == file_hash


def _download(origin, path, file_hash, algorithm) -> None:
    """Into a file beside `path`, which takes its place when it is whole and right."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    part = _beside(path)
    try:
        with urlopen(origin, timeout=_PATIENCE) as answer, open(part, "xb") as file:
            _copy(answer, file)
        if file_hash is not None and not validate_file(part, file_hash, algorithm):
            raise ValueError(
                f"The file at {origin} is incomplete or has changed. Expected the "
                f"hash {file_hash}."
            )
        os.replace(part, path)
    except (OSError, HTTPException) as error:
        reason = error.reason if type(error) is URLError else error
        if isinstance(error, HTTPError):
            error.close()  # it holds the connection
        raise OSError(
            f"Cannot download {origin}: {reason}. Without a network, put that file "
            f"into the folder {os.path.dirname(path)} as {os.path.basename(path)}."
        ) from error
    finally:
        if os.path.exists(part):
            os.remove(part)


def _beside(path: str) -> str:
    """A name that no other process takes; os.urandom draws from no seeded stream."""
    return f"{path}.{os.urandom(4).hex()}.part"


def _copy(answer, file) -> None:
    length = answer.headers.get("Content-Length")
    total = int(length) if length else None
    bar = Progbar(total)
    done = 0
    while chunk := answer.read(_CHUNK):
        file.write(chunk)
        done += len(chunk)
        bar.update(done)
    if total is None:
        bar.update(done, finalize=True)  # no bar is full where nobody knows the end
    elif done < total:
        raise OSError(f"the connection ended after {done} of {total} bytes")


# ---- archives


def extract_archive(file_path, path=".", archive_format="auto") -> bool:
    """Unpacks a tar or zip file into the folder `path`; False if it is neither.

    `archive_format` is "tar" (compressed or not), "zip", a list, "auto" for both, or
    None. What is in the folder already stays, unless the archive has such a file.
    """
    import tarfile
    import zipfile
    import zlib

    known: dict[str, tuple] = {
        "tar": (tarfile.is_tarfile, tarfile.open, _tar_members),
        "zip": (zipfile.is_zipfile, zipfile.ZipFile, _zip_members),
    }
    formats = list(known) if archive_format == "auto" else archive_format or []
    for name in [formats] if isinstance(formats, str) else formats:
        if name not in known:
            raise ValueError(
                "Expected `archive_format` to be 'auto', 'tar', 'zip' or None. "
                f"Received: {archive_format!r}"
            )
        matches, opened, members = known[name]
        if not matches(file_path):
            continue
        try:
            with opened(file_path) as archive:
                _unpack(members(archive), path)
        except (EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError(
                f"{file_path} is damaged ({error}). Delete it, and it is downloaded "
                "anew."
            ) from error
        return True
    return False


def _tar_members(archive) -> Iterator:
    """(name, kind, how to open it): a "file", a "folder" or "other", as a link is."""
    for info in archive:
        kind = "file" if info.isreg() else "folder" if info.isdir() else "other"
        yield info.name, kind, lambda info=info: archive.extractfile(info)


def _zip_members(archive) -> Iterator:
    for info in archive.infolist():
        kind = "folder" if info.is_dir() else "file"  # a link becomes a file of text
        yield info.filename, kind, lambda info=info: archive.open(info)


def _unpack(members: Iterator, path: str) -> None:
    """All of it into a new folder, which then takes its place or is merged."""
    import shutil

    fresh = _beside(path)
    skipped = []
    os.makedirs(fresh)
    try:
        for name, kind, opened in members:
            target = os.path.join(fresh, name)
            if kind == "other" or not _stays_inside(name):
                skipped.append(name)
            elif kind == "folder":
                os.makedirs(target, exist_ok=True)
            else:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with opened() as source, open(target, "wb") as file:
                    shutil.copyfileobj(source, file)
        _merge(fresh, path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    if skipped:
        names = ", ".join(repr(name) for name in skipped[:_MOST_NAMES])
        warn(
            f"Skipped {len(skipped)} members of the archive, which are links or lead "
            f"out of the folder: {names}{', …' * (len(skipped) > _MOST_NAMES)}"
        )


def _stays_inside(name: str) -> bool:
    r"""No absolute path, no drive, no way up.

    >>> [_stays_inside(name) for name in ("a/b", "/a", "a/../../b", r"..\b")]
    [True, False, False, False]
    """
    up = ".." in re.split(r"[\\/]", name)
    return not (up or os.path.isabs(name) or os.path.splitdrive(name)[0])


def _merge(fresh: str, path: str) -> None:
    if not os.path.exists(path):
        os.rename(fresh, path)
        return
    for folder, _, files in os.walk(fresh):
        into = os.path.normpath(os.path.join(path, os.path.relpath(folder, fresh)))
        os.makedirs(into, exist_ok=True)
        for name in files:
            os.replace(os.path.join(folder, name), os.path.join(into, name))
