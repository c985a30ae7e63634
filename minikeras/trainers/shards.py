"""Splits a training step over parts of the batch ("shards"), on several threads.

The loss of a batch is the mean over its samples, so its loss and its gradients are
the sums of those of the shards, weighted by their sizes. Besides the other cores
this wins what a core's own cache gives: the arrays of a shard stay in it. Split are
only steps of layers of this package, where no sample depends on another.
A reader of the maths can skip this file.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from minikeras.autodiff import Tensor
from minikeras.layers.call_context import state_kept
from minikeras.layers.fixed import is_fixed, is_ours
from minikeras.parallel import one_blas_thread, run_all, thread_count
from minikeras.program.learn import Program, learned
from minikeras.program.stand_in import ReadsValues
from minikeras.program.work import LEAST_WORK, Survey, Work, branches, works

# What the largest array of a shard may take, so that it stays in a core's caches.
_CACHE_BYTES = 1536 * 1024
# So many of them make splitting worth it on more than two cores (docs/speed.md).
_MANY_PIECES = 4
_PROBE = 16  # one row in so many tells what a step takes


class Shard(NamedTuple):
    """Rows of a batch, the program for so many rows, and their share of the batch."""

    rows: slice
    program: Program
    weight: float


class ShardedStep:
    """`loss_and_gradients` as programs for the parts of a batch."""

    def __init__(self, shards: list[Shard], rows: int):
        self._shards = shards
        # Drawn for the whole batch at once: each shard takes its rows.
        self.draws = [
            draw._replace(shape=(rows, *draw.shape[1:]))
            for draw in shards[0].program.draws
        ]

    def run_on(self, arrays: list) -> tuple:
        """(loss, y_pred, gradients) of the batch, summed in the order of the shards,
        so that they do not depend on which thread was first."""
        arrays = [*arrays, *(draw() for draw in self.draws)]

        def run_one(shard: Shard) -> tuple:
            parts = [x[shard.rows] for x in arrays]
            return shard.program.again(shard.program.run(*parts))

        losses, outputs, gradients = zip(*run_all(run_one, self._shards), strict=True)
        loss = losses[0].value.dtype.type(0)
        for shard, part in zip(self._shards, losses, strict=True):
            loss = loss + part.value * part.value.dtype.type(shard.weight)
        y_pred = Tensor(np.concatenate([y.value for y in outputs]))
        if hasattr(outputs[0], "logits"):
            parts = [y.logits.value for y in outputs]
            y_pred.logits = Tensor(np.concatenate(parts))
        columns = list(zip(*gradients, strict=True))
        if sum(column[0].size for column in columns) < LEAST_WORK // 16:
            return Tensor(loss), y_pred, [_sum(column) for column in columns]
        return Tensor(loss), y_pred, run_all(_sum, columns)


def _sum(parts: tuple) -> np.ndarray:
    total = parts[0] + parts[1]  # a new array: a part may be somebody's view
    for part in parts[2:]:
        total += part
    return total


def sharded(model, data: tuple, step: Callable) -> ShardedStep | None:
    """The step(x, y, sample_weight, weight) of a model in shards, None where that
    cannot be or does not pay. A few rows tell; the whole batch would take the memory
    that shards save."""
    rows, threads = len(data[0].value), thread_count()
    if threads < 2 or rows < 2 * threads or not splits(model):
        return None
    probe = max(rows // _PROBE, 2)
    with state_kept(model):  # what the recording draws is drawn again
        try:
            with Survey() as survey:
                step(*_rows(data, slice(0, probe)))
            ops = works(survey.ops)
            parts = shard_rows(ops, probe, rows)
            if len(parts) < 2 or any(shape[:1] != (probe,) for shape in survey.shapes):
                return None
            if len(parts) <= threads and branches(ops, rows / probe):
                return None  # whole ops side by side are quicker (program/work.py)
            return _learned_in_parts(model, data, step, parts)
        except (ReadsValues, ValueError):
            return None  # or the whole batch will say what is wrong with its shapes


def _learned_in_parts(model, data, step, parts: list[slice]) -> ShardedStep:
    """The step in these parts: a program for each of their sizes."""
    rows = parts[-1].stop
    programs: dict[float, Program] = {}
    shards = []
    for part in parts:
        weight = (part.stop - part.start) / rows
        if weight not in programs:
            with one_blas_thread():
                _, programs[weight] = learned(
                    "gradients",
                    lambda *given, weight=weight: step(*given, weight),
                    _rows(data, part),
                    model._named_state(),
                )
        shards.append(Shard(part, programs[weight], weight))
    return ShardedStep(shards, rows)


def _rows(data: tuple, part: slice) -> tuple:
    return tuple(None if x is None else Tensor(x.value[part]) for x in data)


def splits(model) -> bool:
    """Whether a batch's loss is known to be the mean of those of its parts."""
    loss, layers = model.loss_function, model._all_layers()
    if not model.built or loss is None or not loss.splits or not is_ours(loss):
        return False
    if model.optimizer is None or model.optimizer.loss_scale_factor is not None:
        return False
    return all(is_fixed(x) and not x.couples_samples for x in layers)


def shard_rows(ops: list[Work], probe: int, rows: int) -> list[slice]:
    """The rows of each shard of a batch; one slice for all where splitting does not
    pay. `ops` are those of a step on `probe` of the rows.

    The sizes follow from the arrays and the number of threads, never from timing.
    """
    if sum(op.multiplications for op in ops) * rows < LEAST_WORK * probe:
        return [slice(0, rows)]
    largest = max(op.nbytes for op in ops if op.shape[:1] == (probe,))
    pieces = math.ceil(largest * rows / probe / _CACHE_BYTES)
    threads = thread_count()
    if threads > 2:  # BLAS's own threads do as well, unless arrays leave the caches
        if pieces < _MANY_PIECES:
            return [slice(0, rows)]
        threads = min(threads, pieces)
    count = min(math.ceil(pieces / threads) * threads, rows)
    bounds = [rows * i // count for i in range(count + 1)]
    return [slice(a, b) for a, b in zip(bounds, bounds[1:], strict=False)]
