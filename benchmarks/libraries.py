"""What is measured, and how each of it is imported."""

import importlib
import importlib.util

LIBRARIES = (
    "by hand",
    "tuned",
    "scikit-learn",
    "Sequential",
    "minikeras",
    "tf.keras",
)
IMPORTS = {
    "by hand": "import numpy",
    "tuned": "import numpy",
    "scikit-learn": "from sklearn.neural_network import MLPClassifier",
    "Sequential": "import minikeras as keras",
    "minikeras": "import minikeras as keras",
    "tf.keras": "from tensorflow import keras",
}
# The distribution without which a library cannot be measured.
_NEEDS = {"scikit-learn": "sklearn", "tf.keras": "tensorflow"}
KERAS_LIKE = {"minikeras": ("minikeras", ()), "tf.keras": ("tensorflow", ("keras",))}


def installed(library: str) -> bool:
    needed = _NEEDS.get(library)
    return needed is None or importlib.util.find_spec(needed) is not None


def keras_module(library: str):
    """minikeras, or tensorflow.keras."""
    name, attributes = KERAS_LIKE[library]
    module = importlib.import_module(name)
    for attribute in attributes:
        module = getattr(module, attribute)
    return module


def make_task(workload, library: str, sizes: dict):
    """The workload's task for a library, ready to run: `task(count) -> history`."""
    if library in workload.RIVALS:
        return workload.RIVALS[library](**sizes)
    return workload.with_keras(keras_module(library), **sizes)


def able(workload) -> list[str]:
    """The libraries that have this workload's task, in the order of the table."""
    return [n for n in LIBRARIES if n in KERAS_LIKE or n in workload.RIVALS]
