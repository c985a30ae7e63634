"""Starts one process per measurement, the libraries taking turns."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import time

from benchmarks import workloads
from benchmarks.results import LIBRARIES, Results

ROOT = pathlib.Path(__file__).parents[1]
IMPORTS = {
    "by hand": "import numpy",
    "tuned": "import numpy",
    "minikeras": "import minikeras as keras",
    "tf.keras": "from tensorflow import keras",
}
_TIME = (
    "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"
)


class WorkerError(RuntimeError):
    """A measuring process failed; the message has the end of its stderr."""


def has_tensorflow() -> bool:
    return importlib.util.find_spec("tensorflow") is not None


def run(workload: str, epochs: int, runs: int, tf_runs: int, progress) -> Results:
    """All measurements of a workload: `runs` rounds, tf.keras in `tf_runs` of them.

    In a round the libraries take turns at each measurement, and each round begins
    with another one, so that what disturbs the machine disturbs all of them.
    `progress(text)` is told what comes next.
    """
    results = Results(workload, epochs)
    turns = tf_rounds(runs, tf_runs)
    for library in LIBRARIES if tf_runs else LIBRARIES[:-1]:
        progress(f"once, not counted: {library}")  # writes .pyc, fills file caches
        run_worker(workload, library, "first", 1)
    for number in range(runs):
        libraries = [n for n in LIBRARIES if n != "tf.keras" or number in turns]
        shift = number % len(libraries)
        for measure in MEASUREMENTS:
            for library in libraries[shift:] + libraries[:shift]:
                progress(f"round {number + 1} of {runs}: {library}")
                measure(results, library)
    return results


def tf_rounds(runs: int, tf_runs: int) -> list[int]:
    """The rounds with tf.keras in them, spread evenly."""
    count = min(runs, tf_runs)
    return [i * runs // count for i in range(count)]


def measure_import(results: Results, library: str) -> None:
    """The bare import, and the import with all that the workload takes from it."""
    results.add("import", library, time_statement(IMPORTS[library]))
    statement = IMPORTS[library]
    if library not in ("by hand", "tuned"):
        used = workloads.load(results.workload).USED
        statement = "; ".join([statement, *(f"keras.{name}" for name in used)])
    results.add("import, used", library, time_statement(statement))


def measure_first(results: Results, library: str) -> None:
    seconds, worker = run_worker(results.workload, library, "first", results.epochs)
    results.add("fit, first", library, worker["fit"])
    results.add("whole process", library, seconds)
    results.add("cpu time", library, worker["cpu time"])
    results.add("peak memory", library, worker["peak memory"])
    results.threads[library] = worker["threads"]
    results.histories[library] = worker["history"]


def measure_warm(results: Results, library: str) -> None:
    _, worker = run_worker(results.workload, library, "warm", results.epochs)
    results.add("fit, warm", library, worker["fit"])


# What each library does in a round. Imports are short and vary most: twice.
MEASUREMENTS = (measure_import, measure_import, measure_first, measure_warm)


def time_statement(statement: str) -> float:
    """Seconds that `statement` takes in a new interpreter."""
    return float(_python("-c", _TIME.format(statement)))


def run_worker(workload: str, library: str, mode: str, epochs: int):
    """(seconds from starting python to its end, the worker's report)."""
    start = time.perf_counter()
    output = _python("-m", "benchmarks.worker", workload, library, mode, str(epochs))
    return time.perf_counter() - start, json.loads(output.splitlines()[-1])


def environment() -> dict[str, str]:
    """This process's variables, less the one that forbids to write .pyc files.

    With it minikeras, run from its sources, would be compiled anew in each process,
    while installed packages have their .pyc since pip put them there.
    """
    unwanted = "PYTHONDONTWRITEBYTECODE"
    return {name: value for name, value in os.environ.items() if name != unwanted}


def _python(*arguments: str) -> str:
    process = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
    )
    if process.returncode:
        raise WorkerError(
            f"`python {' '.join(arguments)}` ended with {process.returncode}:\n"
            + process.stderr[-2000:]
        )
    return process.stdout
