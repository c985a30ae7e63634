"""A process that records many scripts, one after the other.

    with Worker("keras") as worker:
        worker.record(out, options)      # the file that processes.record would leave

The process imports its library once and then waits. For each script it forks: the
child has the library as it was right after the import and nothing of the scripts
before it, so there is no name, seed, setting or hook to put back, and a script that
hangs or dies takes only its child with it. TensorFlow stands that because its
threads start with its first operation, which is in the child.

Where a process cannot fork safely (outside Linux) each script has one of its own.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FrameType

from parity.script import processes, record
from parity.script.processes import NAMES, Options, ScriptError

CAN_FORK = sys.platform == "linux"
START_LIMIT = 600.0  # seconds for the import of the library
GRACE = 30.0  # seconds that a worker may answer late before it counts as dead
READY, DONE, LATE = b"r", b"d", b"l"


class Worker:
    """Records scripts with one library; the process starts with the first of them.

    A `prelude` belongs to the process: options with another one start another.
    The environment is that of the start, the working directory that of each script.
    """

    def __init__(self, library: str):
        self.library = library
        self._process: subprocess.Popen | None = None
        self._prelude: str | None = None
        self._log = tempfile.TemporaryFile()

    def record(self, out: Path, options: Options, weights: Path | None = None):
        """As processes.record: ScriptError if the script fails or lasts too long."""
        if not CAN_FORK:
            return processes.record(self.library, out, options, weights)
        self._start(options.prelude)
        job, log = processes.write_job(self.library, out, options, weights)
        order = [str(job), str(log), os.getcwd(), options.time_limit]
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        answer = self._answer(options.time_limit + GRACE)
        if answer == LATE:
            raise processes.too_long(options)
        processes.check(self.library, out, log)

    def _start(self, prelude: str | None) -> None:
        if self._process and self._process.poll() is None and prelude == self._prelude:
            return
        self.close()
        command = [sys.executable, "-m", "parity.script.worker", self.library]
        self._prelude = prelude
        self._process = subprocess.Popen(
            [*command, prelude] if prelude else command,
            env=processes.variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            bufsize=0,
        )
        self._answer(START_LIMIT)

    def _answer(self, limit: float) -> bytes:
        """What the process says next; one that is silent or gone is ended."""
        pipe = self._process.stdout
        ready, _, _ = select.select([pipe], [], [], limit)
        answer = pipe.read(1) if ready else b""
        if not answer:
            self.close()
            self._log.seek(0)
            lines = self._log.read().decode(errors="replace").strip().splitlines()
            said = lines[-1] if lines else "without a word"
            raise ScriptError(f"the worker of {NAMES[self.library]} died: {said}")
        return answer

    def close(self) -> None:
        """Ends the process and the script that it may be running."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
        self._log.close()


def main(library: str, prelude: str | None = None) -> None:
    """The process: answers each line that it reads, to the end of its input."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever else prints goes to the log
    _import(library, prelude)
    answers.write(READY)
    for line in sys.stdin:
        job, log, folder, limit = json.loads(line)
        answers.write(DONE if _in_child(job, log, folder, limit) else LATE)


def _import(library: str, prelude: str | None) -> None:
    if prelude:
        importlib.import_module(prelude)
    if library == "keras":
        tensorflow = importlib.import_module("tensorflow")
        tensorflow.keras.Model  # noqa: B018  # loads Keras
        return
    minikeras = importlib.import_module("minikeras")
    for name in minikeras.__all__:
        getattr(minikeras, name)
    importlib.import_module("minikeras.compat.tensorflow")


def _in_child(job: str, log: str, folder: str, limit: float) -> bool:
    """Records one script in a fork; False if its time was up."""
    child = os.fork()
    if child == 0:
        _child(job, log, folder)

    def stop(number: int, frame: FrameType | None) -> None:
        _kill(child)
        os._exit(1)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if os.waitpid(child, os.WNOHANG) != (0, 0):
                return True
            ended, _, _ = select.select([sys.stdin], [], [], 0.005)
            if ended:  # no order comes before the answer: the asker is gone
                stop(signal.SIGTERM, None)
        return False
    finally:
        _kill(child)
        signal.signal(signal.SIGTERM, before)


def _kill(child: int) -> None:
    """The child and what its script has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)


def _child(job: str, log: str, folder: str) -> None:
    """Never returns: what the forked process does."""
    status = 1
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for source, target in ((nothing, 0), (said, 1), (said, 2)):
            os.dup2(source, target)
        sys.stdin = open(0, closefd=False)
        os.chdir(folder)
        record.main(job)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
