"""The two small variables that the optimizer tests train."""

import numpy as np

from minikeras.autodiff import Variable


def variables(dtype="float32"):
    kernel = Variable(np.full((2, 3), 2.0, dtype), name="kernel", path="dense/kernel")
    bias = Variable(np.full(3, 2.0, dtype), name="bias", path="dense/bias")
    return kernel, bias


def gradients(value=1.0, dtype="float32"):
    return np.full((2, 3), value, dtype), np.full(3, value, dtype)


def step(optimizer, value=1.0):
    """Weights near 2 after one step of gradients that all have one value."""
    weights = variables()
    optimizer.apply(gradients(value), weights)
    return [float(v.value.flat[0]) for v in weights]


def snapshot(optimizer, weights):
    return [np.copy(v.value) for v in [*weights, *optimizer.variables]]
