"""Random numbers as inputs of what is computed with them."""

from minikeras.autodiff import Tensor
from minikeras.autodiff.recording import recording


def drawn(function, shape, *options) -> Tensor:
    """function(shape, *options), random numbers, as a Tensor. A program gets them anew
    each time that it runs; their first axis is the batch's, where they have one."""
    if recording.trace is not None:
        return recording.trace.drawn(function, shape, options)
    return Tensor(function(shape, *options))
