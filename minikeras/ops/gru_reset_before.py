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
    def __init__(self, kernel, recurrent, bias):
        super().__init__(kernel, recurrent, bias)
        self.of_z_r, self.of_g = map(np.ascontiguousarray, self._parted(recurrent))
        self.back_of_z_r, self.back_of_g = (
            np.ascontiguousarray(part.T) for part in (self.of_z_r, self.of_g)
        )

    def _parted(self, columns) -> tuple:
        """Those of z and r, and those of g."""
        return columns[..., : 2 * self.units], columns[..., 2 * self.units :]

    def step(self, z, h):
        z_r, g = self._parted(z)
        z_r += h.dot(self.of_z_r)
        to_logistic(z_r)
        z, r, g = self.gates(z)
        reset = r * h
        g += reset.dot(self.of_g)
        np.tanh(g, g)
        return [(h - g) * z + g], reset

    def slopes(self, gates, reset, h):
        """dz of z and g for dh = 1, and of r for d(r·h) = 1."""
        z, r, g = self.gates(gates)
        dz = (1 - gates) * gates  # σ' = σ(1 - σ); what stands in g's columns goes
        of_z, of_r, of_g = self.gates(dz)
        of_z *= h - g
        of_r *= h
        of_g[:] = (1 - g * g) * (1 - z)
        return (dz,)

    def step_back(self, z, dz, dh):
        """From dg follows d(r·h), from that dr; dh ← dh·z + d(r·h)·r + of the sums."""
        z, r, _ = self.gates(z)
        of_z, of_r, of_g = self.gates(dz)
        of_z *= dh
        of_g *= dh
        dreset = of_g.dot(self.back_of_g)
        of_r *= dreset
        of_sums = self._parted(dz)[0].dot(self.back_of_z_r)
        return [dh * z + dreset * r + of_sums]

    def drecurrent(self, of_h, h, kept):
        of_z_r, of_g = self._parted(of_h)
        reset = kept.reshape(-1, self.units)
        return np.concatenate([np.dot(h.T, of_z_r), np.dot(reset.T, of_g)], axis=1)
