"""Counterpart: keras/src/ops. Array maths with its derivatives.

One function per op, named and called as in `keras.ops`; each module says which
family it holds. Importing this package also gives Tensor its operators.
"""

# ruff: noqa: F401  # the imports are the list of exports

from minikeras.ops import operators
from minikeras.ops.arithmetic import (
    add,
    arctan2,
    clip,
    divide,
    divide_no_nan,
    floor_divide,
    maximum,
    minimum,
    mod,
    multiply,
    power,
    subtract,
    true_divide,
)
from minikeras.ops.comparison import (
    equal,
    greater,
    greater_equal,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    nonzero,
    not_equal,
    where,
)
from minikeras.ops.core import (
    cast,
    convert_to_numpy,
    convert_to_tensor,
    is_tensor,
    ndim,
    shape,
    size,
    stop_gradient,
)
from minikeras.ops.creation import (
    arange,
    eye,
    full,
    full_like,
    identity,
    linspace,
    meshgrid,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from minikeras.ops.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from minikeras.ops.einstein import einsum
from minikeras.ops.elementwise import (
    abs,
    absolute,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
    ceil,
    cos,
    cosh,
    exp,
    expm1,
    floor,
    log,
    log1p,
    log2,
    log10,
    nan_to_num,
    negative,
    reciprocal,
    round,
    rsqrt,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    tan,
    tanh,
)
from minikeras.ops.indexing import (
    diag,
    diagonal,
    get_item,
    one_hot,
    take,
    take_along_axis,
    tril,
    triu,
)
from minikeras.ops.joining import (
    concatenate,
    hstack,
    repeat,
    split,
    stack,
    unstack,
    vstack,
)
from minikeras.ops.linalg import dot, inner, matmul, norm, outer, tensordot
from minikeras.ops.nn import dense, glu, log_softmax, softmax, sparsemax
from minikeras.ops.nn_piecewise import (
    celu,
    elu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    leaky_relu,
    relu,
    relu6,
    selu,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from minikeras.ops.nn_smooth import (
    gelu,
    log_sigmoid,
    sigmoid,
    silu,
    softplus,
    softsign,
    squareplus,
    swish,
    tanh_shrink,
)
from minikeras.ops.reduce import (
    all,
    amax,
    amin,
    any,
    count_nonzero,
    logsumexp,
    max,
    mean,
    min,
    prod,
    std,
    sum,
    var,
)
from minikeras.ops.shape import (
    broadcast_to,
    expand_dims,
    flip,
    moveaxis,
    pad,
    ravel,
    reshape,
    roll,
    squeeze,
    swapaxes,
    tile,
    transpose,
)
from minikeras.ops.sorting import (
    argmax,
    argmin,
    argsort,
    cumprod,
    cumsum,
    sort,
    top_k,
)
