"""Counterpart: the masking half of keras/src/layers/layer.py.

A mask says which time steps count: a boolean Tensor (batch, time), carried by the
Tensor it belongs to as `_keras_mask`. A layer whose `call` has an argument `mask`
receives it; a layer that `supports_masking` hands on what its `compute_mask` gives.
"""

import numpy as np

from minikeras import tree
from minikeras.autodiff import Symbolic, Tensor
from minikeras.caller import warn


def mask_of(x):
    """The mask(s) of a Tensor or a nest of them; None where there is none."""
    if isinstance(x, (Tensor, Symbolic)):
        return x._keras_mask
    if x is None or isinstance(x, bool):  # an argument like `training`
        return None
    return tree.map_structure(lambda part: getattr(part, "_keras_mask", None), x)


def keeping_mask(x, converted):
    """`converted` with the mask of `x`, from which it was made."""
    if converted is not x and isinstance(converted, Tensor):
        converted._keras_mask = getattr(x, "_keras_mask", None)
    return converted


def has_mask(masks) -> bool:
    return masks is not None and any(m is not None for m in tree.flatten(masks))


def any_mask(arguments: tuple) -> bool:
    return any(has_mask(mask_of(x)) for x in arguments)


def fill_in(names: tuple, args: tuple, kwargs: dict) -> None:
    """Adds the masks that `call` asks for and nobody gave: `mask` for the only
    argument with Tensors, `x_mask` and `y_mask` for arguments `x` and `y`."""
    given = dict(zip(names, args, strict=False)) | kwargs
    holding = [n for n, x in given.items() if _holds_tensor(x)]
    for name in holding:
        wanted = "mask" if len(holding) == 1 else f"{name}_mask"
        if wanted in names and given.get(wanted) is None:
            kwargs[wanted] = mask_of(given[name])


def _holds_tensor(x) -> bool:
    kinds = (Tensor, Symbolic, np.ndarray)
    return any(isinstance(part, kinds) for part in tree.flatten(x))


def hand_on(layer, inputs, outputs, previous) -> None:
    """Gives the outputs the masks that the layer computes from those of its input."""
    if not layer.supports_masking:
        if has_mask(previous):
            warn(
                f"Layer '{layer.name}' (of type {type(layer).__name__}) was passed an "
                "input with a mask attached to it. However, this layer does not "
                "support masking and will therefore destroy the mask information. "
                "Downstream layers will not see the mask."
            )
        return
    flat = tree.flatten(outputs)
    if all(getattr(y, "_keras_mask", None) is not None for y in flat):
        return
    masks = layer.compute_mask(inputs, previous)
    if masks is None:
        return
    for y, mask in zip(flat, tree.flatten(masks), strict=False):
        if isinstance(y, (Tensor, Symbolic)) and y._keras_mask is None:
            y._keras_mask = mask
