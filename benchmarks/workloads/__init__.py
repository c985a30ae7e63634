"""One module per workload; the module's name is the workload's.

A workload module has:
    TITLE        one line that says what is trained
    EPOCHS       how many epochs a full run takes
    STEPS        training steps per epoch
    WARM_UP      epochs after which tf.keras has compiled all that fit needs
    USED         the names that with_keras takes from `keras`
    AIMS         tuple of benchmarks.aims.Aim
    by_hand()    -> fit(epochs), the plain NumPy loop on its data, ready to run
    tuned()      the same for the tuned loop
    with_keras(keras)   the same for a library with Keras's interface
`fit(epochs)` returns a history as Keras's, a dict of lists of floats.
"""

import importlib
import pkgutil


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str):
    """The workload module called `name`."""
    return importlib.import_module(f"{__name__}.{name}")
