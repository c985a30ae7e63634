"""Counterpart: keras/src/layers/rnn/gru.py with `reset_after=False`, as one op.

    z, r = σ(x·kernel + bias + h·recurrent_kernel)
    g    = tanh(x·kernel + bias + (r·h)·recurrent_kernel)
    h    ← z·h + (1 - z)·g

The reset gate acts before the product, so each step has two of them, one after the
other; otherwise as gru.py. The cell step by step is its twin: GRUCell.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.sequence import Cell, over_time, to_logistic


@primitive
def gru_reset_before(
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

    As `gru` in gru.py, but bias has the shape (3·units,).
    """
    cell = _GRU(kernel, recurrent_kernel, bias)
    options = (mask, return_sequences, return_state, go_backwards)
    return over_time(cell, x, [h0], *options)


class _GRU(Cell):
    keeps = 1
    cotangents = (3,)

    def __init__(self, kernel, recurrent, bias):
        super().__init__(kernel, recurrent, bias)
        self.of_z_r, self.of_g = map(np.ascontiguousarray, self._parted(recurrent))
        self.back_of_z_r, self.back_of_g = (
            np.ascontiguousarray(part.T) for part in (self.of_z_r, self.of_g)
        )

    def _parted(self, columns) -> tuple:
        """Those of z and r, and those of g."""
        return columns[..., : 2 * self.units], columns[..., 2 * self.units :]

    def views(self, z):
        """The gates with a σ, and all gates."""
        return [self._parted(z)[0], *self.gates(z)]

    def step(self, z, states, new, of_h, reset):
        """It keeps r·h."""
        z_r, z, r, g = z
        (h,), (new_h,) = states, new
        z_r += np.dot(h, self.of_z_r)
        to_logistic(z_r)
        np.multiply(r, h, out=reset)
        g += np.dot(reset, self.of_g)
        np.tanh(g, g)
        np.subtract(h, g, out=new_h)
        new_h *= z
        new_h += g

    def slopes(self, gates, states, kept, dz):
        """dz of z and g for dh = 1, and of r for d(r·h) = 1."""
        z, r, g = self.gates(gates)
        of_z, of_r, of_g = self.gates(dz)
        (h,) = states
        np.subtract(1, gates, out=dz)
        slope_of_g = (1 - g * g) * of_z
        dz *= gates
        of_z *= h - g
        of_r *= h
        of_g[:] = slope_of_g
        return ()

    def step_back(self, z, dz, dstates):
        """From dg follows d(r·h), from that dr; dh ← dh·z + d(r·h)·r + of the sums."""
        of_z_r, of_z, of_r, of_g = dz
        _, z, r, _ = z
        (dh,) = dstates
        of_z *= dh
        of_g *= dh
        dreset = np.dot(of_g, self.back_of_g)
        of_r *= dreset
        dh *= z
        dh += dreset * r
        dh += np.dot(of_z_r, self.back_of_z_r)

    def drecurrent(self, of_h, h, reset):
        of_z_r, of_g = self._parted(of_h)
        return np.concatenate([np.dot(h.T, of_z_r), np.dot(reset.T, of_g)], axis=1)
