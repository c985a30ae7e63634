"""The Keras 3 API in pure NumPy."""

import importlib

from minikeras.autodiff import GradientTape, Tensor, Variable

__version__ = "0.1.0"
__all__ = ["GradientTape", "Tensor", "Variable"]


def __getattr__(name):
    return importlib.import_module(f"minikeras.{name}")
