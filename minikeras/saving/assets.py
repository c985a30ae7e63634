"""Counterpart: DiskIOStore of keras/src/saving/saving_lib.py. What layers keep in files
of their own, beside the weights: vocabularies, tables…

A layer with `save_assets(folder)` and `load_assets(folder)` has the folder
"assets/<its place>" for that; if it saved nothing, `load_assets` gets None. In an
archive the files are members; they lie in a passing folder while layers read them.
"""

import os
from contextlib import ExitStack
from functools import cached_property

from minikeras.saving.archive import ASSETS, Members, inside


class AssetFolder:
    """The folders of objects, by their places, below one folder."""

    def __init__(self, folder: str):
        self.folder = folder

    def make(self, path: str) -> str:
        """The folder of the object at this place, made if need be."""
        folder = self._below(path)
        os.makedirs(folder, exist_ok=True)
        return folder

    def get(self, path: str) -> str | None:
        """The same, or None if there is none."""
        folder = self._below(path)
        return folder if os.path.isdir(folder) else None

    def _below(self, path: str) -> str:
        parts = path.split("/") if path else []
        if ".." in parts or os.path.isabs(path):
            raise ValueError(f"Refused: {path!r} is a place out of the assets' folder")
        return os.path.join(self.folder, *parts)


class PassingAssets(AssetFolder):
    """The same in a folder that is made when it is needed, and is gone when the stack
    is closed: what goes into an archive, or comes from one."""

    def __init__(self, stack: ExitStack):
        self._stack = stack

    @cached_property
    def folder(self) -> str:  # type: ignore[override]
        import tempfile  # serves only files

        made = tempfile.TemporaryDirectory(prefix="minikeras-")
        return os.path.realpath(self._stack.enter_context(made))

    def pack(self, archive) -> None:
        """Puts the files into an archive."""
        if "folder" not in vars(self):
            return
        for place, folders, names in os.walk(self.folder):
            folders.sort()
            for name in sorted(names):
                file = os.path.join(place, name)
                below = os.path.relpath(file, self.folder).split(os.sep)
                archive.write(file, "/".join([ASSETS, *below]))

    def unpack(self, name: str, content: bytes) -> None:
        """Makes a file of a member of an archive; ValueError if there is one."""
        _, *below, last = name.split("/")
        try:
            with open(os.path.join(self.make("/".join(below)), last), "xb") as stream:
                stream.write(content)
        except OSError as error:
            raise ValueError(f"Refused: {name!r} cannot be a file: {error}") from error


def assets_in_archive(members: Members, stack: ExitStack) -> AssetFolder | None:
    """Those of an archive, unpacked until the stack is closed; None if it has none."""
    assets = None
    for name, content in members.assets():
        assets = assets or PassingAssets(stack)
        assets.unpack(name, content)
    return assets


def assets_in_folder(folder: str) -> AssetFolder | None:
    """Those of a model in a folder; ValueError if a link leads out of it."""
    if not os.path.lexists(os.path.join(folder, ASSETS)):
        return None
    title = f"The model in {folder!r}"
    root = inside(folder, ASSETS, title)
    for place, folders, names in os.walk(root):
        for name in (*folders, *names):
            inside(place, name, title)
    return AssetFolder(root)
