"""The moving average that the Adam family keeps of gradients and their squares."""


def moved_towards(average, target, rate):
    """average + (target - average)·rate, as a new array.

    The new array is worked on in place: for large weights an update is bound by
    memory, and each further temporary array costs as much as the arithmetic.
    """
    moved = target - average
    moved *= rate
    moved += average
    return moved
