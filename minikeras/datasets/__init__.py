"""Counterpart: keras/src/datasets. Data that ships inside the package: no download."""

from minikeras.datasets import digits, iris

__all__ = ["digits", "iris"]
