"""Runs one workload once with one library; the last line it prints is JSON.

    python -m benchmarks.worker WORKLOAD LIBRARY first|warm EPOCHS

"first" times the first fit of the process, all compiling and tracing included.
"warm" times a second fit of the same model, after a few epochs that are not
timed. Everything else in the report of a process is its own reading of itself.
"""

import importlib
import json
import sys
import time

from benchmarks import workloads

# What to import for a library, and the attributes that lead from there to Keras.
KERAS = {"minikeras": ("minikeras", ()), "tf.keras": ("tensorflow", ("keras",))}


def keras_module(library: str):
    """minikeras, or tensorflow.keras."""
    name, attributes = KERAS[library]
    module = importlib.import_module(name)
    for attribute in attributes:
        module = getattr(module, attribute)
    return module


def own_status() -> dict:
    """The most memory that this process has had resident, in MB, and its threads.

    From Linux's /proc where there is one: getrusage counts in what the parent
    process had before this program replaced it, and knows no threads.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
    except FileNotFoundError:
        import resource  # Unix only

        unit = 1024**2 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {"peak memory": peak / unit, "threads": None}
    peak = int(lines["VmHWM"].removesuffix("kB\n"))
    return {"peak memory": peak / 1024, "threads": int(lines["Threads"])}


def measure(workload, library: str, mode: str, epochs: int) -> dict:
    if library == "by hand":
        fit = workload.by_hand()
    elif library == "tuned":
        fit = workload.tuned()
    else:
        fit = workload.with_keras(keras_module(library))
    if mode == "warm":
        fit(workload.WARM_UP)
    start = time.perf_counter()
    history = fit(epochs)
    seconds = time.perf_counter() - start
    return {
        "fit": seconds,
        "cpu time": time.process_time(),
        **own_status(),
        "history": {name: [float(v) for v in row] for name, row in history.items()},
    }


if __name__ == "__main__":
    name, library, mode, epochs = sys.argv[1:]
    report = measure(workloads.load(name), library, mode, int(epochs))
    print(json.dumps(report))
