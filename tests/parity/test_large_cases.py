"""The cases of large arrays do go on threads, also where there is one core."""

import os

import pytest

from minikeras import parallel
from parity import cases  # noqa: F401  # fills CASES
from parity.library import Library
from parity.record import run_case


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("large.updates", "Optimizer._update"),
        ("large.shards", "ShardedStep.run_on"),
        ("large.branches", "_together"),
    ],
)
def test_threads_share_the_work(name, work, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0}, raising=False)
    run, shared = parallel._Pool.run, []

    def noting(pool, function, items, count):
        shared.append((function.__qualname__.partition(".<locals>")[0], count))
        return run(pool, function, items, count)

    monkeypatch.setattr(parallel._Pool, "run", noting)
    assert run_case(name, Library("minikeras"))["error"] is None
    assert (work, 2) in shared
    assert parallel.thread_count() == 1  # as before
