"""TensorFlow processes record every case while the other tests run."""

import pytest

from parity import cases  # noqa: F401  # fills CASES
from parity.case import CASES
from parity.record import spare_what_is_there
from parity.sides import Side

collect_ignore = ["runs"]  # scripts: to look for doctests would run them

_recording: Side | None = None


def pytest_addoption(parser):
    parser.addoption(
        "--case", default="", help="only the parity cases whose name contains this"
    )


@pytest.fixture(scope="session")
def keras_recording():
    spare_what_is_there()
    return _recording


def pytest_collection_finish(session):
    """Starts TensorFlow as soon as it is known that a parity test will run."""
    global _recording
    if _recording is None and any(
        "keras_recording" in getattr(item, "fixturenames", ()) for item in session.items
    ):
        pattern = session.config.getoption("--case")
        _recording = Side("keras", [n for n in CASES if pattern in n])


def pytest_sessionfinish(session):
    if _recording is not None:
        _recording.stop()
