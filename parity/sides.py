"""Runs the two sides of the built-in cases, each in processes of its own."""

import importlib.util
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from parity.shares import shares

ROOT = Path(__file__).parent.parent
LIBRARIES = ("keras", "minikeras")
JUDGE = "judge"  # minikeras in float64
PROCESSES = 2  # for each side


class SideError(RuntimeError):
    """A side could not be run; the message is for the user."""


def has_tensorflow() -> bool:
    return importlib.util.find_spec("tensorflow") is not None


def environment() -> dict[str, str]:
    """This process's variables, with the project's root to import from."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }


class Side:
    """One library's results of the cases, recorded by `parity.record`."""

    def __init__(self, library: str, names: Iterable[str], folder: Path):
        lists = [names for names in shares(list(names), PROCESSES) if names]
        self._parts = [
            Part(library, names, folder / f"{library}{index}")
            for index, names in enumerate(lists)
        ]
        self._results: dict | None = None
        self._lock = threading.Lock()

    def results(self) -> dict:
        """{case: {"results", "error", "seconds"}}, when all processes have ended."""
        with self._lock:
            if self._results is None:
                self._results = {}
                for part in self._parts:
                    self._results |= part.results()
            return self._results

    def stop(self) -> None:
        for part in self._parts:
            part.stop()


class Part:
    """A process that records some of a side's cases."""

    def __init__(self, library: str, names: list[str], path: Path):
        self._path, self._log = path.with_suffix(".pkl"), path.with_suffix(".log")
        command = [sys.executable, "-m", "parity.record"]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*command, library, str(self._path), *names],
                env=environment(),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self._library = library

    def results(self) -> dict:
        if self._process.wait() != 0:
            tail = self._log.read_text(errors="replace")[-4000:]
            raise SideError(f"Recording {self._library} failed:\n{tail}")
        return read(self._path)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def read(path: Path) -> dict:
    """What `parity.record` wrote: one pickled (case, outcome) after the other."""
    found = {}
    with path.open("rb") as file:
        while True:
            try:
                name, outcome = pickle.load(file)
            except EOFError:
                return found
            found[name] = outcome


def run(names: Iterable[str], libraries=LIBRARIES) -> list[dict]:
    """The results of the cases of these names, one dict a library.

    The libraries run at the same time; what one of them cannot do is in its
    outcomes, and only a process that fails as a whole raises SideError.
    """
    with tempfile.TemporaryDirectory() as folder:
        sides = [Side(library, names, Path(folder)) for library in libraries]
        try:
            return [side.results() for side in sides]
        finally:
            for side in sides:
                side.stop()
