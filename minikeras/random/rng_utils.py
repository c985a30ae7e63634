"""Counterpart: keras/src/utils/rng_utils.py. The global seed, and fit's batch order.

TensorFlow keeps a global seed of its own beside the states of Python's and
NumPy's generators. In tf.keras the order of batches is all that hangs on it.
"""

import math
import os
import random

import numpy as np

from minikeras.random.philox import Stream
from minikeras.random.samplers import swap_order
from minikeras.random.seed_generator import drop_global_seed_generator, is_integer

_INT32_MAX = 2**31 - 1

_global_seed: int | None = None
_last_order: tuple = (None, None)  # ((count, seed, batch_size), order)


def set_random_seed(seed: int) -> None:
    """Seeds Python's `random`, NumPy and minikeras, and drops the global SeedGenerator.

    Keras raises ValueError for anything but an integer, NumPy outside 0 … 2³²-1.
    """
    if not is_integer(seed):
        raise ValueError(
            "Expected `seed` argument to be an integer. "
            f"Received: seed={seed!r} (of type {type(seed)})"
        )
    seed = int(seed)
    if not 0 <= seed < 2**32:
        raise ValueError(f"Seed must be between 0 and 2**32 - 1. Received: seed={seed}")
    drop_global_seed_generator()
    random.seed(seed)
    np.random.seed(seed)
    set_global_seed(seed)


def set_global_seed(seed: int | None) -> None:
    """tf.random.set_seed: sets the seed of the batch order alone. None forgets it."""
    global _global_seed
    if seed is not None and not is_integer(seed):
        raise ValueError(
            "Expected `seed` argument to be an integer or None. "
            f"Received: seed={seed!r} (of type {type(seed)})"
        )
    _global_seed = None if seed is None else int(seed)


def global_seed() -> int | None:
    """The global seed; None when none was set."""
    return _global_seed


def shuffle_order(
    count: int, seed: int | None, batch_size: int | None = None
) -> np.ndarray:
    """The order in which fit takes `count` rows under the global seed: int64 indices.

    The same at every call, hence in every epoch and every later fit: Keras makes
    tf.random.shuffle anew for each epoch, and a new op starts from the seed again
    (keras/src/trainers/data_adapters/array_data_adapter.py). With seed None each
    call gives a fresh order. With a `batch_size` rows change places within their
    batch only; one random stream goes on from batch to batch. The array is shared
    between calls and read-only.
    """
    global _last_order
    batch_size = batch_size or max(count, 1)
    key = (count, seed, batch_size)
    known, order = _last_order
    if seed is not None and known == key:
        return order
    parts, block = [np.arange(0)], 0
    for start in range(0, count, batch_size):
        size = min(batch_size, count - start)
        if seed is None:
            part = np.frombuffer(os.urandom(8 * size), np.uint64).argsort()
        else:
            part = swap_order(size, _shuffle_stream(seed), block)
            block += math.ceil((size - 1) / 4)  # it draws a word for each but the last
        parts.append(start + part)
    order = np.concatenate(parts)
    order.flags.writeable = False
    if seed is not None:
        _last_order = (key, order)
    return order


def _shuffle_stream(seed: int) -> Stream:
    """The stream of the seed as TensorFlow truncates it, with op seed 0.

    (0, 0) would ask for a random stream, so it becomes (0, 2³¹-1)
    (tensorflow/python/framework/random_seed.py).
    """
    seed %= _INT32_MAX
    return Stream((seed, 0), (0, 0) if seed else (_INT32_MAX, 0))
