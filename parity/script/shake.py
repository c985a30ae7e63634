"""A run on minikeras from numbers that are a few roundings off.

Data, random draws and initial weights, what each layer gives and the slope it gets are
moved by eight units of float32 in the last place, up or down: each entry for itself,
and the channels of a layer as a whole, as if sums over all rows were off. The runs
come in pairs: where one goes up, the other goes down, so that one of them crosses a
kink that lies near.
"""

import math

import numpy as np

from parity.script.recorder import Recorder
from parity.script.texts import everywhere

ULPS = 8.0


class Shaker:
    """Moves arrays. Seeds 0 and 1 are a pair, 2 and 3 the next."""

    def __init__(self, seed: int):
        self._random = np.random.default_rng(seed // 2)
        self._far = ULPS if seed % 2 else -ULPS

    def __call__(self, x: np.ndarray, by_channel: bool = False) -> np.ndarray:
        """Whole numbers stay: labels, ids, masks, what a ReLU or dropout made 0."""
        if x.dtype.kind != "f":
            return x
        with np.errstate(all="ignore"):
            units = np.spacing(np.abs(x).astype("float32")).astype(x.dtype)
            moves = self._signs(x.shape) * units
            if by_channel and x.ndim > 1:
                moves = moves + self._channels(units)
            return np.where(x == np.rint(x), x, x + moves).astype(x.dtype)

    def _channels(self, units: np.ndarray) -> np.ndarray:
        """A shift and a stretch of each channel: tf.keras adds up n rows one by one,
        so that its means and variances are half √n roundings off."""
        axes = tuple(range(units.ndim - 1))
        rows = math.prod(units.shape[:-1])
        times = max(1.0, math.sqrt(rows) / (4 * ULPS))
        shift, stretch = (self._signs(units.shape[-1:]) for _ in range(2))
        return times * (shift * units.mean(axes) + stretch * units)

    def _signs(self, shape: tuple) -> np.ndarray:
        return np.where(self._random.random(shape) < 0.5, -self._far, self._far)


def install(seed: int, recorder: Recorder) -> None:
    from minikeras.random import samplers
    from minikeras.trainers.data_adapters import conversion

    shaken = Shaker(seed)

    def shake_result(function):
        return lambda *args, **kwargs: shaken(function(*args, **kwargs))

    for name in ("uniform", "normal", "truncated_normal"):
        draw = getattr(samplers, name)
        everywhere(draw, shake_result(draw), "minikeras")
    convert = conversion.to_tensor_dtype
    everywhere(convert, shake_result(convert), "minikeras")
    _shake_layers(shaken)
    if recorder.prepare is not None:
        recorder.prepare = _shake_weights(shaken, recorder.prepare)


def _shake_layers(shaken: Shaker) -> None:
    from minikeras import Layer, Tensor, tree
    from minikeras.autodiff.tape import Array, primitive

    @primitive
    def layer_output(x: Array):
        return shaken(x, True), (lambda dy: shaken(dy, True),)

    def shaken_output(output):
        if not isinstance(output, Tensor):
            return output
        if hasattr(output, "logits"):  # the loss may look at them instead
            output.value = shaken(output.value)
            return output
        moved = layer_output(output)
        moved._keras_mask = output._keras_mask
        return moved

    call_layer = Layer.__call__

    def call(layer, *args, **kwargs):
        return tree.map_structure(shaken_output, call_layer(layer, *args, **kwargs))

    Layer.__call__ = call


def _shake_weights(shaken: Shaker, prepare):
    """`prepare` gives a float64 run the weights that the float32 run started from."""

    def prepare_shaken(run) -> None:
        prepare(run)
        run.model.set_weights([shaken(w) for w in run.model.get_weights()])

    return prepare_shaken
