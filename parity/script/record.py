"""One run of a script with one library: `python -m parity.script.record JOB.pkl`.

A job is a dict: library ("keras" or "minikeras"), out (the recording), script,
arguments, seed, max_steps, max_epochs, prelude (a module to import first, or None),
weights (the recording whose initial weights a float64 run takes, or None) and shake
(the seed of a run that starts one rounding off, or None).
"""

import contextlib
import importlib
import os
import pickle
import sys
import traceback
from pathlib import Path

from minikeras.compat.names import tensorflow_names
from minikeras.compat.script import run_script
from parity.script import hooks, judge, shake
from parity.script.recorder import Recorder
from parity.script.recording import EXIT, Ending


def main(path: str) -> None:
    job = pickle.loads(Path(path).read_bytes())
    with open(job["out"], "wb") as file:
        ending = _record(job, file)
        pickle.dump(ending, file)


def _record(job: dict, file) -> Ending:
    recorder = Recorder(file, job["max_steps"])
    ours = job["library"] == "minikeras"
    if ours and job["prelude"]:
        importlib.import_module(job["prelude"])
    keras = importlib.import_module("minikeras" if ours else "tensorflow")
    keras = keras if ours else keras.keras
    if job["weights"]:
        judge.install(keras, recorder, Path(job["weights"]))
    if job["shake"] is not None:
        shake.install(job["shake"], recorder)
    hooks.install(keras, recorder, job["max_epochs"])
    keras.utils.set_random_seed(job["seed"])
    return _run(job, tensorflow_names if ours else contextlib.nullcontext)


def _run(job: dict, imports) -> Ending:
    script = job["script"]
    found = []
    sys.excepthook = lambda kind, error, trace: found.append(error)
    try:
        status = run_script(script, job["arguments"], imports)
    except SystemExit as exit:
        status = exit.code or 0
    if not found:
        return Ending(_exit(status) if status else None)
    return _ending(found[0], script)


def _exit(status) -> str:
    """`sys.exit` takes a number, or a text that stands for 1."""
    return f"{EXIT} {status}" if isinstance(status, int) else f"{EXIT} 1: {status}"


def _ending(error: BaseException, script: str) -> Ending:
    """The last line of the error, and the script's line it comes from."""
    path = os.path.abspath(script)
    said = traceback.format_exception_only(error)[-1].strip().splitlines()
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == path]
    own = error.lineno if isinstance(error, SyntaxError) else None
    return Ending(said[0] if said else repr(error), lines[-1] if lines else own)


if __name__ == "__main__":
    main(sys.argv[1])
