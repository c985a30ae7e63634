"""Counterpart: keras/src/ops/nn.py. The ops of neural networks, as `keras.ops.nn`."""

# ruff: noqa: F401  # the imports are the list of exports

from minikeras.graph import each_on_symbols
from minikeras.ops.conv import conv, depthwise_conv, separable_conv
from minikeras.ops.conv_transpose import conv_transpose
from minikeras.ops.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from minikeras.ops.embedding import embedding
from minikeras.ops.indexing import one_hot
from minikeras.ops.nn_axis import dense, glu, log_softmax, softmax, sparsemax
from minikeras.ops.nn_moments import moments, normalize
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
from minikeras.ops.normalization import (
    batch_normalization,
    layer_normalization,
    rms_normalization,
)
from minikeras.ops.pool import average_pool, max_pool

each_on_symbols(globals())
