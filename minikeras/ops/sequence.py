"""A recurrent cell over a whole sequence, as one op.

The maths of one step, forward and back, is the cell's (lstm.py, gru.py, …); time,
masks and states are here, once for all. It is fast because the inputs of all steps
are multiplied at once, the gates of a step lie in one block of memory, and the sums
for the weights' gradients are one product. Arrays are time-major here: (time, batch,
features), so that one step is one block.
"""

from typing import Any

import numpy as np

from minikeras.ops.constants import sum_rows
from minikeras.parallel import blas_settled

_CACHE_BYTES = 512 * 1024  # of a block of steps, so that a core's cache holds it


class Cell:
    """One step. z (batch, columns) is x·kernel + bias, a column per gate and unit;
    the weights stand in the order of these gates, the first of `states` is h.

    `step(z, *states)` makes the gates of z, in place, and gives the list of the new
    states and what it keeps for the way back.
    `slopes(z, kept, *states)` gives arrays for the way back, of several steps at once;
    the states are those before each step. The first is what dz is but for the
    cotangents of the states.
    `step_back(z, dz, *others, *dstates)`, with the entries of these arrays, multiplies
    dz by those cotangents, in place, and gives the list of them before the step.
    """

    step: Any
    slopes: Any
    step_back: Any
    bias: Any

    def __init__(self, kernel, recurrent, bias):
        self.units = len(recurrent)
        self.kernel, self.recurrent, self.bias = kernel, recurrent, bias
        self.back = np.ascontiguousarray(recurrent.T)

    def gates(self, z) -> list:
        """Views of z's columns, gate by gate."""
        n = self.units
        return [z[..., i : i + n] for i in range(0, z.shape[-1], n)]

    def cotangents(self, dz, *others) -> tuple:
        """Those of x·kernel + bias and of h·recurrent_kernel, of all steps."""
        return dz, dz

    # What they give, as rows (time · batch, …).

    def dx(self, of_x):
        return np.dot(of_x, self.kernel.T)

    def dkernel(self, of_x, x):
        return np.dot(x.T, of_x)

    def drecurrent(self, of_h, h, kept):
        return np.dot(h.T, of_h)

    def dbias(self, of_x, of_h):
        return sum_rows(of_x)


def over_time(
    cell, x, states, mask, return_sequences, return_state, go_backwards
) -> tuple:
    """(y, vjp) of a `Cell` over x (batch, time, n). `states` are the first ones, None
    for zeros. Where mask (batch, time) is False a step leaves its states as they are.

    y is the last h (batch, units) or all of them (batch, time, units), with
    `return_state` (y, *last states). The vjp has a function per input: x, kernel,
    recurrent kernel, bias, states, mask.
    """
    run = _Pass(cell, x, states, mask, go_backwards)
    with blas_settled():
        run.forward()
    y = run.h[1:].swapaxes(0, 1) if return_sequences else run.h[-1].copy()

    def walk_back(dy):
        dy, *last = dy if return_state else (dy,)
        steps = [None] * len(run.z)
        if return_sequences:
            steps = dy.swapaxes(0, 1)
        else:
            last = [dy + last[0], *last[1:]] if last else [dy]
        with blas_settled():
            return run.backward(steps, last)

    vjp = run.vjp(Once(walk_back))
    if not return_state:
        return y, vjp
    return (y, *[state[-1].copy() for state in run.states]), vjp


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


class _Pass:
    """One pass over a sequence, and the way back through it.

    `states` are (time + 1, batch, units), from the ones before the first step on, z
    and `kept` (time, batch, …).
    """

    def __init__(self, cell, x, states, mask, go_backwards):
        dtype = cell.kernel.dtype
        steps = x.swapaxes(0, 1)
        self._steps = slice(None, None, -1 if go_backwards else 1)
        self.cell = cell
        self.x = np.ascontiguousarray(steps[self._steps], dtype)
        zeros = np.zeros((len(x), cell.units), dtype)
        self.states = [zeros if s is None else np.asarray(s, dtype) for s in states]
        self.masked: list = [None] * len(steps)  # per step: the samples it leaves
        if mask is not None:
            rows = mask.T[self._steps].astype(bool)
            self.masked = [np.flatnonzero(~row) for row in rows]

    @property
    def h(self):
        return self.states[0]

    def forward(self) -> None:
        steps, batch, features = self.x.shape
        cell, columns = self.cell, self.cell.kernel.shape[1]
        self.z = np.empty((steps, batch, columns), cell.kernel.dtype)
        past, kept = [self.states], []
        for block in blocks(steps, self.z.nbytes):
            rows = self.z[block].reshape(-1, columns)
            np.dot(self.x[block].reshape(-1, features), cell.kernel, out=rows)
            if cell.bias is not None:
                rows += cell.bias
            for z, rows in zip(self.z[block], self.masked[block], strict=True):
                before = past[-1]
                states, keep = cell.step(z, *before)
                if rows is not None:
                    _leave(states, rows, before)
                past.append(states)
                kept.append(keep)
        self.states = [_joined(state) for state in zip(*past, strict=True)]
        self.kept = kept if kept[0] is None else _joined(kept)

    def backward(self, dh_steps, dstates: list) -> tuple:
        """(the `cotangents` of all steps, those of the first states), of the ones of
        each step's h (or None) and of the last states."""
        missing = len(self.states) - len(dstates)
        dstates = dstates + [np.zeros_like(self.h[0]) for _ in range(missing)]
        parts = []
        for block in reversed(blocks(len(self.z), self.z.nbytes)):
            before = [state[block] for state in self.states]
            slopes = self.cell.slopes(self.z[block], self.kept[block], *before)
            of_steps = zip(  # noqa: B905  # all have the block's length
                dh_steps[block], self.masked[block], self.z[block], *slopes
            )
            for dh, rows, *arrays in reversed(list(of_steps)):
                if dh is not None:
                    dstates[0] = dstates[0] + dh
                after, dstates = dstates, self.cell.step_back(*arrays, *dstates)
                if rows is not None:
                    for slope in arrays[1:]:
                        slope[rows] = 0
                    _leave(dstates, rows, after)
            parts.append(slopes)
        dz = [np.concatenate(part[::-1]) for part in zip(*parts, strict=True)]
        return (*self.cell.cotangents(*dz), dstates)

    def vjp(self, walk_back: Once) -> tuple:
        """One function of dy per input, all from one walk back."""
        cell, x, h = self.cell, _rows(self.x), _rows(self.h[:-1])

        def of_x(dy):
            return _rows(walk_back(dy)[0])

        def of_h(dy):
            return _rows(walk_back(dy)[1])

        def dx(dy):
            return cell.dx(of_x(dy)).reshape(self.x.shape)[self._steps].swapaxes(0, 1)

        return (
            dx,
            lambda dy: cell.dkernel(of_x(dy), x),
            lambda dy: cell.drecurrent(of_h(dy), h, self.kept),
            lambda dy: cell.dbias(of_x(dy), of_h(dy)),
            *[lambda dy, k=k: walk_back(dy)[2][k] for k in range(len(self.states))],
            None,
        )


def _rows(steps):
    return steps.reshape(-1, steps.shape[-1])


def _leave(new: list, rows, old: list) -> None:
    for after, before in zip(new, old, strict=True):
        after[rows] = before[rows]


def _joined(arrays):
    """What np.stack gives, at a fraction of its time."""
    return np.concatenate(arrays).reshape(len(arrays), *arrays[0].shape)


def blocks(steps, nbytes) -> list[slice]:
    """The steps in blocks of some 512 KB, when all of them take `nbytes`."""
    size = max(steps * _CACHE_BYTES // max(nbytes, 1), 1)
    return [slice(t, min(t + size, steps)) for t in range(0, steps, size)]


def to_logistic(z) -> None:
    """z ← 1 / (1 + exp(-z)), in place."""
    np.negative(z, z)
    np.exp(z, z)
    z += 1
    np.reciprocal(z, z)


def reordered(weights, order):
    """The gates' columns in another order; None stays None."""
    if weights is None:
        return None
    parts = np.split(weights, len(order), axis=-1)
    return np.concatenate([parts[k] for k in order], axis=-1)
