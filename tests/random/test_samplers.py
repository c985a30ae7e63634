"""Samplers beside each other."""

import numpy as np
import pytest

from minikeras.random import samplers


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("bound", [0.0, 1e-9, 0.1, 0.3, 0.5, 1 - 2**-23, 0.9999])
def test_a_bound_is_compared_as_with_the_numbers(dtype, bound):
    numbers = samplers.uniform((3, 1001), dtype, (1, 2))
    reached = samplers.uniform_at_least(bound, (3, 1001), dtype, (1, 2))
    np.testing.assert_array_equal(reached, numbers >= numbers.dtype.type(bound))
