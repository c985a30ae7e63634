"""Counterpart: keras.preprocessing, an older address of what is in utils."""

from minikeras.preprocessing import sequence

__all__ = ["sequence"]
