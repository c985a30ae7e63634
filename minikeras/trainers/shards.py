"""Splits a training step over parts of the batch ("shards"), on several threads.

The loss of a batch is the mean over its samples, so its loss and its gradients are
the sums of those of the shards, weighted by their sizes. Besides the other cores
this wins what a core's own cache gives: the arrays of a shard stay in it. Split are
only steps that can be repeated (step_replay.py), where no sample depends on another.
A reader of the maths can skip this file.
"""

import math
from typing import NamedTuple

import numpy as np

from minikeras.autodiff import Tensor
from minikeras.autodiff.replay import Program
from minikeras.parallel import run_all, thread_count
from minikeras.trainers.work import LEAST_WORK, multiplications

# What the largest array of a shard may take, so that it stays in a core's caches.
_CACHE_BYTES = 1536 * 1024
# So many of them make splitting worth it on more than two cores (docs/speed.md).
_MANY_PIECES = 4


class Shard(NamedTuple):
    """Rows of a batch, the program for so many rows, and their share of the batch."""

    rows: slice
    program: Program
    weight: float

    def run(self, inputs: list) -> tuple:
        return self.program.run([x[self.rows] for x in inputs], self.weight)


class ShardedStep:
    """A step as programs for the parts of a batch; runs like a `Program`."""

    def __init__(self, shards: list[Shard], rows: int):
        self._shards = shards
        # Drawn for the whole batch at once: each shard takes its rows.
        self.draws = [
            draw._replace(shape=(rows, *draw.shape[1:]))
            for draw in shards[0].program.draws
        ]

    def run(self, inputs: list) -> tuple:
        """(loss, outputs, gradients) of the batch, summed in the order of the shards,
        so that they do not depend on which thread was first."""

        def run_one(shard: Shard) -> tuple:
            return shard.run(inputs)

        results = run_all(run_one, self._shards)
        losses, outputs, gradients = zip(*results, strict=True)
        weights = [shard.weight for shard in self._shards]
        loss = _joined(losses, weights)
        joined = [_joined(parts, weights) for parts in zip(*outputs, strict=True)]
        columns = list(zip(*gradients, strict=True))
        if sum(column[0].size for column in columns) < LEAST_WORK // 16:
            return loss, joined, [_sum(column) for column in columns]
        return loss, joined, run_all(_sum, columns)


def _joined(parts: tuple, weights: list):
    """The rows of all shards; of a number, as the loss of one output, the mean."""
    if parts[0].ndim:
        return np.concatenate(parts)
    total = parts[0].dtype.type(0)
    for part, weight in zip(parts, weights, strict=True):
        total = total + part * part.dtype.type(weight)
    return total


def _sum(parts: tuple) -> np.ndarray:
    total = parts[0] + parts[1]  # a new array: a part may be somebody's view
    for part in parts[2:]:
        total += part
    return total


def shard_rows(calls: list, probe: int, rows: int) -> list[slice]:
    """The rows of each shard of a batch; one slice for all where splitting does not
    pay. `calls` is the trace of a step on `probe` of the rows.

    The sizes follow from the arrays and the number of threads, never from timing.
    """
    if sum(map(multiplications, calls)) * rows < LEAST_WORK * probe:
        return [slice(0, rows)]
    outputs = [y.value for _, _, _, y, _ in calls if isinstance(y, Tensor)]
    largest = max(y.nbytes for y in outputs if y.ndim and len(y) == probe)
    pieces = math.ceil(largest * rows / probe / _CACHE_BYTES)
    threads = thread_count()
    if threads > 2:  # BLAS's own threads do as well, unless arrays leave the caches
        if pieces < _MANY_PIECES:
            return [slice(0, rows)]
        threads = min(threads, pieces)
    count = min(math.ceil(pieces / threads) * threads, rows)
    bounds = [rows * i // count for i in range(count + 1)]
    return [slice(a, b) for a, b in zip(bounds, bounds[1:], strict=False)]
