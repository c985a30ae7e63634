"""What the whole-sequence ops (lstm.py, gru.py) share. Their arrays are time-major:
(time, batch, features), so that one step is one block of memory."""

from collections.abc import Callable

import numpy as np

from minikeras.parallel import blas_settled

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


def blocks(steps, nbytes) -> list[slice]:
    """The steps in blocks of some 512 KB, when all of them take `nbytes`."""
    size = max(steps * _CACHE_BYTES // max(nbytes, 1), 1)
    return [slice(t, min(t + size, steps)) for t in range(0, steps, size)]


class Run:
    """One pass over a sequence, and the way back through it.

    Subclasses define `forward` (fills `h`, (time + 1, batch, units), from the step
    before the first on), `backward` (of the cotangents of each step's h, and of
    the last state beside h) and `vjp` (of the function that walks back).
    """

    h: np.ndarray
    forward: Callable[[], None]
    backward: Callable[..., tuple]
    vjp: Callable[[Once], tuple]

    def __init__(self, x, kernel, recurrent, bias, h0, mask, go_backwards):
        self.x = to_steps(x, kernel.dtype, go_backwards)
        self.kernel, self.recurrent, self.bias = kernel, recurrent, bias
        self.h0 = h0
        self.go_backwards = go_backwards
        self.masked = None if mask is None else masked_rows(mask, go_backwards)

    def outputs(self, return_sequences):
        """(the last h or all of them, vjp): forward at once, one walk back later."""
        with blas_settled():
            self.forward()

        def walk_back(dy):
            with blas_settled():
                return self.backward(self._by_step(dy, return_sequences))

        return self._y(return_sequences), self.vjp(Once(walk_back))

    def outputs_and_states(self, return_sequences):
        """((y, last states), vjp): the same where the states are outputs too."""
        with blas_settled():
            self.forward()

        def walk_back(cotangents):
            dy, dh, *others = cotangents
            steps = list(self._by_step(dy, return_sequences))
            steps[-1] = steps[-1] + dh
            with blas_settled():
                return self.backward(steps, *others)

        states = [state[-1].copy() for state in self.states()]
        return (self._y(return_sequences), *states), self.vjp(Once(walk_back))

    def states(self) -> list:
        return [self.h]

    def _y(self, return_sequences):
        if return_sequences:
            return self.h[1:].swapaxes(0, 1)
        return self.h[-1].copy()

    def _by_step(self, dy, return_sequences):
        """The cotangent of each step's output, or None for all but the last."""
        if return_sequences:
            return dy.swapaxes(0, 1)
        return [None] * (len(self.h) - 2) + [dy]
