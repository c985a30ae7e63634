"""Counterpart: the folder half of keras/src/saving/saving_lib.py. What `zipped=False`
writes: the members of an archive as files in a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from minikeras.saving.archive import (
    ASSETS,
    CONFIG,
    LONGEST_CONFIG,
    METADATA,
    WEIGHTS,
    inside,
)

# What makes a folder a model comes last, and goes first.
_PARTS = (ASSETS, WEIGHTS, METADATA, CONFIG)


def is_model(path: str) -> bool:
    """Whether this is a folder with a model in it."""
    return os.path.isfile(os.path.join(path, CONFIG))


def read_config(folder: str) -> bytes:
    """The config of a model in a folder."""
    path = inside(folder, CONFIG, "The model")
    with open(path, "rb") as stream:
        text = stream.read(LONGEST_CONFIG + 1)
    if len(text) > LONGEST_CONFIG:
        raise ValueError(f"Refused: {path!r} is too large for a config")
    return text


@contextmanager
def written_folder(path: str) -> Iterator[str]:
    """A folder whose contents stand in that at `path` once the block is left, and not
    at all if it raises.

    Other files there stay. Those of an earlier model give way only when the new ones
    are complete: at no moment is a part of either lost, or a mixture of both a model.
    """
    import shutil  # both serve only folders
    import tempfile

    is_new = not os.path.isdir(path)
    os.makedirs(path, exist_ok=True)
    partial = tempfile.mkdtemp(".partial", ".", path)
    try:
        yield partial
        _flush(partial)
        earlier = tempfile.mkdtemp(".earlier", ".", path)
        _exchange(partial, path, earlier)
        shutil.rmtree(earlier)
        is_new = False
    finally:
        shutil.rmtree(partial)
        if is_new:
            os.rmdir(path)


def _exchange(partial: str, path: str, earlier: str) -> None:
    try:
        for name in reversed(_PARTS):
            _move(name, path, earlier)
        for name in _PARTS:
            _move(name, partial, path)
    except BaseException:
        for name in os.listdir(earlier):
            _move(name, path, partial)
            _move(name, earlier, path)
        os.rmdir(earlier)
        raise


def _move(name: str, source: str, target: str) -> None:
    if os.path.lexists(os.path.join(source, name)):
        os.rename(os.path.join(source, name), os.path.join(target, name))


def _flush(folder: str) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if os.access(path, os.W_OK):  # an asset may be a copy that is not
                with open(path, "rb+") as stream:
                    os.fsync(stream.fileno())
