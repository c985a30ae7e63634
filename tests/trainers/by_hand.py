"""A small model, and its training written out in NumPy."""

import numpy as np

from minikeras import Input, Sequential, optimizers
from minikeras.layers import Dense

RNG = np.random.default_rng(0)
X = RNG.normal(size=(10, 4)).astype("float32")
Y = RNG.normal(size=(10, 2)).astype("float32")
KERNEL = RNG.normal(size=(4, 2)).astype("float32")
CLOSE = {"rtol": 1e-5, "atol": 1e-6}  # some twenty float32 steps on numbers near 1


def made(*layers, **options):
    model = Sequential([Input((4,)), *layers, Dense(2, use_bias=False)])
    if not layers:
        model.set_weights([KERNEL])
    model.compile(**{"optimizer": optimizers.SGD(0.1), "loss": "mse"} | options)
    return model


def by_hand(batches, weights=None):
    """(kernel, mean loss per sample) after SGD(0.1) on these slices, in float64."""
    kernel, losses, rows = KERNEL.astype("float64"), 0.0, 0
    for batch in batches:
        x, y = X[batch].astype("float64"), Y[batch]
        w = np.ones(len(x)) if weights is None else weights[batch]
        error = x @ kernel - y
        losses += (w * (error**2).mean(1)).sum()
        rows += len(x)
        kernel = kernel - 0.1 * x.T @ (w[:, None] * error) / len(x)
    return kernel, losses / rows


def slices(size, rows=10):
    return [slice(i, min(i + size, rows)) for i in range(0, rows, size)]
