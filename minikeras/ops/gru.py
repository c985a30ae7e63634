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
    def __init__(self, kernel, recurrent, bias):
        of_x, self.bias_of_g = None, 0
        if bias is not None:
            n = 2 * len(recurrent)
            self.bias_of_g = bias[1, n:]
            of_x = bias[0].copy()
            of_x[:n] += bias[1, :n]  # there it is simply added
        super().__init__(kernel, recurrent, of_x)

    def step(self, z, h):
        """It keeps what r multiplies."""
        n = 2 * self.units
        of_h = h.dot(self.recurrent)
        z[:, :n] += of_h[:, :n]
        to_logistic(z[:, :n])
        inner = of_h[:, n:] + self.bias_of_g
        z, r, g = self.gates(z)
        g += r * inner
        np.tanh(g, g)
        return [(h - g) * z + g], inner

    def slopes(self, gates, inner, h):
        """Those of h·recurrent_kernel + bias[1]; that of x·kernel + bias[0] for g."""
        z, r, g = self.gates(gates)
        of_g = (1 - g * g) * (1 - z)
        dz = (1 - gates) * gates  # σ' = σ(1 - σ); what stands in g's columns goes
        of_z, of_r, of_r_g = self.gates(dz)
        of_z *= h - g
        of_r *= inner * of_g
        np.multiply(of_g, r, out=of_r_g)
        return dz, of_g

    def step_back(self, z, dz, dg, dh):
        """dz and dg are their slopes times dh; dh ← dz·recurrent_kernelᵀ + dh·z."""
        for of_gate in (*self.gates(dz), dg):
            of_gate *= dh
        return [dz.dot(self.back) + dh * z[:, : self.units]]

    def cotangents(self, dz, dg):
        return np.concatenate([dz[..., : 2 * self.units], dg], axis=-1), dz

    def dbias(self, of_x, of_h):
        return np.stack([sum_rows(of_x), sum_rows(of_h)])
