"""Running scripts written for TensorFlow's Keras on minikeras, unchanged."""

from minikeras.compat.names import tensorflow_names
from minikeras.compat.script import run_script

__all__ = ["run_script", "tensorflow_names"]
