"""One workload in other sizes, the two libraries taking turns."""

import contextlib
import time
from collections.abc import Iterator

from benchmarks import workloads
from benchmarks.process import Worker, WorkerError
from benchmarks.runner import SETTLE, Settings, rotated

BOTH = ("minikeras", "tf.keras")


@contextlib.contextmanager
def workers(
    workload: str, settings: Settings
) -> Iterator[tuple[dict[str, Worker], dict[str, str]]]:
    """A process per library, for as long as the block lasts; what failed, and why."""
    started, failures = {}, {}
    with contextlib.ExitStack() as stack:
        for library in BOTH:
            if library in settings.libraries:
                try:
                    worker = stack.enter_context(Worker(workload, library))
                    started[library] = worker
                except WorkerError as error:
                    failures[library] = str(error)
        yield started, failures


def step_seconds(
    started: dict[str, Worker],
    workload: str,
    sizes: dict,
    seconds: float,
    turns: int,
) -> dict[str, list[float]]:
    """Seconds per warm training step: one sample per library and turn.

    `sizes` goes to the workload's with_keras; where a batch is among them, the rows
    are those of as many batches as the workload has by itself. A run takes about
    `seconds`.
    """
    steps = workloads.load(workload).STEPS
    if "batch" in sizes:
        sizes = sizes | {"rows": steps * sizes["batch"]}
    counts = {}
    for library, worker in started.items():
        worker.ask("run", count=1, sizes=sizes)
        counts[library] = worker.ask("calibrate", seconds=seconds)["count"]
    samples: dict[str, list[float]] = {library: [] for library in started}
    for turn in range(turns):
        for library in rotated(list(started), turn):
            time.sleep(SETTLE)
            answer = started[library].ask("again", count=counts[library])
            samples[library].append(answer["seconds"] / counts[library] / steps)
    return samples
