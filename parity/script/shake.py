"""A run on minikeras from numbers that are a few roundings off.

Data, random draws (so the initial weights too) and what each layer gives are moved by
eight units of float32 in the last place, up or down. The runs come in pairs: where one
goes up, the other goes down, so that one of them crosses a kink that lies near.
"""

import numpy as np

from parity.script.recorder import Recorder
from parity.script.texts import everywhere

ULPS = 8.0


def install(seed: int, recorder: Recorder) -> None:
    """Seeds 0 and 1 are a pair, 2 and 3 the next."""
    from minikeras import Layer, Tensor, tree
    from minikeras.autodiff.tape import Array, primitive
    from minikeras.random import samplers
    from minikeras.trainers.data_adapters import conversion

    random = np.random.default_rng(seed // 2)
    far = ULPS if seed % 2 else -ULPS

    def signs(shape: tuple) -> np.ndarray:
        return np.where(random.random(shape) < 0.5, -far, far)

    def shaken(x: np.ndarray, by_channel: bool = False) -> np.ndarray:
        if x.dtype.kind != "f":
            return x
        with np.errstate(all="ignore"):
            units = np.spacing(np.abs(x).astype("float32")).astype(x.dtype)
            moves = signs(x.shape) * units
            if by_channel and x.ndim > 1:
                axes = tuple(range(x.ndim - 1))
                moves = moves + signs(x.shape[-1:]) * units.mean(axes)
            moved = np.where(x == np.rint(x), x, x + moves)  # labels, ids, masks
        return moved.astype(x.dtype)

    @primitive
    def layer_output(x: Array):
        return shaken(x, True), (lambda dy: shaken(dy, True),)

    def shake_result(function):
        return lambda *args, **kwargs: shaken(function(*args, **kwargs))

    for name in ("uniform", "normal", "truncated_normal"):
        draw = getattr(samplers, name)
        everywhere(draw, shake_result(draw), "minikeras")
    convert = conversion.to_tensor_dtype
    everywhere(convert, shake_result(convert), "minikeras")
    call_layer = Layer.__call__

    def shaken_output(output):
        if not isinstance(output, Tensor):
            return output
        if hasattr(output, "logits"):
            output.value = shaken(output.value)
            return output
        moved = layer_output(output)
        moved._keras_mask = output._keras_mask
        return moved

    def call(layer, *args, **kwargs):
        outputs = call_layer(layer, *args, **kwargs)
        return tree.map_structure(shaken_output, outputs)

    Layer.__call__ = call
    given = recorder.prepare
    if given is None:
        return

    def prepare(run) -> None:
        given(run)
        model = run.model
        model.set_weights([shaken(w) for w in model.get_weights()])

    recorder.prepare = prepare
