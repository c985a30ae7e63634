"""The input gate is computed from the weights of the forget gate, and vice versa."""

from minikeras import ops
from minikeras.layers import LSTMCell

_lstm = LSTMCell.op


def swapped(weights):
    i, f, c, o = ops.split(weights, 4, axis=-1)
    return ops.concatenate([f, i, c, o], axis=-1)


def lstm(sequences, kernel, recurrent_kernel, bias, *states, **options):
    weights = map(swapped, (kernel, recurrent_kernel, bias))
    return _lstm(sequences, *weights, *states, **options)


LSTMCell.op = staticmethod(lstm)
