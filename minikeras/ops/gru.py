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
from minikeras.ops.sequence import Cell, over_time, reordered, to_logistic


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
    """The gates stand in the order g, z, r. dz has a fourth column for each unit: of
    r·(h·recurrent_kernel + bias[1]), so that the first three belong to x·kernel and
    the last three, z, r and it, to h·recurrent_kernel."""

    def __init__(self, kernel, recurrent, bias):
        self.bias_of_h = 0 if bias is None else bias[1]
        of_inputs = None if bias is None else bias[0]
        super().__init__(_g_first(kernel), recurrent, _g_first(of_inputs))

    def step(self, z, h):
        n = self.units
        of_h = h.dot(self.recurrent) + self.bias_of_h
        z_r, inner = z[:, n:], of_h[:, 2 * n :]
        z_r += of_h[:, : 2 * n]
        to_logistic(z_r)
        g, z, r = self.gates(z)
        g += r * inner
        np.tanh(g, g)
        return [(h - g) * z + g], inner

    def slopes(self, gates, inner, h):
        g, z, r = self.gates(gates)
        dz = np.empty((*h.shape[:-1], 4 * self.units), h.dtype)
        of_g, of_z, of_r, of_r_g = self.gates(dz)
        of_g[:] = (1 - g * g) * (1 - z)
        of_z[:] = (1 - z) * z * (h - g)
        of_r[:] = (1 - r) * r * inner * of_g
        np.multiply(of_g, r, out=of_r_g)
        return (dz,)

    def step_back(self, dz, z, dh):
        """Each is its slope times dh, and dh ← dz·recurrent_kernelᵀ + dh·z."""
        dz.reshape(-1, 4, self.units)[:] *= dh[:, None]
        z = self.gates(z)[1]
        return [dz[:, self.units :].dot(self.back) + dh * z]

    def dx(self, dz):
        return super().dx(self._of_inputs(dz))

    def dkernel(self, dz, x):
        return _g_last(super().dkernel(self._of_inputs(dz), x))

    def drecurrent(self, dz, h, kept):
        return super().drecurrent(dz[:, self.units :], h, kept)

    def dbias(self, dz):
        both = sum_rows(dz)
        return np.stack([_g_last(self._of_inputs(both)), both[self.units :]])

    def _of_inputs(self, dz):
        return dz[..., : 3 * self.units]


def _g_first(weights):
    return reordered(weights, (2, 0, 1))


def _g_last(weights):
    return reordered(weights, (1, 2, 0))
