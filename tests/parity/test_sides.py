"""The processes of a side: what they answer, and that none outlives who asked."""

import signal
import subprocess
import sys
import time

import pytest

from parity import sides
from parity.sides import VERSIONS, Recorder, Side, SideError

CASE = "layers.names_of_several"


def test_a_side_gives_each_case_and_the_versions():
    side = Side("minikeras", [CASE, "random.seeds"])
    try:
        assert side.result(CASE)["error"] is None
        assert set(side.results()) == {VERSIONS, CASE, "random.seeds"}
        assert set(side.result(VERSIONS)) == {"minikeras", "numpy"}
    finally:
        side.stop()


def test_a_side_that_is_stopped_does_not_wait_for_its_cases():
    side = Side("minikeras", ["iris.sequential_500_epochs", CASE])
    side.stop()
    with pytest.raises(SideError, match="Recording minikeras failed"):
        side.results()


def test_a_process_that_dies_is_told_with_its_last_words():
    recorder = Recorder("nowhere")
    try:
        for _ in range(2):
            with pytest.raises(SideError, match="No module named 'nowhere'"):
                recorder.record(CASE)
    finally:
        recorder.close()


ASKER = """
import parity.record
for name in parity.record.names_wanted():
    print(name, flush=True)
    while True:
        pass
"""


def test_a_recorder_ends_with_who_asked_in_the_middle_of_a_case():
    recorder = subprocess.Popen(
        [sys.executable, "-c", ASKER],
        env=sides.environment(),
        cwd=sides.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with recorder:
        recorder.stdin.write(b"a case\n")
        recorder.stdin.flush()
        assert recorder.stdout.readline() == b"a case\n"
        assert recorder.poll() is None
        recorder.stdin.close()
        assert recorder.wait() == 0


SCRIPT = """
import os, pathlib, time
pathlib.Path({file!r}).write_text(str(os.getpid()))
time.sleep(3600)
"""
ORDER = """
from pathlib import Path
from parity.script.processes import Options
from parity.script.worker import Worker
Worker("minikeras").record(Path({out!r}), Options({script!r}, []))
"""


def test_a_script_ends_with_who_had_it_run(tmp_path):
    file, script = tmp_path / "pid", tmp_path / "script.py"
    script.write_text(SCRIPT.format(file=str(file)))
    order = ORDER.format(out=str(tmp_path / "out.events"), script=str(script))
    with subprocess.Popen(
        [sys.executable, "-c", order], env=sides.environment(), cwd=sides.ROOT
    ) as asker:
        wait_for(lambda: file.exists() and file.read_text())
        running = int(file.read_text())
        assert is_alive(running)
        asker.send_signal(signal.SIGKILL)
    wait_for(lambda: not is_alive(running))


def test_a_command_that_is_told_to_end_ends_the_script(tmp_path):
    file, script = tmp_path / "pid", tmp_path / "script.py"
    script.write_text(SCRIPT.format(file=str(file)))
    with subprocess.Popen(
        [sys.executable, "-m", "parity", str(script)],
        env=sides.environment(),
        cwd=sides.ROOT,
        stdout=subprocess.DEVNULL,
    ) as command:
        wait_for(lambda: file.exists() and file.read_text())
        running = int(file.read_text())
        command.terminate()
        assert command.wait() == 128 + signal.SIGTERM
    assert not is_alive(running)


def wait_for(condition) -> None:
    """For as long as it takes on a busy machine; an hour is a hang."""
    end = time.monotonic() + 3600
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    """Whether it runs; one that has ended and that nobody asked about does not."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
