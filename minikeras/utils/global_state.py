"""Counterpart: keras/src/backend/common/global_state.py. A fresh start for globals."""

import gc

from minikeras.config import forget_layer_dtype
from minikeras.naming import reset_uids
from minikeras.random.seed_generator import drop_global_seed_generator
from minikeras.utils.io_utils import enable_interactive_logging


def clear_session(free_memory: bool = True) -> None:
    """Numbers names from the start, drops the global SeedGenerator, logs to stdout.
    The next layer takes its dtype from `floatx()` again.

    The seed of the batch order stays: it is TensorFlow's, and Keras leaves it alone.
    `free_memory` also runs the garbage collector.
    """
    reset_uids()
    forget_layer_dtype()
    drop_global_seed_generator()
    enable_interactive_logging()
    if free_memory:
        gc.collect()
