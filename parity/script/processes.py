"""Runs a script three times, one after the other, each in a process of its own:
with tf.keras, on minikeras, and on minikeras in float64 as the judge of rounding.

One after the other because a script may write files, and both sides take time.
"""

import os
import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from parity.script.recording import EXIT, Ending, Event, read
from parity.sides import environment

NAMES = {"keras": "tf.keras", "minikeras": "minikeras"}


class ScriptError(RuntimeError):
    """The script cannot be compared; the message is for the user."""


@dataclass
class Options:
    """How to run a script. `prelude` names a module that the minikeras runs import
    before the script, `time_limit` is in seconds and for each run; `shake` is the
    seed of a run on minikeras from numbers that are one rounding off (shake.py)."""

    script: str
    arguments: list[str]
    seed: int = 0
    max_steps: int = 20
    max_epochs: int | None = None
    time_limit: float = 300.0
    prelude: str | None = None
    shake: int | None = None


def record(library: str, out: Path, options: Options, weights: Path | None = None):
    """Runs the script once; ScriptError if it fails, lasts too long or never fits."""
    job, log = write_job(library, out, options, weights)
    _run([sys.executable, "-m", "parity.script.record", str(job)], log, options)
    check(library, out, log)


def write_job(library: str, out: Path, options: Options, weights: Path | None):
    """The files beside `out`: what record.py is to do, and what the script prints."""
    job = {
        "library": library,
        "out": str(out),
        "script": options.script,
        "arguments": options.arguments,
        "seed": options.seed,
        "max_steps": options.max_steps,
        "max_epochs": options.max_epochs,
        "prelude": options.prelude,
        "shake": options.shake,
        "weights": weights and str(weights),
    }
    job_file, log = out.with_suffix(".job"), out.with_suffix(".log")
    job_file.write_bytes(pickle.dumps(job))
    return job_file, log


def variables() -> dict[str, str]:
    """The environment of a script."""
    return {**environment(), "KERAS_BACKEND": "tensorflow", "MPLBACKEND": "Agg"}


def _run(command: list[str], log: Path, options: Options) -> None:
    with log.open("w") as file:
        process = subprocess.Popen(
            command,
            env=variables(),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,  # so that what the script started ends with it
        )
        try:
            process.wait(options.time_limit)
        except subprocess.TimeoutExpired as expired:
            raise too_long(options) from expired
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def too_long(options: Options) -> ScriptError:
    return ScriptError(
        f"{options.script} did not end within {options.time_limit:g} s; "
        "cut it with --max-epochs, or give it more with --time-limit"
    )


def check(library: str, out: Path, log: Path) -> None:
    """ScriptError unless the recording is one of a script that ended well."""
    name = NAMES[library]
    ending, events = None, 0
    for ending in read(out) if out.exists() else ():
        events += isinstance(ending, Event) and ending.place.moment != "print"
    if not isinstance(ending, Ending):
        raise ScriptError(f"{name} died: {_last_line(log) or 'without a word'}")
    if ending.error:
        where = f" (line {ending.line})" if ending.line else ""
        said = f"the script fails with {name}{where}: {ending.error}"
        last = _last_line(log)
        if ending.error == f"{EXIT} 2" and last:  # what argparse ends with
            said = f"{said} ({last}); its arguments stand after --"
        raise ScriptError(said)
    if not events:
        raise ScriptError(
            "the script never calls fit, evaluate, predict or train_on_batch "
            f"with {name}: nothing to compare"
        )


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
