"""Counterpart: keras/src/layers/rnn/simple_rnn.py. The plain RNN over a sequence.

    h ← tanh(x·kernel + bias + h·recurrent_kernel)

One op for all steps, made fast as lstm.py says. The cell step by step is its twin:
SimpleRNNCell in layers/rnn/simple_rnn.py.
"""

import numpy as np

from minikeras.autodiff import Array, primitive
from minikeras.ops.constants import sum_rows
from minikeras.ops.quiet import hush, quiet
from minikeras.ops.sequence import (
    Once,
    from_steps,
    masked_rows,
    spread_over_steps,
    to_steps,
)


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
    steps = to_steps(x, kernel.dtype, go_backwards)
    masked = None if mask is None else masked_rows(mask, go_backwards)
    h = quiet.run(_forward, steps, kernel, recurrent_kernel, bias, h0, masked)

    def walk_back(dy):
        dh_steps = spread_over_steps(dy, len(steps), return_sequences)
        return _backward(h, recurrent_kernel, masked, dh_steps)

    y = h[1:].swapaxes(0, 1) if return_sequences else h[-1].copy()
    return y, _vjp(Once(walk_back), steps, kernel, h, go_backwards)


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
    steps = to_steps(x, kernel.dtype, go_backwards)
    masked = None if mask is None else masked_rows(mask, go_backwards)
    h = quiet.run(_forward, steps, kernel, recurrent_kernel, bias, h0, masked)

    def walk_back(cotangents):
        dy, dh = cotangents
        dh_steps = list(spread_over_steps(dy, len(steps), return_sequences))
        dh_steps[-1] = dh_steps[-1] + dh
        return _backward(h, recurrent_kernel, masked, dh_steps)

    y = h[1:].swapaxes(0, 1) if return_sequences else h[-1].copy()
    return (y, h[-1].copy()), _vjp(Once(walk_back), steps, kernel, h, go_backwards)


def _forward(steps, kernel, recurrent, bias, h0, masked):
    """h of all steps (time + 1, batch, units), from the one before step 0 on."""
    count, batch, features = steps.shape
    units = len(recurrent)
    h = np.empty((count + 1, batch, units), kernel.dtype)
    h[0] = 0 if h0 is None else h0
    rows = h[1:].reshape(-1, units)
    np.dot(steps.reshape(-1, features), kernel, out=rows)
    if bias is not None:
        rows += bias
    from_h = np.empty((batch, units), kernel.dtype)
    for t in range(count):
        np.dot(h[t], recurrent, out=from_h)
        h[t + 1] += from_h
        np.tanh(h[t + 1], out=h[t + 1])
        if masked is not None:
            h[t + 1, masked[t]] = h[t, masked[t]]
    return h


def _backward(h, recurrent, masked, dh_steps) -> tuple:
    """(dz of all steps, dh0): dz = dh·(1 - h²), dh ← dz·recurrent_kernelᵀ.

    A masked step has dz = 0 and hands dh on.
    """
    dz = h[1:] * h[1:]
    np.subtract(1, dz, out=dz)
    back = np.ascontiguousarray(recurrent.T)
    dh = np.zeros_like(h[0])
    for t in reversed(range(len(dz))):
        if dh_steps[t] is not None:
            dh += dh_steps[t]
        dz[t] *= dh
        if masked is not None:
            dz[t, masked[t]] = 0
            kept = dh[masked[t]]
        np.dot(dz[t], back, out=dh)
        if masked is not None:
            dh[masked[t]] += kept
    return dz, dh


def _vjp(walk_back, steps, kernel, h, go_backwards) -> tuple:
    """One function of dy per input, all from one walk back."""
    features, units = kernel.shape

    def rows(dy):
        return walk_back(dy)[0].reshape(-1, units)

    def dx(dy):
        return from_steps(np.dot(rows(dy), kernel.T).reshape(steps.shape), go_backwards)

    def dkernel(dy):
        return np.dot(steps.reshape(-1, features).T, rows(dy))

    def drecurrent(dy):
        return np.dot(h[:-1].reshape(-1, units).T, rows(dy))

    def dbias(dy):
        return sum_rows(rows(dy))

    def dh0(dy):
        return walk_back(dy)[1]

    return (*map(hush, (dx, dkernel, drecurrent, dbias, dh0)), None)
