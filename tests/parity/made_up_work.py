"""Workers and work for tests of `parity.cluster`: its processes import them."""

import contextlib
import importlib
import os
import time
from pathlib import Path


class Counter(contextlib.nullcontext):
    """Counts what it was given."""

    def __enter__(self):
        self.number = 0
        return self

    def count(self, item):
        """(the item, the process, how many it was given)"""
        time.sleep(0.02)  # so that no process can do all of it before the other begins
        self.number += 1
        return item, os.getpid(), self.number


class Noting:
    """Makes workers that write into a file when they are made and ended."""

    def __init__(self, log: Path):
        self.log = log

    @contextlib.contextmanager
    def __call__(self):
        with self.log.open("a") as file:
            file.write("made\n")
        yield
        with self.log.open("a") as file:
            file.write("ended\n")


def nothing(worker, item):
    return None


def fail(worker, item):
    return 1 / item


class Unknown:
    """Pickles as a function of a module that no process has."""

    def __reduce__(self):
        return importlib.import_module, ("no_such_module",)
