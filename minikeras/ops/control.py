"""Counterpart: keras/src/ops/core.py. Branches and loops, as Python runs them.

Values are at hand when an op runs, so these need no graph: gradients pass through
whatever the chosen branch or the repeated body does.
"""

import numpy as np

from minikeras import tree
from minikeras.autodiff import Tensor
from minikeras.ops.core import convert_to_tensor


def cond(pred, true_fn, false_fn):
    """`true_fn()` if `pred` holds, else `false_fn()`.

    `pred` is a Tensor or array of one element, a bool, 0 or 1.
    """
    is_array = isinstance(pred, (Tensor, np.ndarray, np.generic))
    if is_array and np.size(pred) != 1 or not is_array and pred not in (0, 1):
        raise TypeError(
            "`pred` must be one value: a Tensor, a bool, 0 or 1. "
            f"Received: pred={pred!r}"
        )
    return true_fn() if pred else false_fn()


def while_loop(cond, body, loop_vars, maximum_iterations=None):
    """Does `loop_vars = body(*loop_vars)` as long as `cond(*loop_vars)` holds.

    The variables are a tuple or a single one, and Tensors (or nests of them) from
    the start. `maximum_iterations` limits how often. Returns the last ones.
    """
    several = isinstance(loop_vars, (tuple, list))
    values = _tensors(tuple(loop_vars) if several else (loop_vars,))
    count = 0
    while (maximum_iterations is None or count < maximum_iterations) and cond(*values):
        given = body(*values)
        given = _tensors(tuple(given) if several else (given,))
        if len(given) != len(values):
            raise ValueError(
                f"`body` must return as many values as it takes: {len(values)}. "
                f"Received: {len(given)} values"
            )
        values = given
        count += 1
    return values if several else values[0]


def fori_loop(lower, upper, body_fun, init_val):
    """Does `value = body_fun(i, value)` for each i from `lower` to `upper` - 1.

    Starts with `init_val`, a Tensor or a nest of them. i is an int32 Tensor.
    """
    value = _tensors(init_val)
    for i in range(int(lower), int(upper)):
        value = _tensors(body_fun(convert_to_tensor(i), value))
    return value


def _tensors(structure):
    return tree.map_structure(convert_to_tensor, structure)
