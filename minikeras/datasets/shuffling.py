"""Orders and splits of data sets, in the order that Keras draws them."""

import numpy as np


def shuffled(rng: np.random.RandomState, x: np.ndarray, y: np.ndarray):
    """Both in one order of the generator, as new arrays."""
    order = np.arange(len(x))
    rng.shuffle(order)
    return x[order], y[order]


def check_split(test_split: float) -> None:
    """Raises ValueError, before anything is downloaded."""
    if not 0 <= test_split < 1:
        raise ValueError(
            "Expected `test_split` to be at least 0 and less than 1. "
            f"Received: {test_split!r}"
        )


def shuffled_split(x: np.ndarray, y: np.ndarray, test_split: float, seed: int):
    """`(x_train, y_train), (x_test, y_test)`, the last `test_split` of an order."""
    x, y = shuffled(np.random.RandomState(seed), x, y)
    end = int(len(x) * (1 - test_split))
    # New arrays, so that neither keeps the other's rows alive
    return (x[:end].copy(), y[:end].copy()), (x[end:].copy(), y[end:].copy())
