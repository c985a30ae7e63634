"""The float64 run: the script on minikeras, from the same float32 numbers.

What a float32 run starts from stays float32 here too, then widened: the data, every
random draw (a mask must drop the same units) and the initial weights. All that is
computed from there has 29 more bits.
"""

import sys
from pathlib import Path

import numpy as np

from parity.script.recorder import Recorder, weights_of
from parity.script.recording import Event, read


def install(keras, recorder: Recorder, weights: Path) -> None:
    from minikeras.random import samplers
    from minikeras.trainers.data_adapters import conversion

    keras.config.set_floatx("float64")
    for name in ("uniform", "normal", "truncated_normal"):
        everywhere(getattr(samplers, name), _narrow_draw)
    everywhere(conversion.to_tensor_dtype, _narrow_data)
    recorder.prepare = _Weights(weights).copy_to


def _narrow_draw(draw):
    return lambda shape, dtype, seed: draw(shape, "float32", seed).astype(dtype)


def _narrow_data(convert):
    def narrow(array, *args, **kwargs):
        if array.dtype.kind == "f":
            array = array.astype("float32")
        return convert(array, *args, **kwargs)

    return narrow


def everywhere(function, wrap) -> None:
    """Replaces a function under each name that a module of minikeras has for it."""
    replacement = wrap(function)
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "minikeras":
            for attribute, value in list(vars(module).items()):
                if value is function:
                    setattr(module, attribute, replacement)


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
