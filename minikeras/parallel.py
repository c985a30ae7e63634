"""A few threads that share the work of one step: they are for speed alone.

NumPy leaves Python's lock in its large calls, so threads really run side by side.
BLAS gets one thread in each of them, else they would compete for the cores. What
is computed does not depend on which thread computes it, nor on when.
"""

import math
import os
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from minikeras.late import late_imports

_MOST_THREADS = 8  # more do not help: Python's own part of a step is not shared


_PARTS = 8  # of an array: more than threads, as one of these may be late
_LEAST_BYTES = 1 << 20  # they take longer than waking the threads


class _Watch(threading.local):
    """`told(what)` is called before this thread shares work: who notes its calls one by
    one (program/trace.py) must not take them apart."""

    told: Callable | None = None


watch = _Watch()


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
    if watch.told is not None and len(items) > 1:
        watch.told("work shared by threads")
    count = min(thread_count(), len(items))
    if count < 2 or not _pool.lock.acquire(blocking=False):
        return [function(item) for item in items]  # within another one: no threads
    try:
        return _pool.run(function, items, count)
    finally:
        _pool.lock.release()


def run_parts(function: Callable, count: int, nbytes: float = math.inf) -> list:
    """[function(part) for each part] of the slices that `count` samples are cut into:
    up to 8, on threads; one for all where the `nbytes` to go through are few.

    The parts do not depend on the number of threads, and so no sum over them does.
    """
    if nbytes < _LEAST_BYTES or count < 2:
        return [function(slice(0, count))]
    parts = min(_PARTS, count)
    bounds = [count * i // parts for i in range(parts + 1)]
    return run_all(function, list(map(slice, bounds, bounds[1:])))


def blas_settled() -> AbstractContextManager:
    """A block in which BLAS keeps to one thread where there are one or two cores: what
    is large is shared by `run_parts`, and for what is small its threads wait longer
    for each other than they work (a thousand times where others use the cores)."""
    return one_blas_thread() if thread_count() <= 2 else nullcontext()


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
            with late_imports():  # here, since it looks through all libraries
                from threadpoolctl import ThreadpoolController

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
