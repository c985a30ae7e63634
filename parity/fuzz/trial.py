"""Runs the script of a draw in tf.keras, on minikeras and in float64, and compares.

Each library has a process that stays (script/worker.py). tf.keras runs beside the two
runs on minikeras, of which the second, the judge, starts from the first one's weights.
Where they part, shaken runs say whether rounding alone moves the tensor as far.
"""

import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from parity.bound import REAL
from parity.fuzz.spec import Draw
from parity.fuzz.text import script
from parity.script.compare import Comparison, compare
from parity.script.processes import NAMES, Options, ScriptError
from parity.script.spread import shaken
from parity.script.worker import Worker

EXACT, ROUNDING, DROWNED = "agree exactly", "agree to rounding", "drowned in rounding"
REFUSED, PARTS = "both refuse", REAL
VERDICTS = (EXACT, ROUNDING, DROWNED, REFUSED, PARTS)

DETAILED = 4  # steps of a fit; the later ones run compiled


@dataclass(frozen=True)
class Outcome:
    """`kind` is equal for outcomes that have the same cause as far as can be seen:
    what parts and how, or which errors are raised. `said` is for the user."""

    verdict: str
    kind: str = ""
    said: str = ""


class Trial:
    """Judges draws. `other` is what minikeras is compared with, tf.keras for short;
    the preludes are modules that plant a fault into minikeras."""

    def __init__(
        self,
        prelude: str | None = None,
        time_limit: float = 120.0,
        other: str = "keras",
    ):
        self._prelude, self._time_limit = prelude, time_limit
        self._open = ExitStack()
        libraries = (other, "minikeras", "minikeras")
        self._keras, self._minikeras, self._judge = (
            self._open.enter_context(Worker(library)) for library in libraries
        )
        folder = tempfile.TemporaryDirectory()
        self._folder = Path(self._open.enter_context(folder))
        self._pool = self._open.enter_context(ThreadPoolExecutor(1))

    def run(self, draw: Draw) -> Outcome:
        """ScriptError if a worker itself cannot be started."""
        folder = self._folder
        path = folder / "draw.py"
        path.write_text(script(draw), encoding="utf-8")
        options = Options(
            str(path), [], max_steps=DETAILED, time_limit=self._time_limit
        )
        keras, minikeras = folder / "keras.events", folder / "minikeras.events"
        waiting = self._pool.submit(_error, self._keras, keras, options)
        options = replace(options, prelude=self._prelude)
        ours = _error(self._minikeras, minikeras, options)
        judge = None if ours else folder / "judge.events"
        if judge and _error(self._judge, judge, options, minikeras):
            judge = None
        theirs = waiting.result()
        if theirs or ours:
            return _refused(theirs, ours)
        shake = partial(self._shaken, options, minikeras)
        found = compare(keras, minikeras, judge, shake)
        return _compared(found)

    def _shaken(self, options: Options, minikeras: Path, wide: bool) -> list[Path]:
        """For Spread: recordings of runs that start a few roundings off."""
        worker, weights = (self._judge, minikeras) if wide else (self._minikeras, None)

        def record(path: Path, seed: int) -> None:
            worker.record(path, replace(options, shake=seed), weights)

        return shaken(self._folder / ("wide" if wide else "narrow"), record)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._open.close()


def _error(worker: Worker, out: Path, options: Options, weights=None) -> str | None:
    """What stopped the script, None if nothing did."""
    out.unlink(missing_ok=True)
    try:
        worker.record(out, options, weights)
    except ScriptError as error:
        if "the worker of" in str(error):
            raise
        return str(error)
    return None


def _refused(theirs: str | None, ours: str | None) -> Outcome:
    if theirs and ours:
        kinds = f"{_kind(theirs)} in tf.keras, {_kind(ours)} in minikeras"
        return Outcome(REFUSED, kinds, f"{theirs}\n{ours}")
    name = NAMES["keras" if theirs else "minikeras"]
    said = theirs or ours or ""
    return Outcome(PARTS, f"only {name} refuses: {_kind(said)}", said)


def _kind(said: str) -> str:
    """The name of the exception in the message of a ScriptError."""
    found = re.search(r": ([\w.]+(?:Error|Exception|Warning))\b", said)
    return found[1].rpartition(".")[2] if found else "no end"


def _compared(found: Comparison) -> Outcome:
    if found.part:
        what = (
            "numbers" if not found.part.note else re.sub(r"\d+", "N", found.part.note)
        )
        kind = f"{found.part.kind}: {what}"
        return Outcome(PARTS, kind, str(found.part))
    if found.drowned:
        return Outcome(DROWNED, said=f"from {found.drowned} on")
    exact = not any(found.largest.values())
    return Outcome(EXACT if exact else ROUNDING)
