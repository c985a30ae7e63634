"""The Keras 3 API in pure NumPy, with tf.keras's own numbers from the same seed.

The families (layers, losses, optimizers…) are imported when they are first used,
so that `import minikeras` costs little more than `import numpy`.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_FAMILIES = (
    "activations",
    "autodiff",
    "backend",
    "callbacks",
    "compat",
    "config",
    "constraints",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "registry",
    "regularizers",
    "saving",
    "tree",
    "utils",
)
_HOMES = {
    "Function": "graph",
    "GradientTape": "autodiff",
    "Initializer": "initializers",
    "Input": "layers",
    "InputSpec": "layers",
    "KerasTensor": "graph",
    "Layer": "layers",
    "Loss": "losses",
    "Metric": "metrics",
    "Model": "models",
    "Operation": "graph",
    "Optimizer": "optimizers",
    "Regularizer": "regularizers",
    "Sequential": "models",
    "Tensor": "autodiff",
    "Variable": "autodiff",
}
__all__ = [*_FAMILIES, *_HOMES]


def version() -> str:
    """The version of minikeras."""
    return __version__


def __getattr__(name: str) -> Any:
    if name in _FAMILIES:
        return importlib.import_module(f"minikeras.{name}")
    if name in _HOMES:
        importlib.import_module("minikeras.ops")  # gives tensors their operators
        found = getattr(importlib.import_module(f"minikeras.{_HOMES[name]}"), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module 'minikeras' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
