"""Counterpart: keras/src/layers/rnn/simple_rnn.py. The plain RNN over a sequence.

    h ← tanh(x·kernel + bias + h·recurrent_kernel)

One op for all steps, made fast as lstm.py says. The cell step by step is its twin:
SimpleRNNCell in layers/rnn/simple_rnn.py.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.constants import sum_rows
from minikeras.ops.sequence import Run, from_steps


@primitive
def simple_rnn(
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

    x (batch, time, n), kernel (n, units), recurrent kernel (units, units), bias
    (units,), first state (batch, units) or None for zeros. Where mask (batch, time)
    is False a step leaves h as it is.
    """
    run = _Run(x, kernel, recurrent_kernel, bias, h0, mask, go_backwards)
    return run.outputs(return_sequences)


@primitive
def simple_rnn_with_states(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array = None,
    h0: Array = None,
    mask: Array = None,
    return_sequences=False,
    go_backwards=False,
):
    """(what `simple_rnn` gives, the last h)."""
    run = _Run(x, kernel, recurrent_kernel, bias, h0, mask, go_backwards)
    return run.outputs_and_states(return_sequences)


class _Run(Run):
    def forward(self) -> None:
        """Fills `h` (time + 1, batch, units), from the one before step 0 on."""
        count, batch, features = self.x.shape
        units, dtype = len(self.recurrent), self.kernel.dtype
        h = self.h = np.empty((count + 1, batch, units), dtype)
        h[0] = 0 if self.h0 is None else self.h0
        rows = h[1:].reshape(-1, units)
        np.dot(self.x.reshape(-1, features), self.kernel, out=rows)
        if self.bias is not None:
            rows += self.bias
        from_h = np.empty((batch, units), dtype)
        for t in range(count):
            np.dot(h[t], self.recurrent, out=from_h)
            h[t + 1] += from_h
            np.tanh(h[t + 1], out=h[t + 1])
            if self.masked is not None:
                h[t + 1, self.masked[t]] = h[t, self.masked[t]]

    def backward(self, dh_steps) -> tuple:
        """(dz of all steps, dh0): dz = dh·(1 - h²), dh ← dz·recurrent_kernelᵀ.

        A masked step has dz = 0 and hands dh on.
        """
        dz = self.h[1:] * self.h[1:]
        np.subtract(1, dz, out=dz)
        back = np.ascontiguousarray(self.recurrent.T)
        dh = np.zeros_like(self.h[0])
        for t in reversed(range(len(dz))):
            if dh_steps[t] is not None:
                dh += dh_steps[t]
            dz[t] *= dh
            if self.masked is not None:
                dz[t, self.masked[t]] = 0
                kept = dh[self.masked[t]]
            np.dot(dz[t], back, out=dh)
            if self.masked is not None:
                dh[self.masked[t]] += kept
        return dz, dh

    def vjp(self, walk_back) -> tuple:
        """One function of dy per input, all from one walk back."""
        features, units = self.kernel.shape

        def rows(dy):
            return walk_back(dy)[0].reshape(-1, units)

        def dx(dy):
            dx = np.dot(rows(dy), self.kernel.T).reshape(self.x.shape)
            return from_steps(dx, self.go_backwards)

        def dkernel(dy):
            return np.dot(self.x.reshape(-1, features).T, rows(dy))

        def drecurrent(dy):
            return np.dot(self.h[:-1].reshape(-1, units).T, rows(dy))

        def dbias(dy):
            return sum_rows(rows(dy))

        def dh0(dy):
            return walk_back(dy)[1]

        return dx, dkernel, drecurrent, dbias, dh0, None
