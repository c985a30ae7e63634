"""A multilayer perceptron by hand: relu layers, softmax, cross-entropy, Adam.

What a NumPy programmer writes for this task alone; float32 throughout, loss and
accuracy of every epoch. Given tf.keras's initial weights and batch order it gives
tf.keras's losses.
"""

import numpy as np

LEARNING_RATE = 0.001
BETA_1 = 0.9
BETA_2 = 0.999
EPSILON = 1e-7


def fit(x, y, kernels, biases, order, batch_size, epochs):
    """Trains; returns the history and leaves its arguments alone.

    x (n, inputs) float32, y (n,) integer labels, kernels and biases one per layer.
    `order` permutes the rows; each epoch applies it batch by batch.
    """
    weights = [w.copy() for pair in zip(kernels, biases, strict=True) for w in pair]
    means = [np.zeros_like(w) for w in weights]
    squares = [np.zeros_like(w) for w in weights]
    losses, accuracies = [], []
    step = 0
    for _ in range(epochs):
        loss_sum = 0.0
        hits = 0
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            loss, batch_hits, gradients = differentiate(x[rows], y[rows], weights)
            step += 1
            adam(weights, gradients, means, squares, step)
            loss_sum += loss * len(rows)
            hits += batch_hits
        losses.append(loss_sum / len(x))
        accuracies.append(hits / len(x))
    return {"loss": losses, "accuracy": accuracies}


def differentiate(x, y, weights):
    """(mean loss, rows that are right, the gradients of the mean loss)."""
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    inputs = [x]
    for kernel, bias in layers[:-1]:
        inputs.append(np.maximum(inputs[-1] @ kernel + bias, 0))
    kernel, bias = layers[-1]
    p = softmax(inputs[-1] @ kernel + bias)
    rows = np.arange(len(y))
    loss = float(-np.log(p[rows, y]).mean())
    hits = int((p.argmax(axis=1) == y).sum())

    dz = p
    dz[rows, y] -= 1
    dz /= len(y)
    gradients = []
    for layer in reversed(range(len(layers))):
        gradients += [dz.sum(axis=0), inputs[layer].T @ dz]
        if layer:
            kernel, _ = layers[layer]
            dz = (dz @ kernel.T) * (inputs[layer] > 0)
    return loss, hits, gradients[::-1]


def adam(weights, gradients, means, squares, step):
    """One update in place: w -= rate · m / (√v + ε), rate corrected for the start."""
    correction = np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
    rate = np.float32(LEARNING_RATE * correction)
    for w, g, m, v in zip(weights, gradients, means, squares, strict=True):
        m += (g - m) * (1 - BETA_1)
        v += (g * g - v) * (1 - BETA_2)
        w -= rate * m / (np.sqrt(v) + EPSILON)


def softmax(z):
    exp = np.exp(z - z.max(axis=1, keepdims=True))  # so that exp cannot overflow
    return exp / exp.sum(axis=1, keepdims=True)
