"""Gamma draws, as tensorflow/core/kernels/stateless_random_gamma_op.cc makes them."""

import numpy as np

from minikeras.random.philox import Stream
from minikeras.random.samplers import box_muller, unit_interval

_BLOCKS_PER_OUTPUT = 256


def standard_gamma(alpha: np.ndarray, seed: tuple[int, int]) -> np.ndarray:
    """One draw (float64) for each shape parameter in `alpha` (1D, float64).

    For a normal x and a uniform u, with d = alpha - 1/3, c = 1/(3·sqrt d) and
    v = (1 + cx)³, the number d·v is accepted if v > 0 and
    log u < x²/2 + d(1 - v + log v) (Marsaglia and Tsang, 2000). alpha < 1 is
    drawn as alpha + 1 and multiplied by another u^(1/alpha); alpha = 1 is the
    exponential distribution.
    """
    stream = Stream.from_seed(seed)
    small = alpha < 1
    d = np.where(small, alpha + 2 / 3, alpha - 1 / 3)
    blocks = np.arange(alpha.size) * _BLOCKS_PER_OUTPUT
    normals = _Numbers(stream, blocks, box_muller)
    uniforms = _Numbers(stream, blocks, unit_interval)
    out = np.empty(alpha.size)

    waiting = np.flatnonzero(alpha == 1)
    out[waiting] = -np.log1p(-uniforms.take(waiting))
    waiting = np.flatnonzero(alpha != 1)
    while waiting.size:
        x = normals.take(waiting)
        root = 1 + x / (3 * np.sqrt(d[waiting]))
        usable = root > 0
        tried, x, v = waiting[usable], x[usable], root[usable] ** 3
        u = uniforms.take(tried)
        with np.errstate(divide="ignore"):
            accepted = np.log(u) < 0.5 * x * x + d[tried] * (1 - v + np.log(v))
        out[tried[accepted]] = d[tried[accepted]] * v[accepted]
        waiting = np.concatenate([waiting[~usable], tried[~accepted]])
    below = np.flatnonzero(small)
    with np.errstate(over="ignore"):
        out[below] *= uniforms.take(below) ** (1 / alpha[below])
    return out


class _Numbers:
    """Two numbers from each block, the second first, for every output on its own.

    `blocks` holds the block that each output reads next. The normal and the
    uniform numbers share it, for they take their blocks from one stream.
    """

    def __init__(self, stream, blocks, convert):
        self._stream = stream
        self._blocks = blocks
        self._convert = convert
        self._left = np.zeros(blocks.size, np.int8)
        self._pairs = np.empty((blocks.size, 2))

    def take(self, outputs) -> np.ndarray:
        """The next number of each of these outputs."""
        empty = outputs[self._left[outputs] == 0]
        words = self._stream.blocks(self._blocks[empty].astype(np.uint64))
        self._pairs[empty] = self._convert(words, "float64")
        self._blocks[empty] += 1
        self._left[empty] = 2
        self._left[outputs] -= 1
        return self._pairs[outputs, self._left[outputs]]
