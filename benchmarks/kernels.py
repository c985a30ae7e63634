"""One layer at a time: a training step of each, beside tf.keras's."""

import functools

from benchmarks import sized
from benchmarks.pairs import Pairs, show
from benchmarks.runner import Settings
from benchmarks.workloads.layer import KERNELS

__all__ = ["NAME", "run", "show"]

NAME = "kernels"
TITLE = "A step of one layer, forward and gradients, between two small Dense layers"
AT_MOST = 1.3
TURNS = 5


def run(settings: Settings, progress) -> Pairs:
    """Every kernel, the libraries in turns; --quick: fewer and shorter turns."""
    seconds, turns = (0.1, 3) if settings.quick else (0.3, TURNS)
    with sized.workers("layer", settings) as (workers, failures):
        found = Pairs(TITLE, failures)
        for kernel in KERNELS:
            progress(f"kernels: {kernel}")
            measure = functools.partial(
                *(sized.step_seconds, workers, "layer", {"kernel": kernel}),
                *(seconds, turns),
            )
            found.add(kernel, measure, AT_MOST)
    return found
