"""What the measurements ran on."""

import importlib.metadata
import os
import platform
import time
from typing import Any

import numpy as np

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


def describe() -> dict[str, Any]:
    """Processor, cores, thread settings and versions, ready for JSON."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "time": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "processor": _processor(),
        "cores": cores(),
        "thread variables": {
            name: os.environ[name] for name in _THREAD_VARIABLES if name in os.environ
        },
        "system": platform.platform(),
        "versions": {
            "Python": platform.python_version(),
            "NumPy": np.__version__,
            "BLAS": f"{blas['name']} {blas['version']}",
            **{n: _version(n) for n in ("minikeras", "tensorflow", "keras")},
        },
    }


class Neighbours:
    """How much of the machine others use from now on.

    A busy machine slows tf.keras, with its many threads, more than one thread of
    NumPy, and so flatters minikeras.
    """

    def __init__(self):
        self._start = self._read()

    def share(self) -> float | None:
        """Of all cores' time since the start, the part that went to others.

        0 to 1; None where /proc/stat does not exist (that is, not on Linux).
        """
        if self._start is None:
            return None
        (total, busy, own), before = self._read(), self._start
        others = (busy - before[1]) - (own - before[2])
        return max(0.0, others / (total - before[0]))

    def _read(self):
        """(all, busy, own) processor seconds so far; own with ended children."""
        try:
            with open("/proc/stat", encoding="ascii") as file:
                ticks = [int(text) for text in file.readline().split()[1:9]]
        except FileNotFoundError:
            return None
        total = sum(ticks) / os.sysconf("SC_CLK_TCK")
        waiting = (ticks[3] + ticks[4]) / os.sysconf("SC_CLK_TCK")
        return total, total - waiting, sum(os.times()[:4])


def cores() -> int:
    """Those that this process may use, which can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except FileNotFoundError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
