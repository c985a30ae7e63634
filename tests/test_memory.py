"""Freed memory stays with the process in the block, and goes back after it."""

import resource

import numpy as np
import pytest

from minikeras import memory
from minikeras.memory import freed_memory_kept

MB = 1 << 20
PAGE = resource.getpagesize()


def faults(function) -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    function()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def touch(count: int) -> None:
    for _ in range(count):
        np.ones(64 * MB, "i1")


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * PAGE


@pytest.fixture
def glibc():
    assert memory._glibc is not None, "the tests run on Linux with glibc"
    return memory._glibc


def test_pages_are_touched_once(glibc):
    with freed_memory_kept():
        touch(1)
        inside = faults(lambda: touch(5))
    # How large the system's pages are is not known here: some outside, none inside.
    assert 10 * inside < faults(lambda: touch(5))


def test_memory_goes_back_at_the_end(glibc):
    with freed_memory_kept():
        touch(1)
        inside = resident()
    assert resident() < inside - 32 * MB


def test_the_outermost_block_counts(monkeypatch):
    calls = []

    class Library:
        def mallopt(self, option, value):
            calls.append((option, value))

        def malloc_trim(self, pad):
            calls.append("trim")

    monkeypatch.setattr(memory, "_glibc", Library())
    with pytest.raises(KeyError), freed_memory_kept():
        assert calls == list(memory._KEEP)
        with freed_memory_kept():
            pass
        assert calls == list(memory._KEEP)
        raise KeyError
    assert calls == [*memory._KEEP, *memory._USUAL, "trim"]


def test_without_glibc_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory, "_glibc", None)
    with freed_memory_kept():
        touch(1)
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert memory._find_glibc() is None
