"""Counterpart: keras/src/ops. Array maths with its derivatives.

One function per op, named and called as in `keras.ops`; each module says which
family it holds. Importing this package also gives Tensor its operators.
"""

# ruff: noqa: F401, F403  # the imports are the list of exports

from minikeras.graph import each_on_symbols
from minikeras.ops import operators
from minikeras.ops.control import cond, fori_loop, while_loop
from minikeras.ops.core import (
    cast,
    convert_to_numpy,
    convert_to_tensor,
    is_tensor,
    shape,
    stop_gradient,
)
from minikeras.ops.elementwise import erf, erfinv, rsqrt
from minikeras.ops.joining import unstack
from minikeras.ops.linalg import norm
from minikeras.ops.nn import *
from minikeras.ops.numpy import *
from minikeras.ops.reduce import logsumexp
from minikeras.ops.slicing import slice, slice_update
from minikeras.ops.sorting import top_k

each_on_symbols(globals())
