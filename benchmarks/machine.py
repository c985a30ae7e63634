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
    """Processor, cores, thread settings, load and versions, ready for JSON."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "time": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "processor": _processor(),
        "cores": _cores(),
        "load before": _load(),
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


def _cores() -> int:
    """Those that this process may use, which can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load() -> float | None:
    """The mean number of processes that wanted a core in the last minute."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


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
