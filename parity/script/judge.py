"""The float64 run: the script on minikeras, from the same float32 numbers.

What a float32 run starts from stays float32 here too, then widened: the data, every
random draw (a mask must drop the same units) and the initial weights. All that is
computed from there has 29 more bits.
"""

from pathlib import Path

import numpy as np

from parity.script.recorder import Recorder, weights_of
from parity.script.recording import Event, read
from parity.script.texts import everywhere


def install(keras, recorder: Recorder, weights: Path) -> None:
    """Everything that the script does from now on is done in float64."""
    widen(keras)
    recorder.prepare = _Weights(weights).copy_to


def widen(keras) -> None:
    """Makes float64 the default of minikeras, but for draws and data."""
    from minikeras.random import samplers
    from minikeras.trainers.data_adapters import conversion

    keras.config.set_floatx("float64")
    for name in ("uniform", "normal", "truncated_normal"):
        draw = getattr(samplers, name)
        everywhere(draw, _narrow_draw(draw), "minikeras")
    convert = conversion.to_tensor_dtype
    everywhere(convert, _narrow_data(convert), "minikeras")


def _narrow_draw(draw):
    return lambda shape, dtype, seed: draw(shape, "float32", seed).astype(dtype)


def _narrow_data(convert):
    def narrow(array, *args, **kwargs):
        if array.dtype.kind == "f":
            array = array.astype("float32")
        return convert(array, *args, **kwargs)

    return narrow


class _Weights:
    """Gives each model, before its first run, what it had in the float32 run."""

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
        if run.number not in self._starts:
            return
        wanted = list(self._starts[run.number].tensors.values())
        found = [value.shape for _, value in weights_of(run.model)]
        if found == [value.shape for value in wanted]:
            run.model.set_weights([np.asarray(v, "float64") for v in wanted])
