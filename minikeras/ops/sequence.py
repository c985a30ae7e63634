"""What the whole-sequence ops (lstm.py, gru.py) share. Their arrays are time-major:
(time, batch, features), so that one step is one block of memory."""

import numpy as np

_CACHE_BYTES = 512 * 1024  # of a block of steps, so that a core's cache holds it


class Once:
    """A function of dy that is done once for all inputs of an op.

    The derivatives by input, weights and first states come from one walk back
    through time; each input's own vjp then takes its part of it.
    """

    def __init__(self, walk_back):
        self._walk_back = walk_back
        self._dy = self._result = None

    def __call__(self, dy):
        if self._dy is not dy:
            self._dy, self._result = dy, self._walk_back(dy)
        return self._result


def to_steps(x, dtype, go_backwards):
    """(batch, time, …) as (time, batch, …), the last step first if `go_backwards`."""
    steps = x.swapaxes(0, 1)
    if go_backwards:
        steps = steps[::-1]
    return np.ascontiguousarray(steps, dtype)


def from_steps(steps, go_backwards):
    """The way back of `to_steps`, for a derivative."""
    return (steps[::-1] if go_backwards else steps).swapaxes(0, 1)


def masked_rows(mask, go_backwards) -> list:
    """Per step the numbers of the samples whose state it leaves as it is."""
    steps = mask.T[::-1] if go_backwards else mask.T
    return [np.flatnonzero(~step.astype(bool)) for step in steps]


def logistic_of_negated(z) -> None:
    """z ← 1 / (1 + exp(z)) in place: the logistic function of -z."""
    np.exp(z, z)
    z += 1
    np.reciprocal(z, z)


def spread_over_steps(dy, steps, return_sequences):
    """The cotangent of each step's output, or None for all but the last."""
    if not return_sequences:
        return [None] * (steps - 1) + [dy]
    return dy.swapaxes(0, 1)


def blocks(steps, nbytes) -> list[slice]:
    """The steps in blocks of some 512 KB, when all of them take `nbytes`."""
    size = max(steps * _CACHE_BYTES // max(nbytes, 1), 1)
    return [slice(t, min(t + size, steps)) for t in range(0, steps, size)]
