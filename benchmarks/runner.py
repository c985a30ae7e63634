"""Runs a workload: libraries take turns, each in a process of its own."""

import dataclasses
import time

from benchmarks import workloads
from benchmarks.libraries import able
from benchmarks.process import Worker, WorkerError
from benchmarks.results import Results

# OpenBLAS's and TensorFlow's threads look for more work this long before they
# sleep; they would do it at the expense of the next library.
SETTLE = 0.1


@dataclasses.dataclass(frozen=True)
class Settings:
    """How much is measured."""

    processes: int  # per library; each gives one first fit
    runs: int  # warm ones per library, spread over its processes
    seconds: float  # that a warm run is to take
    quick: bool
    libraries: tuple[str, ...]

    def turns(self) -> list[int]:
        """Warm runs of each process."""
        each, rest = divmod(self.runs, self.processes)
        return [each + (i < rest) for i in range(self.processes)]


def run(name: str, settings: Settings, progress) -> Results:
    """All measurements of a workload.

    A round starts one process per library, in turn up to the end of its first fit;
    then they take turns at warm runs, and only one works at a time. Each round and
    turn begins with another library, so that what disturbs the machine disturbs
    all of them. `progress(text)` is told what comes next.
    """
    workload = workloads.load(name)
    epochs = workload.EPOCHS
    if settings.quick:
        epochs = getattr(workload, "QUICK_EPOCHS", epochs)
    results = Results(name, epochs)
    libraries = [n for n in able(workload) if n in settings.libraries]
    for number, turns in enumerate(settings.turns()):
        workers: dict[str, Worker] = {}
        try:
            for library in rotated(libraries, number):
                if library not in results.failures:
                    progress(f"{name}, round {number + 1}: {library}, first fit")
                    first_fit(results, library, workers)
            counts = calibrate(workers, settings.seconds, progress)
            for turn in range(turns):
                for library in rotated(list(workers), turn):
                    progress(f"{name}, round {number + 1}: {library}, warm")
                    warm(results, workers, library, counts[library])
        finally:
            for worker in workers.values():
                worker.close()
    return results


def rotated(libraries: list[str], by: int) -> list[str]:
    shift = by % len(libraries) if libraries else 0
    return libraries[shift:] + libraries[:shift]


def first_fit(results: Results, library: str, workers: dict[str, Worker]) -> None:
    """Imports and fits in a new process and keeps it; or notes why it failed."""
    try:
        worker = Worker(results.workload, library)
        workers[library] = worker
        answer = worker.ask("run", count=results.epochs, sizes={})
    except WorkerError as error:
        results.failures[library] = str(error)
        if library in workers:
            workers.pop(library).close()
        return
    seconds = time.perf_counter() - worker.started
    for measure, value in worker.imports.items():
        results.add(measure, library, value)
    results.add("first fit", library, answer["seconds"])
    results.add("whole process", library, seconds)
    results.add("cpu time", library, answer["cpu time"])
    results.add("peak memory", library, answer["peak memory"])
    results.threads[library] = answer["threads"]
    results.histories[library] = answer["history"]


def calibrate(workers: dict[str, Worker], seconds: float, progress) -> dict[str, int]:
    counts = {}
    for library, worker in workers.items():
        progress(f"warming up: {library}")
        counts[library] = worker.ask("calibrate", seconds=seconds)["count"]
    return counts


def warm(
    results: Results, workers: dict[str, Worker], library: str, count: int
) -> None:
    """One warm run of a library, with an eye on the processes that wait."""
    time.sleep(SETTLE)
    waiting = [w for n, w in workers.items() if n != library]
    before = sum(w.cpu_seconds() for w in waiting)
    seconds = workers[library].ask("again", count=count)["seconds"]
    taken = sum(w.cpu_seconds() for w in waiting) - before
    results.idle = max(results.idle, taken / seconds)
    steps = count * workloads.load(results.workload).STEPS
    results.add("step, warm", library, seconds / steps)
    results.counts.setdefault(library, []).append(count)


def warm_file_caches(names: list[str], settings: Settings, progress) -> None:
    """Imports that do not count, but write .pyc files and fill the file caches."""
    for library in settings.libraries:
        # Of the others all workloads import the same, or what pip has compiled.
        for name in names if library == "minikeras" else names[:1]:
            progress(f"once, not counted: {library}")
            try:
                Worker(name, library).close()
            except WorkerError:
                pass  # the measurement itself will meet it and report it
