"""Counterpart: keras/src/layers/rnn/gru.py. The GRU over a whole sequence, one op.

    z, r = σ(x·kernel + bias[0] + h·recurrent_kernel + bias[1])
    g    = tanh(x·kernel + bias[0] + r·(h·recurrent_kernel + bias[1]))
    h    ← z·h + (1 - z)·g

This is `reset_after=True`, Keras's default. How it is made fast: see lstm.py. The
cell step by step is its twin: layers/rnn/gru.py.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.constants import sum_rows
from minikeras.ops.sequence import (
    Once,
    Run,
    blocks,
    from_steps,
    logistic_of_negated,
)


@primitive
def gru(
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

    x (batch, time, n), kernel (n, 3·units) with the columns z, r, g, recurrent
    kernel (units, 3·units), bias (2, 3·units), first state (batch, units) or None for
    zeros. Where mask (batch, time) is False a step leaves h as it is.
    """
    run = _Run(x, kernel, recurrent_kernel, bias, h0, mask, go_backwards)
    return run.outputs(return_sequences)


@primitive
def gru_with_states(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array = None,
    h0: Array = None,
    mask: Array = None,
    return_sequences=False,
    go_backwards=False,
):
    """(what `gru` gives, the last h)."""
    run = _Run(x, kernel, recurrent_kernel, bias, h0, mask, go_backwards)
    return run.outputs_and_states(return_sequences)


class _Run(Run):
    def forward(self) -> None:
        """Fills `gates` (time, batch, 3·units), `h` (from step 0 on), and `inner`,
        h·recurrent_kernel + bias[1] for g, which r multiplies."""
        steps, batch, features = self.x.shape
        units, dtype = len(self.recurrent), self.kernel.dtype
        kernel, recurrent = _negated(self.kernel), _negated(self.recurrent)
        gates = self.gates = np.empty((steps, batch, 3 * units), dtype)
        h = self.h = np.empty((steps + 1, batch, units), dtype)
        h[0] = 0 if self.h0 is None else self.h0
        inner = self.inner = np.empty((steps, batch, units), dtype)
        from_h = np.empty((batch, 3 * units), dtype)
        share = np.empty((batch, units), dtype)
        from_z_r, from_g = from_h[:, : 2 * units], from_h[:, 2 * units :]
        for block in blocks(steps, gates.nbytes):
            rows = gates[block].reshape(-1, 3 * units)
            np.dot(self.x[block].reshape(-1, features), kernel, out=rows)
            if self.bias is not None:
                rows += self._bias_of_inputs()
            for t in range(block.start, block.stop):
                z_r, g = gates[t, :, : 2 * units], gates[t, :, 2 * units :]
                z, r = z_r[:, :units], z_r[:, units:]
                np.dot(h[t], recurrent, out=from_h)
                z_r += from_z_r
                logistic_of_negated(z_r)
                if self.bias is not None:
                    from_g += self.bias[1, 2 * units :]
                inner[t] = from_g
                np.multiply(r, from_g, out=share)
                g += share
                np.tanh(g, g)
                if self.masked is not None:
                    z[self.masked[t]] = 1
                np.subtract(h[t], g, out=share)
                share *= z
                np.add(share, g, out=h[t + 1])
                if self.masked is not None:
                    h[t + 1, self.masked[t]] = h[t, self.masked[t]]

    def _bias_of_inputs(self):
        """bias[0], with what of bias[1] is simply added to it."""
        units = len(self.recurrent)
        bias = self.bias[0].copy()
        bias[: 2 * units] += self.bias[1, : 2 * units]
        return _negated(bias)

    def backward(self, dh_steps) -> tuple:
        """(ds of all steps, dg of all steps, dh0).

        ds are the cotangents of h·recurrent_kernel + bias[1]; those of x·kernel +
        bias[0] are the same but for g, where they are dg. Per step: ds = dh·slopes,
        dh ← ds·recurrent_kernelᵀ + dh·z. A masked step has slopes of 0 and z = 1.
        """
        units = len(self.recurrent)
        ds, dg = np.empty_like(self.gates), np.empty_like(self.inner)
        back = np.ascontiguousarray(self.recurrent.T)
        dh = np.zeros_like(self.h[0])
        kept = np.empty_like(dh)
        for block in reversed(blocks(len(ds), ds.nbytes)):
            self._fill_slopes(block, ds[block], dg[block])
            for t in reversed(range(block.start, block.stop)):
                if dh_steps[t] is not None:
                    dh += dh_steps[t]
                step = ds[t].reshape(-1, 3, units)
                step *= dh[:, None]
                dg[t] *= dh
                np.multiply(dh, self.gates[t, :, :units], out=kept)
                np.dot(ds[t], back, out=dh)
                dh += kept
        return ds, dg, dh

    def _fill_slopes(self, block, slopes, of_g):
        """Writes what ds and dg of these steps are for dh = 1."""
        units = len(self.recurrent)
        gates = self.gates[block]
        z, r, g = (gates[..., k * units : (k + 1) * units] for k in range(3))
        of_z, of_r, of_r_g = (
            slopes[..., k * units : (k + 1) * units] for k in range(3)
        )
        np.subtract(1, z, out=of_z)
        np.multiply(g, g, out=of_g)
        np.subtract(1, of_g, out=of_g)
        of_g *= of_z  # (1 - z)·tanh'
        of_z *= z
        of_z *= self.h[block] - g
        np.subtract(1, r, out=of_r)
        of_r *= r
        of_r *= self.inner[block]
        of_r *= of_g
        np.multiply(of_g, r, out=of_r_g)

    def vjp(self, walk_back) -> tuple:
        """One function of dy per input, all from one walk back."""
        units, features = len(self.recurrent), self.x.shape[-1]

        def input_sums(dy):
            ds, dg, _ = walk_back(dy)
            dz_r = ds[..., : 2 * units]
            return np.concatenate([dz_r, dg], axis=-1).reshape(-1, 3 * units)

        of_inputs = Once(input_sums)

        def dx(dy):
            dx = np.dot(of_inputs(dy), self.kernel.T).reshape(self.x.shape)
            return from_steps(dx, self.go_backwards)

        def dkernel(dy):
            return np.dot(self.x.reshape(-1, features).T, of_inputs(dy))

        def drecurrent(dy):
            ds = walk_back(dy)[0].reshape(-1, 3 * units)
            return np.dot(self.h[:-1].reshape(-1, units).T, ds)

        def dbias(dy):
            ds = walk_back(dy)[0].reshape(-1, 3 * units)
            return np.stack([sum_rows(of_inputs(dy)), sum_rows(ds)])

        def dh0(dy):
            return walk_back(dy)[2]

        return dx, dkernel, drecurrent, dbias, dh0, None


def _negated(weights):
    """The columns of z and r with the other sign, for `logistic_of_negated`."""
    weights = weights.copy()
    weights[..., : weights.shape[-1] // 3 * 2] *= -1
    return weights
