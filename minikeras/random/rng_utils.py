"""Counterpart: keras/src/utils/rng_utils.py. The global seed, and fit's batch order.

TensorFlow keeps a global seed of its own beside the states of Python's and
NumPy's generators. In tf.keras the order of batches is all that hangs on it.
"""

import os
import random

import numpy as np

from minikeras.random.philox import Stream
from minikeras.random.samplers import swap_order
from minikeras.random.seed_generator import drop_global_seed_generator, is_integer

_INT32_MAX = 2**31 - 1

_global_seed: int | None = None
_last_order: tuple = (None, None)  # ((count, seed), order)


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


def shuffle_order(count: int, seed: int | None) -> np.ndarray:
    """The order in which fit takes `count` rows under the global seed: int64 indices.

    The same at every call, hence in every epoch and every later fit: Keras makes
    tf.random.shuffle anew for each epoch, and a new op starts from the seed again
    (keras/src/trainers/data_adapters/array_data_adapter.py). With seed None each
    call gives a fresh order. The array is shared between calls and read-only.
    """
    global _last_order
    if seed is None:
        fresh = np.frombuffer(os.urandom(8 * count), np.uint64).argsort()
        fresh.flags.writeable = False
        return fresh
    known, order = _last_order
    if known != (count, seed):
        order = swap_order(count, _shuffle_stream(seed))
        order.flags.writeable = False
        _last_order = ((count, seed), order)
    return order


def _shuffle_stream(seed: int) -> Stream:
    """The stream of the seed as TensorFlow truncates it, with op seed 0.

    (0, 0) would ask for a random stream, so it becomes (0, 2³¹-1)
    (tensorflow/python/framework/random_seed.py).
    """
    seed %= _INT32_MAX
    return Stream((seed, 0), (0, 0) if seed else (_INT32_MAX, 0))
