"""One module per workload; the module's name is the workload's.

A workload module has:
    TITLE        one line that says what is done
    EPOCHS       how often the first run does it: epochs of a fit, or calls
    STEPS        training steps (or calls) per one of these
    UNIT         runs take a multiple of this; the first UNIT are the warm-up too
    USED         the names that with_keras takes from `keras`
    AIMS         tuple of benchmarks.aims.Aim
    TOLERANCE    how far histories of the first run may be apart, and why
    with_keras(keras)   -> task(count), the work with a library of Keras's interface
    RIVALS       {"by hand": by_hand, ...}: functions that make the same task
`task(count)` returns a history as Keras's, a dict of lists of floats; it may have
a `rewind()` that is called before each run that is timed warm.
"""

import importlib

NAMES = (
    "iris",
    "iris_functional",
    "two_inputs",
    "call_row",
    "predict_row",
    "mlp",
    "convnet",
    "conv",
    "lstm",
    "gru",
    "bidirectional",
)


def load(name: str):
    """The workload module called `name`."""
    return importlib.import_module(f"{__name__}.{name}")
