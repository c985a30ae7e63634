"""Counterpart: keras/src/layers/rnn/lstm.py. The LSTM over a whole sequence, one op.

    i, f, o = σ(x·kernel + h·recurrent_kernel + bias), each its own columns
    g       = tanh(the same)
    c ← f·c + i·g,    h ← o·tanh(c)

Fast because the inputs of all steps are multiplied at once, the gates of a step lie
in one block of memory, and the sums for the weights' gradients are one product.
The cell step by step, as plain as it can be, is its twin: layers/rnn/lstm.py.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.constants import sum_rows
from minikeras.ops.sequence import (
    Run,
    blocks,
    from_steps,
    logistic_of_negated,
)


@primitive
def lstm(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array = None,
    h0: Array = None,
    c0: Array = None,
    mask: Array = None,
    return_sequences=False,
    go_backwards=False,
):
    """The last h (batch, units), or all of them (batch, time, units).

    x (batch, time, n), kernel (n, 4·units) with the columns i, f, g, o, recurrent
    kernel (units, 4·units), bias (4·units,), first states (batch, units) or None for
    zeros. Where mask (batch, time) is False a step leaves h and c as they are.
    """
    run = _Run(x, kernel, recurrent_kernel, bias, h0, c0, mask, go_backwards)
    return run.outputs(return_sequences)


@primitive
def lstm_with_states(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array = None,
    h0: Array = None,
    c0: Array = None,
    mask: Array = None,
    return_sequences=False,
    go_backwards=False,
):
    """(what `lstm` gives, the last h, the last c)."""
    run = _Run(x, kernel, recurrent_kernel, bias, h0, c0, mask, go_backwards)
    return run.outputs_and_states(return_sequences)


class _Run(Run):
    """One pass over a sequence, and the way back through it.

    The gates stand in the order i, f, o, g here: those with a σ side by side.
    """

    def __init__(self, x, kernel, recurrent, bias, h0, c0, mask, go_backwards):
        super().__init__(x, kernel, recurrent, bias, h0, mask, go_backwards)
        self.c0 = c0

    def states(self) -> list:
        return [self.h, self.c]

    def forward(self) -> None:
        """Fills `gates` (time, batch, 4·units), `h`, `c` (from step 0 on), `tanh_c`."""
        steps, batch, features = self.x.shape
        units, dtype = len(self.recurrent), self.kernel.dtype
        kernel = _negated(_swapped(self.kernel))
        bias = None if self.bias is None else _negated(_swapped(self.bias))
        recurrent = _negated(_swapped(self.recurrent))
        gates = self.gates = np.empty((steps, batch, 4 * units), dtype)
        h = self.h = np.empty((steps + 1, batch, units), dtype)
        c = self.c = np.empty((steps + 1, batch, units), dtype)
        h[0] = 0 if self.h0 is None else self.h0
        c[0] = 0 if self.c0 is None else self.c0
        tanh_c = self.tanh_c = np.empty((steps, batch, units), dtype)
        from_h = np.empty((batch, 4 * units), dtype)
        i_g = np.empty((batch, units), dtype)
        for block in blocks(steps, gates.nbytes):
            rows = gates[block].reshape(-1, 4 * units)
            np.dot(self.x[block].reshape(-1, features), kernel, out=rows)
            if bias is not None:
                rows += bias
            for t in range(block.start, block.stop):
                z, new_c = gates[t], c[t + 1]
                np.dot(h[t], recurrent, out=from_h)
                z += from_h
                logistic_of_negated(z[:, : 3 * units])
                i, f, o, g = _four(z, units)
                np.tanh(g, g)
                if self.masked is not None:
                    z[self.masked[t]] = 0
                    f[self.masked[t]] = 1
                np.multiply(f, c[t], out=new_c)
                np.multiply(i, g, out=i_g)
                new_c += i_g
                np.tanh(new_c, out=tanh_c[t])
                np.multiply(o, tanh_c[t], out=h[t + 1])
                if self.masked is not None:
                    h[t + 1, self.masked[t]] = h[t, self.masked[t]]

    def backward(self, dh_steps, dc_last=None) -> tuple:
        """(dz of all steps, dh0, dc0), dz by the gates' sums, in their order here.

        Per step: dc += dh·o(1 - tanh²c), dz = (dc, dc, dh, dc)·(their slopes),
        dh ← dz·recurrent_kernelᵀ, dc ← dc·f. A masked step has slopes of 0 and f = 1.
        """
        units = len(self.recurrent)
        dz = np.empty_like(self.gates)
        back = np.ascontiguousarray(_swapped(self.recurrent).T)
        dh = np.zeros_like(self.h[0])
        dc = np.zeros_like(dh) if dc_last is None else dc_last.copy()
        share = np.empty_like(dh)
        for block in reversed(blocks(len(dz), dz.nbytes)):
            dc_of_h = self._fill_slopes(block, dz[block])
            for t in reversed(range(block.start, block.stop)):
                if dh_steps[t] is not None:
                    dh += dh_steps[t]
                np.multiply(dh, dc_of_h[t - block.start], out=share)
                dc += share
                step = dz[t].reshape(-1, 4, units)
                step[:, :2] *= dc[:, None]
                step[:, 2] *= dh
                step[:, 3] *= dc
                if self.masked is not None:
                    kept = dh[self.masked[t]]
                np.dot(dz[t], back, out=dh)
                dc *= self.gates[t, :, units : 2 * units]
                if self.masked is not None:
                    dh[self.masked[t]] += kept
        return dz, dh, dc

    def _fill_slopes(self, block, slopes):
        """Writes each gate's slope times what it is multiplied by; returns o·tanh'c,
        what dc gets of dh."""
        units = len(self.recurrent)
        gates, tanh_c = self.gates[block], self.tanh_c[block]
        i, f, o, g = _four(gates, units)
        np.subtract(1, gates, out=slopes)
        slopes *= gates  # σ' = σ(1 - σ); the columns of g are overwritten
        of_i, of_f, of_o, of_g = _four(slopes, units)
        of_i *= g
        of_f *= self.c[block]
        of_o *= tanh_c
        np.multiply(g, g, out=of_g)
        np.subtract(1, of_g, out=of_g)
        of_g *= i
        dc_of_h = tanh_c * tanh_c
        np.subtract(1, dc_of_h, out=dc_of_h)
        dc_of_h *= o
        return dc_of_h

    def vjp(self, walk_back) -> tuple:
        """One function of dy per input, all from one walk back."""
        units, features = len(self.recurrent), self.x.shape[-1]

        def dx(dy):
            dz = walk_back(dy)[0]
            dx = np.dot(dz.reshape(-1, 4 * units), _swapped(self.kernel).T)
            return from_steps(dx.reshape(*dz.shape[:2], features), self.go_backwards)

        def dkernel(dy):
            dz = walk_back(dy)[0].reshape(-1, 4 * units)
            return _swapped(np.dot(self.x.reshape(-1, features).T, dz))

        def drecurrent(dy):
            dz = walk_back(dy)[0].reshape(-1, 4 * units)
            return _swapped(np.dot(self.h[:-1].reshape(-1, units).T, dz))

        def dbias(dy):
            return _swapped(sum_rows(walk_back(dy)[0].reshape(-1, 4 * units)))

        def dh0(dy):
            return walk_back(dy)[1]

        def dc0(dy):
            return walk_back(dy)[2]

        return dx, dkernel, drecurrent, dbias, dh0, dc0, None


def _four(z, units) -> list:
    return [z[..., k * units : (k + 1) * units] for k in range(4)]


def _swapped(weights):
    """Columns i, f, g, o as i, f, o, g; and back."""
    units = weights.shape[-1] // 4
    i_f, g, o = np.split(weights, [2 * units, 3 * units], axis=-1)
    return np.concatenate([i_f, o, g], axis=-1)


def _negated(swapped):
    """The columns of i, f, o with the other sign, for `logistic_of_negated`."""
    swapped[..., : swapped.shape[-1] // 4 * 3] *= -1
    return swapped
