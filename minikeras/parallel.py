"""A few threads that share the work of one step: they are for speed alone.

NumPy leaves Python's lock in its large calls, so threads really run side by side.
BLAS gets one thread in each of them, else they would compete for the cores. What
is computed does not depend on which thread computes it, nor on when.
"""

import os
import queue
import threading
from collections.abc import Callable, Sequence

import numpy as np

_MOST_THREADS = 8  # more do not help: Python's own part of a step is not shared


_PARTS = 8  # of an array: more than threads, as one of these may be late
_LEAST_BYTES = 1 << 20  # they take longer than waking the threads


def thread_count() -> int:
    """How many threads share work: one per core this process may use, up to 8."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return min(cores, _MOST_THREADS)


def run_all(function: Callable, items: Sequence) -> list:
    """[function(item) for item in items], on several threads if there are several.

    The calling thread takes part. What a call raises is raised here, the first
    item's first, when all of them are done.
    """
    count = min(thread_count(), len(items))
    if count < 2 or not _pool.lock.acquire(blocking=False):
        return [function(item) for item in items]  # within another one: no threads
    try:
        return _pool.run(function, items, count)
    finally:
        _pool.lock.release()


def run_parts(function: Callable, count: int, nbytes: int) -> list:
    """[function(part) for each part] of the slices that `count` samples are cut into:
    some, on threads, where the `nbytes` that they move are many; else one for all.

    The parts do not depend on the number of threads, and so no sum over them does.
    """
    parts = min(_PARTS, count) if nbytes >= _LEAST_BYTES else 1
    bounds = [count * i // max(parts, 1) for i in range(max(parts, 1) + 1)]
    return run_all(function, list(map(slice, bounds, bounds[1:])))


def one_blas_thread():
    """A block in which BLAS keeps to the calling thread."""
    return _pool.one_blas_thread()


class _Pool:
    """Threads that wait for work; they are started when first needed."""

    def __init__(self):
        self.lock = threading.Lock()
        self._work: queue.SimpleQueue = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._blas = None

    def run(self, function: Callable, items: Sequence, count: int) -> list:
        while len(self._threads) < count - 1:
            thread = threading.Thread(
                target=_serve, args=(self._work,), name="minikeras", daemon=True
            )
            thread.start()
            self._threads.append(thread)
        results: list = [None] * len(items)
        errors: dict[int, BaseException] = {}
        numbers = iter(range(len(items)))  # each number is taken by one thread
        done: queue.SimpleQueue = queue.SimpleQueue()

        def take():
            for i in numbers:
                try:
                    results[i] = function(items[i])
                except BaseException as error:  # raised again below
                    errors[i] = error

        with self.one_blas_thread():
            for _ in range(count - 1):
                self._work.put((take, done))
            take()
            for _ in range(count - 1):
                done.get()
        if errors:
            raise errors[min(errors)]
        return results

    def one_blas_thread(self):
        if self._blas is None:
            from threadpoolctl import ThreadpoolController  # looks through libraries

            self._blas = ThreadpoolController().select(user_api="blas")
        return self._blas.limit(limits=1)


def _serve(work: queue.SimpleQueue) -> None:
    np.seterr(all="ignore")  # this thread's own; TensorFlow says nothing either
    while True:
        take, done = work.get()
        take()
        del take  # what it holds can go while this thread waits
        done.put(None)


_pool = _Pool()


def _start_anew() -> None:
    """A forked process has none of the threads of its parent."""
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
