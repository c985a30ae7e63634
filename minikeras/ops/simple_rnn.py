"""Counterpart: keras/src/layers/rnn/simple_rnn.py. The plain RNN over a sequence.

    h ← tanh(x·kernel + bias + h·recurrent_kernel)

How a sequence is walked: sequence.py. The cell step by step is its twin:
SimpleRNNCell in layers/rnn/simple_rnn.py.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.sequence import Cell, over_time


@primitive
def simple_rnn(
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

    x (batch, time, n), kernel (n, units), recurrent kernel (units, units), bias
    (units,), first state (batch, units) or None for zeros. Where mask (batch, time)
    is False a step leaves h as it is.
    """
    cell = _SimpleRNN(kernel, recurrent_kernel, bias)
    options = (mask, return_sequences, return_state, go_backwards)
    return over_time(cell, x, [h0], *options)


class _SimpleRNN(Cell):
    cotangents = (1,)

    def step(self, z, states, new, of_h):
        z = z[0]
        z += np.dot(states[0], self.recurrent, out=of_h)
        np.tanh(z, z)
        new[0][:] = z

    def slopes(self, h, states, kept, dz):
        """tanh' = 1 - h²."""
        np.multiply(h, h, out=dz)
        np.subtract(1, dz, out=dz)
        return ()

    def step_back(self, z, dz, dstates):
        """dz = dh·(1 - h²), dh ← dz·recurrent_kernelᵀ."""
        dz, dh = dz[0], dstates[0]
        dz *= dh
        np.dot(dz, self.back, out=dh)
