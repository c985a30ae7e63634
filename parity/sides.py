"""Runs the two sides of the built-in cases, each in a process of its own."""

import importlib.util
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIBRARIES = ("keras", "minikeras")


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

    def __init__(self, library: str, pattern: str, folder: Path):
        self._path = folder / f"{library}.pkl"
        self._log = folder / f"{library}.log"
        command = [sys.executable, "-m", "parity.record"]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*command, library, str(self._path), pattern],
                env=environment(),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self._library = library
        self._results: dict | None = None
        self._lock = threading.Lock()

    def results(self) -> dict:
        """{case: {"results", "error", "seconds"}}, when the process has ended."""
        with self._lock:
            if self._results is None:
                if self._process.wait() != 0:
                    tail = self._log.read_text(errors="replace")[-4000:]
                    raise SideError(f"Recording {self._library} failed:\n{tail}")
                self._results = read(self._path)
            return self._results

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


def run(libraries=LIBRARIES, pattern: str = "") -> list[dict]:
    """The results of the cases whose name contains `pattern`, one dict a library.

    The libraries run at the same time; what one of them cannot do is in its
    outcomes, and only a process that fails as a whole raises SideError.
    """
    with tempfile.TemporaryDirectory() as folder:
        sides = [Side(library, pattern, Path(folder)) for library in libraries]
        try:
            return [side.results() for side in sides]
        finally:
            for side in sides:
                side.stop()
