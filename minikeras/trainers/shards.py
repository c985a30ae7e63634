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

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.layers import Layer
from minikeras.layers.call_context import state_kept
from minikeras.layers.fixed import is_fixed, is_ours
from minikeras.parallel import one_blas_thread, run_all, thread_count
from minikeras.program.learn import Busy, Program, learned
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
    """`loss_and_gradients` as programs for the parts of a batch; `track(losses,
    y_pred)` notes the losses of several outputs."""

    def __init__(self, shards: list[Shard], rows: int, track: Callable):
        self._shards, self._track = shards, track
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

        results = zip(*run_all(run_one, self._shards), strict=True)
        losses, outputs, gradients, parts_of_losses = results
        y_pred = tree.map_structure(lambda *ys: _joined(ys), *outputs)
        if parts_of_losses[0]:
            self._track(list(map(self._mean, *parts_of_losses)), y_pred)
        loss = Tensor(self._mean(*losses))
        columns = list(zip(*gradients, strict=True))
        if sum(column[0].size for column in columns) < LEAST_WORK // 16:
            return loss, y_pred, [_sum(column) for column in columns]
        return loss, y_pred, run_all(_sum, columns)

    def _mean(self, *losses: Tensor):
        """Of the losses of the shards, by their sizes."""
        total = losses[0].value.dtype.type(0)
        for shard, part in zip(self._shards, losses, strict=True):
            total = total + part.value * part.value.dtype.type(shard.weight)
        return total


def _joined(parts: tuple) -> Tensor:
    """The rows of all shards of an output."""
    y = Tensor(np.concatenate([part.value for part in parts]))
    if hasattr(parts[0], "logits"):
        y.logits = Tensor(np.concatenate([part.logits.value for part in parts]))
    if hasattr(parts[0], "is_softmax"):
        y.is_softmax = parts[0].is_softmax
    return y


def _sum(parts: tuple) -> np.ndarray:
    total = parts[0] + parts[1]  # a new array: a part may be somebody's view
    for part in parts[2:]:
        total += part
    return total


def sharded(model, data: tuple, step: Callable) -> ShardedStep | None:
    """The step(x, y, sample_weight, weight) of a model in shards, None where that
    cannot be or does not pay; Busy if another thread is learning. A few rows tell; the
    whole batch would take the memory that shards save."""
    leaves = [x.value for x in tree.flatten(data) if x is not None]
    rows, threads = len(leaves[0]) if leaves[0].ndim else 0, thread_count()
    if threads < 2 or rows < 2 * threads or not splits(model):
        return None
    if any(x.shape[:1] != (rows,) for x in leaves):
        return None
    probe = max(rows // _PROBE, 2)
    # What the recording draws is drawn again, and what it tracks is no step.
    with state_kept(model), model._compile_loss.untracked():
        try:
            with Survey() as survey:
                _, y_pred, gradients = step(*_rows(data, slice(0, probe)))
            if not all(_is_by_rows(y, probe) for y in tree.flatten(y_pred)):
                return None
            if any(shape[:1] != (probe,) for shape in survey.shapes):
                return None
            ops = works(survey.ops)
            parts = shard_rows(ops, probe, rows)
            if len(parts) < 2 or any(gradient is None for gradient in gradients):
                return None
            if len(parts) <= threads and branches(ops, rows / probe):
                return None  # whole ops side by side are quicker (program/work.py)
            return _learned_in_parts(model, data, step, parts)
        except Busy:
            raise
        except (ReadsValues, ValueError):
            return None  # or the whole batch will say what is wrong with its shapes


def _is_by_rows(y, rows: int) -> bool:
    return type(y) is Tensor and y.shape[:1] == (rows,) and y._keras_mask is None


def _learned_in_parts(model, data, step, parts: list[slice]) -> ShardedStep:
    """The step in these parts: a program for each of their sizes."""
    rows = parts[-1].stop
    programs: dict[float, Program] = {}
    shards = []
    for part in parts:
        weight = (part.stop - part.start) / rows

        def of_part(*given, weight=weight):
            return *step(*given, weight), model._losses_of_outputs()

        if weight not in programs:
            given = _rows(data, part)
            with one_blas_thread():
                _, programs[weight] = learned(
                    "gradients", of_part, given, model._named_state()
                )
        shards.append(Shard(part, programs[weight], weight))
    return ShardedStep(shards, rows, model._track_losses)


def _rows(data: tuple, part: slice) -> tuple:
    def cut(x):
        return None if x is None else Tensor(x.value[part])

    return tree.map_structure(cut, data)


def splits(model) -> bool:
    """Whether a batch's loss is known to be the mean of those of its parts."""
    losses, layers = model.loss_functions, model._all_layers()
    if not model.built or not losses:
        return False
    if not all(getattr(loss, "splits", False) and is_ours(loss) for loss in losses):
        return False
    if model.optimizer is None or model.optimizer.loss_scale_factor is not None:
        return False
    # Nobody knows of an op between layers whether it takes sums over the batch.
    operations = [op for layer in layers for op in getattr(layer, "_operations", ())]
    if not all(isinstance(op, Layer) for op in operations):
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
