"""Saving and loading a large model, beside tf.keras."""

import functools

from benchmarks import sized
from benchmarks.pairs import Pairs, show
from benchmarks.runner import Settings
from benchmarks.workloads import files

__all__ = ["NAME", "run", "show"]

NAME = "files"
AT_MOST = 1.0
TURNS = 9


def run(settings: Settings, progress) -> Pairs:
    """Seconds to save a file and to load it, the libraries in turns."""
    seconds, turns = (0.3, 3) if settings.quick else (0.6, TURNS)
    with sized.workers("files", settings) as (workers, failures):
        found = Pairs(files.TITLE, failures)
        for action in ("save", "load"):
            progress(f"files: {action}")
            measure = functools.partial(
                *(sized.step_seconds, workers, "files", {"action": action}),
                *(seconds, turns),
            )
            found.add(action, measure, AT_MOST)
    return found
