"""The iris tutorial by hand: what a NumPy programmer writes for this task alone.

Softmax regression with an L2 penalty, plain gradient descent, shuffled batches,
loss and accuracy of every epoch, validation now and then; float32 throughout.
Given tf.keras's initial kernel and batch order it gives tf.keras's losses.
"""

import numpy as np

BATCH_SIZE = 32
LEARNING_RATE = 0.1
L2 = 0.01
VALIDATION_SPLIT = 0.2
VALIDATION_FREQ = 20


def fit(x, y, kernel, bias, order, epochs=500):
    """Trains; returns `(history, kernel, bias)` and leaves its arguments alone.

    x (n, features), y (n,) integer labels, kernel (features, classes),
    bias (classes,). `order` permutes the training rows. Each epoch applies it to
    the rows anew, as a loop with a new order each time must.
    """
    x = x.astype("float32")
    split = int(len(x) * (1 - VALIDATION_SPLIT))
    x_train, y_train = x[:split], y[:split]
    kernel, bias = kernel.copy(), bias.copy()
    losses, accuracies, val_losses, val_accuracies = [], [], [], []
    for epoch in range(1, epochs + 1):
        loss, accuracy = train_epoch(x_train[order], y_train[order], kernel, bias)
        losses.append(loss)
        accuracies.append(accuracy)
        if epoch % VALIDATION_FREQ == 0:
            loss, accuracy = evaluate(x[split:], y[split:], kernel, bias)
            val_losses.append(loss)
            val_accuracies.append(accuracy)
    history = {
        "loss": losses,
        "sparse_categorical_accuracy": accuracies,
        "val_loss": val_losses,
        "val_sparse_categorical_accuracy": val_accuracies,
    }
    return history, kernel, bias


def train_epoch(x, y, kernel, bias):
    """One pass over the batches of x and y, changing kernel and bias in place.

    Returns the mean loss, penalty included, and the accuracy over the rows, each
    batch measured before its own update.
    """
    loss_sum = 0.0
    hits = 0
    for start in range(0, len(x), BATCH_SIZE):
        x_batch = x[start : start + BATCH_SIZE]
        y_batch = y[start : start + BATCH_SIZE]
        n = len(y_batch)
        rows = np.arange(n)

        p = softmax(x_batch @ kernel + bias)
        crossentropy = -np.log(p[rows, y_batch]).mean()
        loss_sum += float(crossentropy + L2 * (kernel * kernel).sum()) * n
        hits += int((p.argmax(axis=1) == y_batch).sum())

        dz = p
        dz[rows, y_batch] -= 1
        dz /= n
        kernel -= LEARNING_RATE * (x_batch.T @ dz + 2 * L2 * kernel)
        bias -= LEARNING_RATE * dz.sum(axis=0)
    return loss_sum / len(x), hits / len(x)


def evaluate(x, y, kernel, bias):
    """The mean loss, penalty included, and the accuracy over batches of x and y."""
    loss_sum = 0.0
    hits = 0
    for start in range(0, len(x), BATCH_SIZE):
        y_batch = y[start : start + BATCH_SIZE]
        p = softmax(x[start : start + BATCH_SIZE] @ kernel + bias)
        loss_sum -= float(np.log(p[np.arange(len(p)), y_batch]).sum())
        hits += int((p.argmax(axis=1) == y_batch).sum())
    penalty = L2 * float((kernel * kernel).sum())
    return loss_sum / len(x) + penalty, hits / len(x)


def softmax(z):
    exp = np.exp(z - z.max(axis=1, keepdims=True))  # so that exp cannot overflow
    return exp / exp.sum(axis=1, keepdims=True)
