"""Counterpart: keras/src/layers/rnn/lstm.py. The LSTM over a whole sequence, one op.

    i, f, o = σ(x·kernel + h·recurrent_kernel + bias), each its own columns
    g       = tanh(the same)
    c ← f·c + i·g,    h ← o·tanh(c)

How a sequence is walked: sequence.py. The cell step by step is its twin:
LSTMCell in layers/rnn/lstm.py.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.sequence import Cell, over_time, reordered, to_logistic


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
    return_state=False,
    go_backwards=False,
):
    """The last h (batch, units), or all of them (batch, time, units); with
    `return_state` (these, the last h, the last c).

    x (batch, time, n), kernel (n, 4·units) with the columns i, f, g, o, recurrent
    kernel (units, 4·units), bias (4·units,), first states (batch, units) or None for
    zeros. Where mask (batch, time) is False a step leaves h and c as they are.
    """
    cell = _LSTM(*[_swapped(w) for w in (kernel, recurrent_kernel, bias)])
    options = (mask, return_sequences, return_state, go_backwards)
    return over_time(cell, x, [h0, c0], *options)


def _swapped(weights):
    """The gates i, f, g, o as i, f, o, g, those with a σ side by side; and back."""
    return reordered(weights, (0, 1, 3, 2))


class _LSTM(Cell):
    keeps = 1
    cotangents = (4,)

    def views(self, z):
        """z, the gates with a σ, and all gates."""
        return [z, z[..., : 3 * self.units], *self.gates(z)]

    def step(self, z, states, new, of_h, tanh_c):
        z, i_f_o, i, f, o, g = z
        (h, c), (new_h, new_c) = states, new
        z += np.dot(h, self.recurrent, out=of_h)
        to_logistic(i_f_o)
        np.tanh(g, g)
        np.multiply(f, c, out=new_c)
        new_c += i * g
        np.tanh(new_c, out=tanh_c)
        np.multiply(o, tanh_c, out=new_h)

    def slopes(self, gates, states, kept, dz):
        """σ' = σ(1 - σ), tanh' = 1 - tanh². Besides: what dc is for dh = 1."""
        i, f, o, g = self.gates(gates)
        of_i, of_f, of_o, of_g = self.gates(dz)
        (_, c), (tanh_c,) = states, kept
        np.subtract(1, gates, out=dz)
        dz *= gates
        of_i *= g
        of_f *= c
        of_o *= tanh_c
        np.multiply(1 - g * g, i, out=of_g)
        return ((1 - tanh_c * tanh_c) * o,)

    def step_back(self, z, dz, dstates, dc_of_dh):
        """dc ← dc + dh·o(1 - tanh²c), dz = slopes·(dc, dc, dh, dc), then
        dh ← dz·recurrent_kernelᵀ and dc ← dc·f."""
        dz, _, of_i, of_f, of_o, of_g = dz
        dh, dc = dstates
        dc += dh * dc_of_dh
        of_i *= dc
        of_f *= dc
        of_o *= dh
        of_g *= dc
        np.dot(dz, self.back, out=dh)
        dc *= z[3]

    def dkernel(self, of_x, x):
        return _swapped(super().dkernel(of_x, x))

    def drecurrent(self, of_h, h, tanh_c):
        return _swapped(super().drecurrent(of_h, h))

    def dbias(self, of_x, of_h):
        return _swapped(super().dbias(of_x, of_h))
