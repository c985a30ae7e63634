"""The float64 run: the script on minikeras, from the same float32 numbers.

Data and draws are narrowed to float32 (wide.py), and so are the initial weights: they
are those of the float32 run.
"""

from pathlib import Path

import numpy as np

from parity.script.recorder import Recorder, weights_of
from parity.script.recording import Event, read
from parity.wide import widen


def install(keras, recorder: Recorder, weights: Path) -> None:
    """Everything that the script does from now on is done in float64."""
    widen(keras)
    recorder.prepare = _Weights(weights).copy_to


class _Weights:
    """Gives each model, before its first run, what it had in the float32 run.

    But for one that was trained before, as another object: out of a file it comes with
    the weights of the float64 run, which are to judge those of the float32 run.
    """

    def __init__(self, recording: Path):
        self._starts = {
            event.place.run: event
            for event in read(recording)
            if isinstance(event, Event) and event.place.moment == "start"
        }
        self._seen: list = []

    def copy_to(self, run) -> None:
        if any(model is run.model for model in self._seen):
            return
        self._seen.append(run.model)
        if run.number not in self._starts or _was_trained(run.model):
            return
        wanted = list(self._starts[run.number].tensors.values())
        found = [value.shape for _, value in weights_of(run.model)]
        if found == [value.shape for value in wanted]:
            run.model.set_weights([np.asarray(v, "float64") for v in wanted])


def _was_trained(model) -> bool:
    optimizer = getattr(model, "optimizer", None)
    return optimizer is not None and int(optimizer.iterations) > 0
