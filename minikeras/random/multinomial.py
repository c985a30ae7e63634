"""Draws of class numbers, as tensorflow/core/kernels/multinomial_op.cc makes them."""

import numpy as np

from minikeras.random.philox import Stream
from minikeras.random.samplers import unit_interval


def draw_categories(logits: np.ndarray, count: int, seed: tuple[int, int]):
    """`count` classes per row of `logits`: int64, (rows, count).

    A number u in [0, 1) finds the first class at which the running sum of
    exp(logits - max) exceeds u·total. Classes whose logit is not finite are
    never drawn. Exact where TensorFlow works in one piece; it splits larger jobs
    between threads, and then its numbers depend on how many cores there are.
    """
    words = Stream.from_seed(seed).words(2 * len(logits) * count)
    u = unit_interval(words, "float64").reshape(len(logits), count)
    found = np.empty(u.shape, np.int64)
    for row, (scores, numbers) in enumerate(zip(logits, u, strict=True)):
        possible = np.isfinite(scores)
        weights = np.zeros(scores.shape)
        if possible.any():
            exact = scores[possible].astype("float64")
            weights[possible] = np.exp(exact - exact.max())
        sums = np.cumsum(weights)
        found[row] = np.searchsorted(sums, numbers * sums[-1], side="right")
    return found
