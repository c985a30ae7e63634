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
    def step(self, z, h, c):
        z += h.dot(self.recurrent)
        i, f, o, g = self.gates(z)
        to_logistic(z[:, : 3 * self.units])
        np.tanh(g, g)
        c = f * c + i * g
        tanh_c = np.tanh(c)
        return [o * tanh_c, c], tanh_c

    def slopes(self, z, tanh_c, h, c):
        """Each gate's slope times what it is multiplied by, and dc for dh = 1."""
        i, f, o, g = self.gates(z)
        dz = (1 - z) * z  # σ' = σ(1 - σ); what stands in g's columns goes
        of_i, of_f, of_o, of_g = self.gates(dz)
        of_i *= g
        of_f *= c
        of_o *= tanh_c
        of_g[:] = (1 - g * g) * i
        return dz, (1 - tanh_c * tanh_c) * o

    def step_back(self, z, dz, of_h, dh, dc):
        """dc ← dc + dh·o(1 - tanh²c), then dz = slopes·(dc, dc, dh, dc)."""
        dc = dc + dh * of_h
        of_i, of_f, of_o, of_g = self.gates(dz)
        of_i *= dc
        of_f *= dc
        of_o *= dh
        of_g *= dc
        f = self.gates(z)[1]
        return [dz.dot(self.back), dc * f]

    def dkernel(self, of_x, x):
        return _swapped(super().dkernel(of_x, x))

    def drecurrent(self, of_h, h, kept):
        return _swapped(super().drecurrent(of_h, h, kept))

    def dbias(self, of_x, of_h):
        return _swapped(super().dbias(of_x, of_h))
