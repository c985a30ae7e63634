"""The measuring processes, seen from the one that starts them."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from benchmarks import workloads
from benchmarks.libraries import IMPORTS, KERAS_LIKE

ROOT = pathlib.Path(__file__).parents[1]


class WorkerError(RuntimeError):
    """A measuring process failed; the message says how."""


class Worker:
    """A `benchmarks.worker` process; `imports` has the seconds of its imports."""

    def __init__(self, workload: str, library: str):
        names = workloads.load(workload).USED if library in KERAS_LIKE else ()
        self.library = library
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "benchmarks.worker", workload, library),
                *(IMPORTS[library], " ".join(names)),
            ],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        try:
            self.imports = self._answer()
        except BaseException:
            self.close()
            raise

    def ask(self, do: str, **command) -> dict:
        """Sends a command (see benchmarks/worker.py) and waits for its answer."""
        assert self._process.stdin is not None
        print(json.dumps({"do": do, **command}), file=self._process.stdin, flush=True)
        return self._answer()

    def cpu_seconds(self) -> float:
        """Processor time of all its threads so far; 0 where there is no /proc."""
        try:
            with open(f"/proc/{self._process.pid}/stat", encoding="ascii") as file:
                fields = file.read().rpartition(")")[2].split()
        except FileNotFoundError:
            return 0.0
        user, system = int(fields[11]), int(fields[12])
        return (user + system) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """Ends the process; does nothing the second time."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended by itself, and said why
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _answer(self) -> dict:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            said = self._errors.read()[-2000:]
            raise WorkerError(f"the process of {self.library} ended:\n{said}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer


def environment() -> dict[str, str]:
    """This process's variables, less the one that forbids to write .pyc files.

    With it minikeras, run from its sources, would be compiled anew in each process,
    while installed packages have their .pyc since pip put them there.
    """
    unwanted = "PYTHONDONTWRITEBYTECODE"
    return {name: value for name, value in os.environ.items() if name != unwanted}
