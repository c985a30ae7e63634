"""The iris tutorial by hand: what a NumPy programmer writes for this task alone.

Softmax regression with an L2 penalty, plain gradient descent, shuffled batches,
loss and accuracy of every epoch, validation now and then; float32 throughout.
Given tf.keras's initial kernel and batch order it gives tf.keras's losses.

On batches of 32 × 4 a NumPy call costs its overhead, so of two equal calls the
cheap one stands here: `a.dot(b)` for `a @ b` and for sums along an axis, `take`
for indexing with an array; the maximum comes from the argmax that the accuracy
needs anyway.
"""

import numpy as np

CLASSES = 3
BATCH_SIZE = 32
LEARNING_RATE = 0.1
L2 = 0.01
VALIDATION_SPLIT = 0.2
VALIDATION_FREQ = 20

ONE_HOT = np.eye(CLASSES, dtype="float32")
CLASS_ONES = np.ones(CLASSES, "float32")
BATCH_ONES = np.ones(BATCH_SIZE, "float32")
BATCH_ROWS = np.arange(BATCH_SIZE)


def fit(x, y, kernel, bias, order, epochs=500):
    """Trains; returns `(history, kernel, bias)` and leaves its arguments alone.

    x (n, features), y (n,) integer labels, kernel (features, classes),
    bias (classes,). `order` permutes the training rows. Each epoch applies it to
    the rows anew, as a loop with a new order each time must.
    """
    x = x.astype("float32")
    split = int(len(x) * (1 - VALIDATION_SPLIT))
    kernel, bias = kernel.copy(), bias.copy()
    losses, accuracies, val_losses, val_accuracies = [], [], [], []
    for epoch in range(1, epochs + 1):
        loss, accuracy = train_epoch(x.take(order, axis=0), y.take(order), kernel, bias)
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
        rows, ones = BATCH_ROWS[:n], BATCH_ONES[:n]

        z = x_batch.dot(kernel) + bias
        winner = z.argmax(axis=1)
        z -= z[rows, winner][:, None]  # so that exp cannot overflow
        exp = np.exp(z)
        total = exp.dot(CLASS_ONES)

        crossentropy = ones.dot(np.log(total) - z[rows, y_batch]) / n
        loss = crossentropy + L2 * np.vdot(kernel, kernel)

        dz = exp / total[:, None]
        dz -= ONE_HOT.take(y_batch, axis=0)
        dz /= n
        dkernel = x_batch.T.dot(dz)
        dkernel += 2 * L2 * kernel
        dbias = ones.dot(dz)

        kernel -= LEARNING_RATE * dkernel
        bias -= LEARNING_RATE * dbias

        loss_sum += float(loss) * n
        hits += np.count_nonzero(winner == y_batch)
    return loss_sum / len(x), hits / len(x)


def evaluate(x, y, kernel, bias):
    """The mean loss, penalty included, and the accuracy over batches of x and y."""
    loss_sum = 0.0
    hits = 0
    for start in range(0, len(x), BATCH_SIZE):
        y_batch = y[start : start + BATCH_SIZE]
        z = x[start : start + BATCH_SIZE].dot(kernel) + bias
        rows, winner = BATCH_ROWS[: len(z)], z.argmax(axis=1)
        z -= z[rows, winner][:, None]
        crossentropy = np.log(np.exp(z).dot(CLASS_ONES)) - z[rows, y_batch]
        loss_sum += float(crossentropy.sum())
        hits += np.count_nonzero(winner == y_batch)
    penalty = L2 * float(np.vdot(kernel, kernel))
    return loss_sum / len(x) + penalty, hits / len(x)
