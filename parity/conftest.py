"""One TensorFlow process records every case while the other tests run."""

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


class Recording:
    """A background process that records the real-Keras side, read case by case."""

    def __init__(self, path: Path, pattern: str = ""):
        self.path = path
        environment = {
            **os.environ,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "parity.record", "keras", str(path), pattern]
        self.log = path.with_suffix(".log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdout=log, stderr=log
            )
        self._results: dict | None = None
        self._lock = threading.Lock()

    def results(self) -> dict:
        """All recorded cases; waits for the process."""
        with self._lock:
            if self._results is None:
                if self.process.wait() != 0:
                    raise RuntimeError(
                        f"Recording tf.keras failed:\n{self.log.read_text()[-4000:]}"
                    )
                self._results = {}
                with self.path.open("rb") as file:
                    while True:
                        try:
                            name, outcome = pickle.load(file)
                        except EOFError:
                            break
                        self._results[name] = outcome
            return self._results


_recording: Recording | None = None


def pytest_addoption(parser):
    parser.addoption(
        "--case", default="", help="only the parity cases whose name contains this"
    )


@pytest.fixture(scope="session")
def keras_recording():
    return _recording


def pytest_collection_finish(session):
    """Starts TensorFlow as soon as it is known that a parity test will run."""
    global _recording
    if _recording is None and any(
        "keras_recording" in getattr(item, "fixturenames", ()) for item in session.items
    ):
        folder = session.config._tmp_path_factory.mktemp("parity")
        _recording = Recording(folder / "keras.pkl", session.config.getoption("--case"))


def pytest_sessionfinish(session):
    if _recording is not None and _recording.process.poll() is None:
        _recording.process.kill()
