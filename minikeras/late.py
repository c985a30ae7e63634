"""Late imports draw nothing.

rich, which the first `model.summary()` imports, draws from Python's `random` while it
is imported; initial weights come from there too (random/seed_generator.py), so each
weight made after a summary would be another one than tf.keras's, which has imported
everything at its start. So a library that is imported where it is used is imported
inside this block, and a test over the import statements enforces it.
"""

import contextlib
import random
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def late_imports() -> Iterator[None]:
    """A block after which `random` and `np.random` stand as they did before it."""
    before = random.getstate(), np.random.get_state(legacy=False)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
