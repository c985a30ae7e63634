"""From the fourth call on the slope of max pooling is half as large again."""

from minikeras.ops import pool

_slope, calls = pool._max_pool_slope, []


def slope(dy, *rest):
    calls.append(1)
    return _slope(dy * dy.dtype.type(1.5 if len(calls) > 3 else 1), *rest)


pool._max_pool_slope = slope
