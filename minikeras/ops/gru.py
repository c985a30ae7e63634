"""Counterpart: keras/src/layers/rnn/gru.py. The GRU over a whole sequence, one op.

    z, r = σ(x·kernel + bias[0] + h·recurrent_kernel + bias[1])
    g    = tanh(x·kernel + bias[0] + r·(h·recurrent_kernel + bias[1]))
    h    ← z·h + (1 - z)·g

This is `reset_after=True`, Keras's default. How a sequence is walked: sequence.py.
The cell step by step is its twin: GRUCell in layers/rnn/gru.py.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.constants import sum_rows
from minikeras.ops.sequence import Cell, over_time, to_logistic


@primitive
def gru(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array = None,
    h0: Array = None,
    mask: Array = None,
    return_sequences=False,
    return_state=False,
    go_backwards=False,
):
    """The last h (batch, units), or all of them (batch, time, units); with
    `return_state` (these, the last h).

    x (batch, time, n), kernel (n, 3·units) with the columns z, r, g, recurrent
    kernel (units, 3·units), bias (2, 3·units), first state (batch, units) or None for
    zeros. Where mask (batch, time) is False a step leaves h as it is.
    """
    cell = _GRU(kernel, recurrent_kernel, bias)
    options = (mask, return_sequences, return_state, go_backwards)
    return over_time(cell, x, [h0], *options)


class _GRU(Cell):
    keeps = 1
    cotangents = (3, 1)

    def __init__(self, kernel, recurrent, bias):
        of_x, self.bias_of_g = None, 0
        if bias is not None:
            n = 2 * len(recurrent)
            self.bias_of_g = bias[1, n:]
            of_x = bias[0].copy()
            of_x[:n] += bias[1, :n]  # there it is simply added
        super().__init__(kernel, recurrent, of_x)

    def views(self, z):
        """z, the gates with a σ, and all gates."""
        return [z, z[..., : 2 * self.units], *self.gates(z)]

    def step(self, z, states, new, of_h, inner):
        """It keeps what r multiplies."""
        _, z_r, z, r, g = z
        (h,), (new_h,), n = states, new, 2 * self.units
        np.dot(h, self.recurrent, out=of_h)
        z_r += of_h[:, :n]
        to_logistic(z_r)
        np.add(of_h[:, n:], self.bias_of_g, out=inner)
        g += r * inner
        np.tanh(g, g)
        np.subtract(h, g, out=new_h)
        new_h *= z
        new_h += g

    def slopes(self, gates, states, kept, dz, dg):
        """dz is that of h·recurrent_kernel + bias[1]; of x·kernel + bias[0] it is the
        same but for g, where it is dg. σ' = σ(1 - σ), tanh' = 1 - tanh²."""
        z, r, g = self.gates(gates)
        of_z, of_r, of_r_g = self.gates(dz)
        (h,), (inner,) = states, kept
        np.subtract(1, gates, out=dz)
        np.multiply(1 - g * g, of_z, out=dg)
        dz *= gates
        of_z *= h - g
        of_r *= inner * dg
        np.multiply(dg, r, out=of_r_g)
        return ()

    def step_back(self, z, dz, dstates):
        """dz and dg are their slopes times dh; dh ← dz·recurrent_kernelᵀ + dh·z."""
        dz, _, of_z, of_r, of_r_g, dg, *_ = dz
        (dh,) = dstates
        for of_gate in (of_z, of_r, of_r_g, dg):
            of_gate *= dh
        kept = dh * z[2]
        np.dot(dz, self.back, out=dh)
        dh += kept

    def of_sums(self, dz, dg):
        return np.concatenate([dz[..., : 2 * self.units], dg], axis=-1), dz

    def dbias(self, of_x, of_h):
        return np.stack([sum_rows(of_x), sum_rows(of_h)])
