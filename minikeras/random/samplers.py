"""From Philox words to numbers, as TensorFlow's CPU kernels turn them.

Each sampler takes a shape and a pair of seeds and returns an ndarray: the same
pair gives the same numbers as tf.random.stateless_*. Uniform numbers and
integers agree bit for bit; the normal ones in 98 of 100 cases, the others to 3
units in the last place, for C libraries round log, sin and cos differently.
Source: tensorflow/core/lib/random/random_distributions.h.
"""

import math

import numpy as np

from minikeras.random.philox import Stream

_MANTISSA = np.uint32(0x7FFFFF)
_TRUNCATE_AT = 2.0
_BLOCKS_PER_OUTPUT = 64  # TensorFlow sets 256 words aside for each truncated output


def uniform(shape, dtype: str, seed: tuple[int, int]) -> np.ndarray:
    """Numbers in [0, 1): random mantissa bits under the exponent of 1, minus 1."""
    stream = Stream.from_seed(seed)
    count = math.prod(shape)
    words = stream.words(2 * count if dtype == "float64" else count)
    return unit_interval(words, dtype).reshape(shape)


def uniform_at_least(bound: float, shape, dtype: str, seed) -> np.ndarray:
    """`uniform(shape, dtype, seed) >= bound`. In float32 the mantissa bits are compared
    as they are drawn, k / 2²³ >= bound: no number is made of them."""
    if dtype != "float32":
        return uniform(shape, dtype, seed) >= bound
    words = Stream.from_seed(seed).words(math.prod(shape))
    words &= _MANTISSA
    least = math.ceil(float(np.float32(bound)) * 2**23)
    return (words >= np.uint32(least)).reshape(shape)


def integers(shape, low: int, high: int, dtype: str, seed: tuple[int, int]):
    """Integers in [low, high), "int32" or "int64": low + word % (high - low)."""
    stream = Stream.from_seed(seed)
    count = math.prod(shape)
    if dtype == "int64":
        words = _joined(stream.words(2 * count))
    else:
        words = stream.words(count)
    unsigned = words.dtype.type
    span = unsigned(high - low)
    offset = unsigned(low % (1 << 8 * words.itemsize))
    # Unsigned sums wrap around, which is what makes a negative `low` come out right.
    return (words % span + np.full(1, offset)).view(dtype).reshape(shape)


def normal(shape, dtype: str, seed: tuple[int, int]) -> np.ndarray:
    """Standard normal numbers, two from each Box-Muller pair."""
    stream = Stream.from_seed(seed)
    count = math.prod(shape)
    each = 2 if dtype == "float64" else 1
    words = stream.words(each * (count + count % 2))
    drawn = box_muller(words, _computed_in(dtype))
    return drawn[:count].reshape(shape).astype(dtype, copy=False)


def truncated_normal(shape, dtype: str, seed: tuple[int, int]) -> np.ndarray:
    """Standard normal numbers with |x| < 2, the others drawn again.

    Outputs come in groups (four; two in float64). Every group has its own part
    of the stream and keeps the first numbers there that are small enough.
    """
    stream = Stream.from_seed(seed)
    count = math.prod(shape)
    size = 2 if dtype == "float64" else 4
    exact = _computed_in(dtype)
    out = np.empty((-(-count // size), size), exact)
    waiting = np.arange(len(out))
    look = 1  # blocks: in five groups of six, nothing is dropped
    while waiting.size:
        numbers = (
            waiting[:, None] * (size * _BLOCKS_PER_OUTPUT) + np.arange(look)
        ).astype(np.uint64)
        words = stream.blocks(numbers.reshape(-1)).reshape(waiting.size, -1)
        drawn = box_muller(words, exact)
        kept = np.abs(drawn) < _TRUNCATE_AT
        full = kept.sum(axis=1) >= size
        first = kept & (np.cumsum(kept, axis=1) <= size) & full[:, None]
        out[waiting[full]] = drawn[first].reshape(-1, size)
        waiting = waiting[~full]
        look *= 2
    return out.reshape(-1)[:count].reshape(shape).astype(dtype, copy=False)


def permutation(count: int, seed: tuple[int, int]) -> np.ndarray:
    """The order of `count` uniform numbers, equal ones as they come."""
    return np.argsort(uniform((count,), "float32", seed), kind="stable")


def swap_order(count: int, stream: Stream, block: int = 0) -> np.ndarray:
    """The order of tf.random.shuffle: element i changes places with a later one.

    For i = 0 … count-2, i and i + word_i % (count - i) are swapped, with the words
    of the stream from a block on (tensorflow/core/kernels/random_shuffle_op.cc).
    """
    order = list(range(count))
    steps = np.arange(max(count - 1, 0))
    words = stream.words(steps.size, block).astype(np.int64)
    targets = (steps + words % (count - steps)).tolist()
    for i, j in enumerate(targets):
        order[i], order[j] = order[j], order[i]
    return np.array(order, np.int64)


def _joined(words: np.ndarray) -> np.ndarray:
    """64-bit words from pairs of 32-bit words, the low half first."""
    wide = words.astype(np.uint64)
    return wide[0::2] | wide[1::2] << np.uint64(32)


def unit_interval(words: np.ndarray, dtype: str) -> np.ndarray:
    """Words as numbers in [0, 1); float64 takes two words each."""
    if dtype == "float64":
        wide = words.astype(np.uint64)
        bits = (wide[..., 0::2] & np.uint64(0xFFFFF)) << np.uint64(32) | wide[..., 1::2]
        return (bits | np.uint64(1023 << 52)).view("float64") - 1.0
    if dtype == "float16":
        halves = words.astype(np.uint16) & np.uint16(0x3FF) | np.uint16(15 << 10)
        return halves.view("float16") - np.float16(1)
    bits = words & _MANTISSA | np.uint32(127 << 23)
    return bits.view("float32") - np.float32(1)


def box_muller(words: np.ndarray, dtype: str) -> np.ndarray:
    """Normal numbers r·sin v, r·cos v, r·sin v, … along the last axis of `words`,
    with r = sqrt(-2 ln u), v = 2π·u'.

    Logarithm, sine and cosine are computed in float64 and rounded, which is what
    the C library does for TensorFlow; NumPy's own in float32 are less exact.
    """
    u = unit_interval(words, dtype)
    kind = u.dtype.type
    wide = u.astype("float64")
    logarithm = np.log(np.maximum(wide[..., 0::2], kind(1e-7))).astype(dtype)
    radius = np.sqrt(kind(-2) * logarithm)
    angle = (2 * math.pi * wide[..., 1::2]).astype(dtype).astype("float64")
    np.multiply(np.sin(angle).astype(dtype), radius, out=u[..., 0::2])
    np.multiply(np.cos(angle).astype(dtype), radius, out=u[..., 1::2])
    return u


def _computed_in(dtype: str) -> str:
    """float16 normals are float32 normals, rounded."""
    return "float64" if dtype == "float64" else "float32"
