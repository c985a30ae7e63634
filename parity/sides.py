"""Runs the two sides of the built-in cases, each in processes of its own."""

import contextlib
import importlib.util
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import wait
from pathlib import Path

from parity.turns import Team, longest_first

ROOT = Path(__file__).parent.parent
LIBRARIES = ("keras", "minikeras")
JUDGE = "judge"  # minikeras in float64
VERSIONS = "versions"  # what a process answers beside cases: its library's versions
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
    """One library's outcomes of the cases, recorded by `parity.record`.

    Recording begins at once; `result` waits for one case, `results` for all.
    """

    def __init__(self, library: str, names: Iterable[str]):
        names = [VERSIONS, *names]
        count = max(min(PROCESSES, len(names) - 1), 1)
        self._recorders = [Recorder(library) for _ in range(count)]
        self._team = Team(self._recorders)
        submit = self._team.submit
        started = {n: submit(Recorder.record, n) for n in longest_first(names)}
        self._outcomes = {name: started[name] for name in names}

    def result(self, name: str) -> dict:
        """{"results", "error", "seconds"} of a case, or the VERSIONS."""
        return self._outcomes[name].result()

    def results(self) -> dict:
        """{case: outcome}, and the VERSIONS."""
        return {name: self.result(name) for name in self._outcomes}

    def stop(self) -> None:
        for recorder in self._recorders:
            recorder.kill()
        with self._team:
            wait(self._outcomes.values())  # one that is dead has ended its cases
        for recorder in self._recorders:
            recorder.close()


class Recorder:
    """A process that records one case after the other."""

    def __init__(self, library: str):
        self._library = library
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "parity.record", library],
            env=environment(),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def record(self, name: str) -> dict:
        """The outcome of a case; SideError if the process has died."""
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(name.encode() + b"\n")
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)
        except (BrokenPipeError, EOFError, pickle.UnpicklingError):
            self.kill()
            self._log.seek(0)
            said = self._log.read().decode(errors="replace")[-4000:]
            raise SideError(f"Recording {self._library} failed:\n{said}") from None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.kill()
        assert self._process.stdin and self._process.stdout
        with contextlib.suppress(BrokenPipeError):  # a name that nobody read
            self._process.stdin.close()
        self._process.stdout.close()
        self._log.close()


@contextlib.contextmanager
def running(names: Iterable[str], libraries=LIBRARIES) -> Iterator[list[Side]]:
    """The sides of these libraries, which run at the same time.

    What one of them cannot do is in its outcomes; only a process that fails as a
    whole raises SideError.
    """
    sides = [Side(library, names) for library in libraries]
    try:
        yield sides
    finally:
        for side in sides:
            side.stop()


def run(names: Iterable[str], libraries=LIBRARIES) -> list[dict]:
    """The results of the cases of these names, one dict a library."""
    with running(names, libraries) as sides:
        return [side.results() for side in sides]
