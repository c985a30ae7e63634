"""The built-in training runs: short scripts, each recorded on all three sides.

The scripts in runs/ are what anybody would write for Keras; `python -m parity
parity/runs/lstm.py` runs one of them alone.
"""

import contextlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from parity.findings import REAL, Miss, Row, Trace
from parity.script.compare import compare
from parity.script.processes import Options, ScriptError
from parity.script.rows import rows_of, trace_of
from parity.script.spread import shaken
from parity.script.worker import Worker
from parity.sides import PROCESSES
from parity.turns import Team, longest_first
from parity.verdicts import FAILED

FOLDER = Path(__file__).parent / "runs"
RUNS = {f"runs.{path.stem}": path for path in sorted(FOLDER.glob("*.py"))}
STEPS = 6  # of each fit in detail
TIME_LIMIT = 3600.0  # seconds for each script and side: only one that hangs takes them


def gather(
    names: list[str], keras_side: Path | None = None, prelude: str | None = None
) -> tuple[list[Row], list[Trace]]:
    """The rows and traces of these runs. `keras_side` is a folder of tf.keras's
    recordings (`record_keras`) in the place of TensorFlow; `prelude` as in Options."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(1) as pool:
        ours, theirs = Path(name) / "minikeras", keras_side or Path(name) / "keras"
        running = None
        if keras_side is None:
            running = pool.submit(record_keras, names, theirs)
        failed, unjudged = _record_minikeras(names, ours, prelude)
        failed |= running.result() if running else {}
        rows: list[Row] = []
        traces: list[Trace] = []
        for run in names:
            if run in failed:
                rows.append(failure(run, failed[run]))
                continue
            trouble = unjudged.get(run)
            judge = None if trouble else _judge(ours, run)
            events = events_of(theirs, run), events_of(ours, run)
            found = compare(*events, judge, partial(_shaken, ours, run, prelude))
            rows += rows_of(run, found, trouble)
            traces.append(trace_of(run, found))
        return rows, traces


def record_keras(names: list[str], folder: Path) -> dict[str, str]:
    """Records the runs with tf.keras as FOLDER/NAME.events; {name: why it failed}."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = {}

    def record(worker: Worker, run: str) -> None:
        worker.record(events_of(folder, run), _options(run))

    with contextlib.ExitStack() as stack:
        count = min(PROCESSES, len(names))
        workers = [stack.enter_context(Worker("keras")) for _ in range(count)]
        team = stack.enter_context(Team(workers))
        ended = {run: team.submit(record, run) for run in longest_first(names)}
        for run, recorded in ended.items():
            try:
                recorded.result()
            except ScriptError as error:
                failed[run] = str(error)
    return failed


def _record_minikeras(names: list[str], folder: Path, prelude: str | None):
    """Each run in float32 and then, from the same weights, in float64. Two dicts by
    name: why it failed, and why there is no float64 run."""
    folder.mkdir(parents=True, exist_ok=True)
    failed: dict[str, str] = {}
    unjudged: dict[str, str] = {}
    with Worker("minikeras") as worker:
        for run in names:
            events, options = events_of(folder, run), _options(run, prelude)
            try:
                worker.record(events, options)
            except ScriptError as error:
                failed[run] = str(error)
                continue
            try:
                worker.record(_judge(folder, run), options, events)
            except ScriptError as error:
                unjudged[run] = str(error)
    return failed, unjudged


def _shaken(folder: Path, run: str, prelude: str | None, wide: bool) -> list[Path]:
    """For Spread: recordings of runs that start a few roundings off."""
    weights = events_of(folder, run) if wide else None
    with Worker("minikeras") as worker:

        def record(path: Path, seed: int) -> None:
            options = replace(_options(run, prelude), shake=seed)
            worker.record(path, options, weights)

        return shaken(folder / f"{run}.{'wide' if wide else 'narrow'}", record)


def events_of(folder: Path, run: str) -> Path:
    """Where the recording of a run is."""
    return folder / f"{run}.events"


def _judge(folder: Path, run: str) -> Path:
    return folder / f"{run}.judge"


def _options(run: str, prelude: str | None = None) -> Options:
    return Options(
        str(RUNS[run]), [], max_steps=STEPS, time_limit=TIME_LIMIT, prelude=prelude
    )


def failure(run: str, said: str) -> Row:
    """The row of a run that a side cannot do."""
    return Row(run, FAILED, 1, verdict=REAL, misses=[Miss(run, said)])
