"""Counterpart: tensorflow/python/framework/random_seed.py. tf.random."""

from minikeras.random import set_global_seed

__all__ = ["set_seed"]


def set_seed(seed) -> None:
    """Sets TensorFlow's global seed: in tf.keras, the order of the batches.

    The weights come from `tf.keras.utils.set_random_seed`, which Keras draws from
    Python's `random`: with `set_seed` alone they differ from run to run.
    """
    set_global_seed(seed)
