"""A float32 run on minikeras from numbers that are one rounding off.

Data, random draws (so the initial weights too) and what each layer gives are moved by
one unit in the last place, up or down. How far a tensor moves then is how far rounding
alone moves it, and a difference between two libraries that is no larger is none. The
judge (judge.py) sees the errors of two runs, of which one may be small by luck; this
sees the size they have where digits are lost, in a difference of near numbers or a
division by a small one.
"""

from pathlib import Path

import numpy as np

from parity import bound
from parity.script.compare import Part
from parity.script.judged import pairs_of
from parity.script.recording import Event, read
from parity.script.texts import everywhere


def install(seed: int) -> None:
    from minikeras import Layer, Tensor, tree
    from minikeras.random import samplers
    from minikeras.trainers.data_adapters import conversion

    random = np.random.default_rng(seed)

    def shaken(x: np.ndarray) -> np.ndarray:
        if x.dtype != np.float32:
            return x
        towards = np.where(random.random(x.shape) < 0.5, -np.inf, np.inf)
        moved = np.nextafter(x, towards.astype("float32"))
        return np.where(x == np.rint(x), x, moved)  # labels, ids, masks

    def shake_result(function):
        return lambda *args, **kwargs: shaken(function(*args, **kwargs))

    for name in ("uniform", "normal", "truncated_normal"):
        draw = getattr(samplers, name)
        everywhere(draw, shake_result(draw), "minikeras")
    convert = conversion.to_tensor_dtype
    everywhere(convert, shake_result(convert), "minikeras")
    call_layer = Layer.__call__

    def call(layer, *args, **kwargs):
        outputs = call_layer(layer, *args, **kwargs)
        for output in tree.flatten(outputs):
            if isinstance(output, Tensor):
                output.value = shaken(output.value)
        return outputs

    Layer.__call__ = call


def explains(part: Part, keras: Path, minikeras: Path, shaken: list[Path]) -> bool:
    """Whether the tensor that parts moves as far (to 16 times) in a shaken run."""
    if part.note:
        return False
    a, b = _at(keras, part), _at(minikeras, part)
    for key, _, ours in pairs_of(a, b):
        if key == (part.kind, part.tensor):
            name, y = ours
            others = [_at(path, part).tensors.get(name) for path in shaken]
            moves = [
                bound.distance(other, y)
                for other in others
                if other is not None and other.shape == y.shape
            ]
            return part.gap <= bound.ALIKE * max(moves, default=0.0)
    return False


def _at(path: Path, part: Part) -> Event:
    """The event of the part's place; one without tensors if there is none."""
    for entry in read(path):
        if isinstance(entry, Event) and entry.place == part.place:
            return entry
    return Event(part.place)
