"""Counterpart: keras/src/datasets. Data that ships inside the package: no download."""

from minikeras.datasets import iris

__all__ = ["iris"]
