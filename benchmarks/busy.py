"""A network with BatchNormalization while other processes use all the cores."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from benchmarks import sized
from benchmarks.machine import cores
from benchmarks.pairs import Pairs, show
from benchmarks.runner import Settings
from benchmarks.workloads import batchnorm

__all__ = ["NAME", "run", "show"]

NAME = "busy"
AT_MOST = 1.5
TURNS = 5


def run(settings: Settings, progress) -> Pairs:
    """A step with the machine to itself, and beside a process that spins per core."""
    seconds, turns = (0.3, 3) if settings.quick else (0.6, TURNS)
    with sized.workers("batchnorm", settings) as (workers, failures):
        found = Pairs(batchnorm.TITLE, failures)

        def measure():
            return sized.step_seconds(workers, "batchnorm", {}, seconds, turns)

        progress("busy: alone")
        found.add("alone", measure)
        progress("busy: beside others")
        with spinning(cores()):
            found.add(f"beside {cores()} processes that spin", measure, AT_MOST)
    return found


@contextlib.contextmanager
def spinning(count: int) -> Iterator[list[subprocess.Popen]]:
    """A block with so many processes that do nothing, as fast as they can."""
    command = [sys.executable, "-c", "while True: pass"]
    started = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()
