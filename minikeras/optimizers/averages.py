"""The moving average that the Adam family keeps of gradients and their squares."""

import numpy as np

from minikeras.autodiff import Slices


def squared(gradient):
    """gradient², for slices summed over them (autodiff/slices.py says why)."""
    return gradient.squared() if type(gradient) is Slices else gradient * gradient


def magnitude(gradient):
    """|gradient|, for slices summed over them."""
    return gradient.magnitudes() if type(gradient) is Slices else np.abs(gradient)


def moved_towards(average, target, rate):
    """average + (target - average)·rate, as a new array.

    The new array is worked on in place: for large weights an update is bound by
    memory, and each further temporary array costs as much as the arithmetic.
    """
    moved = target - average
    moved *= rate
    moved += average
    return moved
