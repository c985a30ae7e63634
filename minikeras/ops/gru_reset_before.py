"""Counterpart: keras/src/layers/rnn/gru.py with `reset_after=False`, as one op.

    z, r = σ(x·kernel + bias + h·recurrent_kernel)
    g    = tanh(x·kernel + bias + (r·h)·recurrent_kernel)
    h    ← z·h + (1 - z)·g

The reset gate acts before the product, so each step has two of them, one after the
other; otherwise as gru.py. The cell step by step is its twin: GRUCell.
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
def gru_reset_before(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array = None,
    h0: Array = None,
    mask: Array = None,
    return_sequences=False,
    go_backwards=False,
):
    """The last h (batch, units), or all of them (batch, time, units).

    As `gru` in gru.py, but bias has the shape (3·units,).
    """
    run = _Run(x, kernel, recurrent_kernel, bias, h0, mask, go_backwards)
    return run.outputs(return_sequences)


@primitive
def gru_reset_before_with_states(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array = None,
    h0: Array = None,
    mask: Array = None,
    return_sequences=False,
    go_backwards=False,
):
    """(what `gru_reset_before` gives, the last h)."""
    run = _Run(x, kernel, recurrent_kernel, bias, h0, mask, go_backwards)
    return run.outputs_and_states(return_sequences)


class _Run(Run):
    def forward(self) -> None:
        """Fills `gates` (time, batch, 3·units), `h` (from step 0 on), and `reset`,
        r·h."""
        steps, batch, features = self.x.shape
        units, dtype = len(self.recurrent), self.kernel.dtype
        of_z_r, of_g = _parted(self.recurrent)
        gates = self.gates = np.empty((steps, batch, 3 * units), dtype)
        h = self.h = np.empty((steps + 1, batch, units), dtype)
        h[0] = 0 if self.h0 is None else self.h0
        reset = self.reset = np.empty((steps, batch, units), dtype)
        from_h = np.empty((batch, 2 * units), dtype)
        share = np.empty((batch, units), dtype)
        for block in blocks(steps, gates.nbytes):
            rows = gates[block].reshape(-1, 3 * units)
            np.dot(self.x[block].reshape(-1, features), self.kernel, out=rows)
            if self.bias is not None:
                rows += self.bias
            for t in range(block.start, block.stop):
                z_r, g = gates[t, :, : 2 * units], gates[t, :, 2 * units :]
                z, r = z_r[:, :units], z_r[:, units:]
                np.dot(h[t], of_z_r, out=from_h)
                z_r += from_h
                np.negative(z_r, z_r)
                logistic_of_negated(z_r)
                np.multiply(r, h[t], out=reset[t])
                np.dot(reset[t], of_g, out=share)
                g += share
                np.tanh(g, g)
                if self.masked is not None:
                    z[self.masked[t]] = 1
                np.subtract(h[t], g, out=share)
                share *= z
                np.add(share, g, out=h[t + 1])
                if self.masked is not None:
                    h[t + 1, self.masked[t]] = h[t, self.masked[t]]

    def backward(self, dh_steps) -> tuple:
        """(ds of all steps, dh0), ds by the gates' sums.

        Per step: ds of z and g are dh times their slopes; from the latter follows
        d(r·h), from that ds of r; dh ← dh·z + d(r·h)·r + the products of ds. A masked
        step has slopes of 0 and z = 1.
        """
        units = len(self.recurrent)
        ds = np.empty_like(self.gates)
        back_of_z_r, back_of_g = (
            np.ascontiguousarray(part.T) for part in _parted(self.recurrent)
        )
        dh = np.zeros_like(self.h[0])
        dreset, share = np.empty_like(dh), np.empty_like(dh)
        for block in reversed(blocks(len(ds), ds.nbytes)):
            self._fill_slopes(block, ds[block])
            for t in reversed(range(block.start, block.stop)):
                if dh_steps[t] is not None:
                    dh += dh_steps[t]
                of_z, of_r, of_g = _thirds(ds[t], units)
                z, r, _ = _thirds(self.gates[t], units)
                of_z *= dh
                of_g *= dh
                np.dot(np.ascontiguousarray(of_g), back_of_g, out=dreset)
                of_r *= dreset
                dh *= z
                dreset *= r
                dh += dreset
                np.dot(ds[t, :, : 2 * units], back_of_z_r, out=share)
                dh += share
        return ds, dh

    def _fill_slopes(self, block, slopes):
        """Writes ds of z and g for dh = 1, and of r for d(r·h) = 1."""
        units = len(self.recurrent)
        z, r, g = _thirds(self.gates[block], units)
        of_z, of_r, of_g = _thirds(slopes, units)
        h = self.h[block]
        np.multiply(g, g, out=of_g)
        np.subtract(1, of_g, out=of_g)
        np.subtract(1, z, out=of_z)
        of_g *= of_z  # (1 - z)·tanh'
        of_z *= z
        of_z *= h - g
        np.subtract(1, r, out=of_r)
        of_r *= r
        of_r *= h

    def vjp(self, walk_back) -> tuple:
        """One function of dy per input, all from one walk back."""
        units, features = len(self.recurrent), self.x.shape[-1]

        def dx(dy):
            ds = walk_back(dy)[0].reshape(-1, 3 * units)
            dx = np.dot(ds, self.kernel.T).reshape(self.x.shape)
            return from_steps(dx, self.go_backwards)

        def dkernel(dy):
            ds = walk_back(dy)[0].reshape(-1, 3 * units)
            return np.dot(self.x.reshape(-1, features).T, ds)

        def drecurrent(dy):
            ds = walk_back(dy)[0].reshape(-1, 3 * units)
            h, reset = self.h[:-1].reshape(-1, units), self.reset.reshape(-1, units)
            of_z_r = np.dot(h.T, ds[:, : 2 * units])
            of_g = np.dot(reset.T, ds[:, 2 * units :])
            return np.concatenate([of_z_r, of_g], axis=1)

        def dbias(dy):
            return sum_rows(walk_back(dy)[0].reshape(-1, 3 * units))

        def dh0(dy):
            return walk_back(dy)[1]

        return dx, dkernel, drecurrent, dbias, dh0, None


def _thirds(z, units) -> list:
    return [z[..., k * units : (k + 1) * units] for k in range(3)]


def _parted(recurrent) -> tuple:
    """The columns of z and r, and those of g, each contiguous."""
    units = len(recurrent)
    of_z_r, of_g = recurrent[:, : 2 * units], recurrent[:, 2 * units :]
    return np.ascontiguousarray(of_z_r), np.ascontiguousarray(of_g)
