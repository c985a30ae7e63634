"""Philox4x32-10, TensorFlow's counter-based stream of random 32-bit words.

Block number c of a stream is a fixed scrambling of (key, c): four words that
depend on nothing before them. So a whole array is drawn at once, and a draw can
start anywhere. A block holds four words x0 x1 x2 x3; each of the ten rounds is

    x0, x1 = high(x2·M1) ^ x1 ^ k0,  low(x2·M1)
    x2, x3 = high(x0·M0) ^ x3 ^ k1,  low(x0·M0)

and then adds a constant to each half of the key (Salmon et al., "Parallel random
numbers: as easy as 1, 2, 3", 2011; tensorflow/core/lib/random/philox_random.h).
"""

import numpy as np

from minikeras.parallel import run_all

_LOW = 0xFFFFFFFF
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10

_LOW64 = np.uint64(_LOW)
_SHIFT64 = np.uint64(32)
_MULTIPLIERS64 = np.array(_MULTIPLIERS, np.uint64)[:, None]
_KEY_OFFSETS = np.arange(_ROUNDS, dtype=np.uint64)[:, None, None] * np.array(
    _KEY_STEPS, np.uint64
).reshape(2, 1)
_CHUNK = 1 << 15  # blocks worked on at once: the buffers stay in the cache


class Stream:
    """A key and the upper half of the counter: where one stateless draw begins.

    `key` and `high` are pairs of 32-bit numbers; the blocks of the stream are
    numbered 0, 1, 2, … by the lower half of the counter.
    """

    __slots__ = ("key", "high")

    def __init__(self, key: tuple[int, int], high: tuple[int, int] = (0, 0)):
        self.key = key
        self.high = high

    @classmethod
    def from_seed(cls, seed: tuple[int, int]) -> "Stream":
        """The stream that tf.random.stateless_* draws from for a pair of seeds.

        The pair is itself scrambled once, under a fixed key
        (tensorflow/core/kernels/stateless_random_ops.cc, GenerateKey).
        """
        first, second = seed
        m0, m1, m2, m3 = scramble(
            (first & _LOW, first >> 32 & _LOW, second & _LOW, second >> 32 & _LOW),
            (0x3EC8F720, 0x02461E29),
        )
        return cls((m0, m1), (m2, m3))

    def words(self, count: int, start: int = 0) -> np.ndarray:
        """`count` words (uint32) from block `start` on."""
        blocks = np.arange(start, start - (-count // 4), dtype=np.uint64)
        return self.blocks(blocks).reshape(-1)[:count]

    def blocks(self, numbers: np.ndarray) -> np.ndarray:
        """The four words of each block in `numbers` (uint64, 1D): uint32, (n, 4)."""
        out = np.empty((numbers.size, 4), np.uint32)

        def fill(at):
            part = slice(at, at + _CHUNK)
            _scramble_blocks(numbers[part], self.high, self.key, out[part])

        run_all(fill, range(0, numbers.size, _CHUNK))
        return out


def scramble(words: tuple, key: tuple) -> tuple:
    """One block of four words under `key`, in Python integers."""
    x0, x1, x2, x3 = words
    k0, k1 = key
    for _ in range(_ROUNDS):
        p0, p1 = x0 * _MULTIPLIERS[0], x2 * _MULTIPLIERS[1]
        x0, x1 = (p1 >> 32) ^ x1 ^ k0, p1 & _LOW
        x2, x3 = (p0 >> 32) ^ x3 ^ k1, p0 & _LOW
        k0, k1 = k0 + _KEY_STEPS[0] & _LOW, k1 + _KEY_STEPS[1] & _LOW
    return x0, x1, x2, x3


def _scramble_blocks(numbers, high, key, out) -> None:
    """`scramble` of every block at once, each word in a uint64 of its own.

    `even` holds rows x0 and x2, `odd` rows x1 and x3; the products are read in
    reverse row order, which is the swap that each round makes.
    """
    even = np.empty((2, numbers.size), np.uint64)
    odd = np.empty_like(even)
    product = np.empty_like(even)
    swapped = product[::-1]
    np.bitwise_and(numbers, _LOW64, out=even[0])
    np.right_shift(numbers, _SHIFT64, out=odd[0])
    even[1], odd[1] = high
    for round_key in (np.array(key, np.uint64)[:, None] + _KEY_OFFSETS) & _LOW64:
        np.multiply(even, _MULTIPLIERS64, out=product)
        np.right_shift(swapped, _SHIFT64, out=even)
        np.bitwise_xor(even, odd, out=even)
        np.bitwise_xor(even, round_key, out=even)
        np.bitwise_and(swapped, _LOW64, out=odd)
    out[:, 0::2] = even.T
    out[:, 1::2] = odd.T
