"""A recurrent cell over a whole sequence, as one op.

The maths of one step, forward and back, is the cell's (lstm.py, gru.py, …); time,
masks and states are here, once for all. It is fast because the inputs of all steps
are multiplied at once, the gates of a step lie in one block of memory, and the sums
for the weights' gradients are one product. Arrays are time-major here: (time, batch,
features), so that one step is one block.
"""

import numpy as np

from minikeras.ops.constants import sum_rows
from minikeras.parallel import blas_settled

_CACHE_BYTES = 512 * 1024  # of a block of steps, so that a core's cache holds it


class Cell:
    """One step, forward and back; all arrays are there, and it writes into them.

    z (batch, columns) is x·kernel + bias, with the columns of the gates side by side;
    the weights stand in the same order. The first of the states is h.
    """

    keeps = 0  # how many arrays (batch, units) a step keeps for the way back
    cotangents: tuple  # the gates in each array of those that the way back gives

    def __init__(self, kernel, recurrent, bias):
        self.units = len(recurrent)
        self.kernel, self.recurrent, self.bias = kernel, recurrent, bias
        self.back = np.ascontiguousarray(recurrent.T)

    def gates(self, z) -> list:
        """Views of z's columns, gate by gate."""
        n = self.units
        return [z[..., i : i + n] for i in range(0, z.shape[-1], n)]

    def views(self, z) -> list:
        """What a step takes apart: z itself, and its gates."""
        return [z, *self.gates(z)]

    def step(self, z, states, new, of_h, *kept) -> None:
        """Of views of z, in which the gates come to stand, and the states before it.
        `of_h` (batch, columns) is room for h·recurrent_kernel."""
        raise NotImplementedError

    def slopes(self, z, states, kept, *dz) -> tuple:
        """Of several steps at once: fills dz with the gates' slopes times what the
        gates are multiplied by. Gives the arrays that the steps back need besides."""
        raise NotImplementedError

    def step_back(self, z, dz, dstates, *others) -> None:
        """Multiplies the slopes in views of dz by the cotangents of the states after
        the step, in whose place come those of the states before it."""
        raise NotImplementedError

    def of_sums(self, *dz) -> tuple:
        """The cotangents of x·kernel + bias and of h·recurrent_kernel."""
        return dz[0], dz[0]

    # What they give, of all steps as rows (time · batch, …).

    def dx(self, of_x):
        return np.dot(of_x, self.kernel.T)

    def dkernel(self, of_x, x):
        return np.dot(x.T, of_x)

    def drecurrent(self, of_h, h, *kept):
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
    (time, batch, columns), `kept` (time, batch, units).
    """

    def __init__(self, cell, x, states, mask, go_backwards):
        self.cell, dtype = cell, cell.kernel.dtype
        self.order = slice(None, None, -1 if go_backwards else 1)
        self.x = np.ascontiguousarray(x.swapaxes(0, 1)[self.order], dtype)
        steps, batch, _ = self.x.shape
        shape = (batch, cell.units)
        self.z = np.empty((steps, batch, cell.kernel.shape[1]), dtype)
        self.kept = [np.empty((steps, *shape), dtype) for _ in range(cell.keeps)]
        self.states = [np.empty((steps + 1, *shape), dtype) for _ in states]
        for state, first in zip(self.states, states, strict=True):
            state[0] = 0 if first is None else first
        self.masked: list = [None] * steps  # per step: the samples it leaves
        if mask is not None:
            self.masked = [np.flatnonzero(~m) for m in mask.T[self.order].astype(bool)]

    @property
    def h(self):
        return self.states[0]

    def forward(self) -> None:
        cell, columns = self.cell, self.z.shape[-1]
        of_h = np.empty(self.z.shape[1:], self.z.dtype)
        states = [state[0] for state in self.states]
        for block in blocks(len(self.z), self.z.nbytes):
            rows = self.z[block].reshape(-1, columns)
            np.dot(_rows(self.x[block]), cell.kernel, out=rows)
            if cell.bias is not None:
                rows += cell.bias
            steps = zip(*cell.views(self.z[block]), strict=True)
            for t, z in enumerate(steps, block.start):
                before, states = states, [state[t + 1] for state in self.states]
                cell.step(z, before, states, of_h, *[keep[t] for keep in self.kept])
                if self.masked[t] is not None:
                    for new, old in zip(states, before, strict=True):
                        new[self.masked[t]] = old[self.masked[t]]

    def backward(self, dh_steps, dstates: list) -> tuple:
        """(the cotangents of x·kernel + bias and of h·recurrent_kernel, of all steps,
        those of the first states), given those of each step's h (or None) and of the
        last states (0 for those that are left out). A masked step has none of its own
        and hands on those of the states."""
        cell, (steps, batch, units) = self.cell, self.h[1:].shape
        arrays = [
            np.empty((steps, batch, gates * units), self.z.dtype)
            for gates in cell.cotangents
        ]
        given = [*dstates, *[0] * (len(self.states) - len(dstates))]
        dstates = [np.zeros_like(self.h[0]) + d for d in given]
        for block in reversed(blocks(steps, self.z.nbytes)):
            for t, (z, dz, *others) in self._last_first(block, arrays):
                if dh_steps[t] is not None:
                    dstates[0] += dh_steps[t]
                rows = self.masked[t]
                left = [] if rows is None else [d[rows] for d in dstates]
                cell.step_back(z, dz, dstates, *others)
                if rows is not None:
                    for d, as_before in zip(dstates, left, strict=True):
                        d[rows] = as_before
                    for array in arrays:
                        array[t, rows] = 0
        return (*cell.of_sums(*arrays), dstates)

    def _last_first(self, block, arrays):
        """The steps of a block, from the last one on: the number of the step, and what
        `step_back` takes of it. The cotangents in `arrays` are the slopes so far."""
        cell, z, dz = self.cell, self.z[block], [array[block] for array in arrays]
        states = [state[block] for state in self.states]
        others = cell.slopes(z, states, [keep[block] for keep in self.kept], *dz)
        views = cell.views(z), [view for array in dz for view in cell.views(array)]
        steps = [zip(*v, strict=True) for v in views]
        numbered = enumerate(zip(*steps, *others, strict=True), block.start)
        return reversed(list(numbered))

    def vjp(self, walk_back: Once) -> tuple:
        """One function of dy per input, all from one walk back."""
        cell, x, h = self.cell, _rows(self.x), _rows(self.h[:-1])

        def of_x(dy):
            return _rows(walk_back(dy)[0])

        def of_h(dy):
            return _rows(walk_back(dy)[1])

        def dx(dy):
            return cell.dx(of_x(dy)).reshape(self.x.shape)[self.order].swapaxes(0, 1)

        return (
            dx,
            lambda dy: cell.dkernel(of_x(dy), x),
            lambda dy: cell.drecurrent(of_h(dy), h, *map(_rows, self.kept)),
            lambda dy: cell.dbias(of_x(dy), of_h(dy)),
            *[lambda dy, k=k: walk_back(dy)[2][k] for k in range(len(self.states))],
            None,
        )


def _rows(steps):
    return steps.reshape(-1, steps.shape[-1])


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
