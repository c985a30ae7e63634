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
    def step(self, z, h):
        z += h.dot(self.recurrent)
        np.tanh(z, z)
        return [z], None

    def slopes(self, h, kept, before):
        """tanh' = 1 - h²."""
        return (1 - h * h,)

    def step_back(self, h, dz, dh):
        dz *= dh
        return [dz.dot(self.back)]
