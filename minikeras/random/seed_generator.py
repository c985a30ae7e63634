"""Counterpart: keras/src/random/seed_generator.py. Where the seeds of draws come from.

A draw takes a pair of integers. An integer seed s stands for (s, 0), so it gives
the same numbers at every call; a SeedGenerator gives (s, 0), (s, 1), (s, 2), …;
None asks the global SeedGenerator, whose own seed is drawn from Python's `random`.
"""

import operator
import random

import numpy as np

from minikeras.autodiff import Tensor, Variable
from minikeras.autodiff.recording import recording
from minikeras.naming import auto_name

_STEP = np.array([0, 1])
_TENSORFLOW_MODULUS = 2**31 - 2  # _cast_seed in keras/src/backend/tensorflow/random.py

_global_generator = None


class SeedGenerator:
    """Gives another seed to each draw, and can be saved and restored.

    `state` is a Variable of two int64: the seed and how often it was used.
    """

    def __init__(self, seed=None, name=None, **kwargs):
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments: {kwargs}")
        self.name = auto_name(type(self).__name__) if name is None else name
        self._initial_seed = seed
        if seed is None:
            seed = make_default_seed()
        elif not is_integer(seed):
            raise ValueError(
                f"Argument `seed` must be an integer. Received: seed={seed!r}"
            )
        self.state = Variable(
            _as_int64(seed),
            trainable=False,
            name="seed_generator_state",
            path=f"{self.name}/seed_generator_state",
        )

    def next(self, ordered=True) -> Tensor:
        """The present state; then moves on.

        Ordered, the second number counts up. Unordered (the global generator),
        each number n becomes (n + 1)·5387 mod 933199.
        """
        if recording.trace is not None:
            recording.trace.refuse("random numbers that are not `drawn`")
        state = self.state.value
        self.state.value = state + _STEP if ordered else (state + 1) * 5387 % 933199
        return Tensor(state)

    def get_config(self):
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def draw_seed(seed) -> tuple[int, int]:
    """The pair of seeds for one draw, reduced to 31 bits as Keras does it.

    `seed` is an integer, a SeedGenerator (which moves on) or None (the global one).
    """
    if isinstance(seed, SeedGenerator):
        pair = seed.next().value
    elif seed is None:
        pair = global_seed_generator().next(ordered=False).value
    elif is_integer(seed):
        pair = _as_int64(seed)
    else:
        raise ValueError(
            "Argument `seed` must be either an integer or an instance of "
            f"`SeedGenerator`. Received: seed={seed!r} (of type {type(seed)})"
        )
    first, second = pair.tolist()
    return first % _TENSORFLOW_MODULUS, second % _TENSORFLOW_MODULUS


def make_default_seed() -> int:
    """A seed from Python's `random`: what layers and initializers do without one."""
    return random.randint(1, int(1e9))


def global_seed_generator() -> SeedGenerator:
    """The generator behind `seed=None`, made at its first use."""
    global _global_generator
    if _global_generator is None:
        _global_generator = SeedGenerator()
    return _global_generator


def drop_global_seed_generator() -> None:
    """Forgets the global generator: the next unseeded draw makes a new one."""
    global _global_generator
    _global_generator = None


def is_integer(value) -> bool:
    """True for a Python or NumPy integer; not for a bool."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _as_int64(seed) -> np.ndarray:
    seed = operator.index(seed)
    if not -(2**63) <= seed < 2**63:
        raise ValueError(f"A seed must fit into 64 bits. Received: seed={seed}")
    return np.array([seed, 0], np.int64)
