"""Counterpart: keras/src/random/random.py. Random Tensors.

`seed` is an integer (the same numbers at every call), a SeedGenerator (new ones)
or None (the global SeedGenerator). Numbers are those of tf.keras; see samplers.py
for how exactly.
"""

import math
import operator

import numpy as np

from minikeras.autodiff import Array, Tensor, as_array, primitive
from minikeras.autodiff.choose import where_true
from minikeras.config import FLOAT_DTYPES, standardize_dtype
from minikeras.random import samplers
from minikeras.random.draws import drawn
from minikeras.random.gamma import standard_gamma
from minikeras.random.multinomial import draw_categories
from minikeras.random.seed_generator import draw_seed, is_integer

_SIGNED = ("int8", "int16", "int32", "int64")
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64")


def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None) -> Tensor:
    """Numbers from [minval, maxval): u·(maxval - minval) + minval."""
    dtype = _float_dtype("uniform", dtype)
    low, high = _float32_first(minval, dtype), _float32_first(maxval, dtype)
    return drawn(_uniform, _checked_shape(shape), low, high, dtype, seed)


def _uniform(shape, low, high, dtype, seed):
    return samplers.uniform(shape, dtype, draw_seed(seed)) * (high - low) + low


def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None) -> Tensor:
    """Numbers from the normal distribution."""
    dtype = _float_dtype("normal", dtype)
    return drawn(_normal, _checked_shape(shape), mean, stddev, dtype, seed)


def _normal(shape, mean, stddev, dtype, seed):
    return _moved(samplers.normal(shape, dtype, draw_seed(seed)), mean, stddev)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None) -> Tensor:
    """Normal numbers; those two or more `stddev` from the mean are drawn again."""
    dtype = _float_dtype("truncated_normal", dtype)
    numbers = samplers.truncated_normal(_checked_shape(shape), dtype, draw_seed(seed))
    return Tensor(_moved(numbers, mean, stddev))


def randint(shape, minval, maxval, dtype="int32", seed=None) -> Tensor:
    """Integers from [minval, maxval).

    int32 and int64 are drawn as such; the other types are int64 draws, cut to
    the type's bits.
    """
    dtype = standardize_dtype(dtype)
    if dtype not in _SIGNED + _UNSIGNED:
        raise ValueError(
            "`keras.random.randint` requires an integer `dtype`. "
            f"Received: dtype={dtype}"
        )
    drawn_as = dtype if dtype == "int32" else "int64"
    low, high = _bounds(minval, maxval, drawn_as)
    numbers = samplers.integers(
        _checked_shape(shape), low, high, drawn_as, draw_seed(seed)
    )
    return Tensor(numbers.astype(dtype, copy=False))


def categorical(logits, num_samples, dtype="int32", seed=None) -> Tensor:
    """`num_samples` class numbers for each row of `logits` (batch, classes).

    Class k has probability softmax(logits)[k]. See multinomial.py for the draw.
    """
    logits = as_array(logits)
    if logits.ndim != 2:
        raise ValueError(
            "`logits` should be a 2-D tensor with shape [batch_size, num_classes]. "
            f"Received: logits={logits}"
        )
    numbers = draw_categories(logits, operator.index(num_samples), draw_seed(seed))
    return Tensor(numbers.astype(standardize_dtype(dtype)))


def gamma(shape, alpha, dtype=None, seed=None) -> Tensor:
    """Numbers from the gamma distribution of shape parameter `alpha` and scale 1.

    `shape` must end with the shape of `alpha`.
    """
    dtype = _float_dtype("gamma", dtype)
    shape = _checked_shape(shape)
    alpha = _positive("alpha", alpha, dtype)
    if shape[len(shape) - alpha.ndim :] != alpha.shape:
        raise ValueError(
            f"`shape` must end with the shape of `alpha`, {alpha.shape}. "
            f"Received: shape={shape}"
        )
    return Tensor(_gamma(shape, alpha, draw_seed(seed)))


def beta(shape, alpha, beta, dtype=None, seed=None) -> Tensor:
    """Numbers from the beta distribution: a/(a + b), with a of gamma(alpha) and b of
    gamma(beta). Both parameters are broadcast."""
    dtype = _float_dtype("beta", dtype)
    shape = _checked_shape(shape)
    alpha = np.broadcast_to(_positive("alpha", alpha, dtype), shape)
    beta = np.broadcast_to(_positive("beta", beta, dtype), shape)
    first, second = draw_seed(seed)
    a = _gamma(shape, alpha, (first, second))
    b = _gamma(shape, beta, (first + 12, second + 12))
    return Tensor(a / (a + b))


def dropout(inputs, rate, noise_shape=None, seed=None):
    """Zeroes elements with probability `rate` and scales the others by 1/(1 - rate).

    `noise_shape` is the shape of the mask, broadcast against the inputs; None in
    it means the input's own size. With rate 0 the inputs come back as they are.
    """
    if (
        not isinstance(rate, (int, float, np.integer, np.floating))
        or not 0 <= rate <= 1
    ):
        raise ValueError(
            f"`rate` must be a number in the range [0, 1]. Received: rate={rate!r}"
        )
    if rate == 0:
        return inputs
    x = as_array(inputs)
    if x.dtype.name not in FLOAT_DTYPES:
        raise ValueError(
            "`inputs` must be floating point, for they are scaled. "
            f"Received: inputs.dtype={x.dtype}"
        )
    if rate == 1:
        return Tensor(np.zeros_like(x))
    shape = _noise_shape(x.shape, noise_shape)
    keep = drawn(dropout_mask, shape, rate, seed, x.dtype.name)
    return masked(inputs, keep, x.dtype.type(1 / (1 - float(rate))))


def dropout_mask(shape, rate, seed=None, dtype="float32") -> np.ndarray:
    """True where dropout keeps an element: where a uniform number is >= `rate`."""
    return samplers.uniform_at_least(rate, shape, dtype, draw_seed(seed))


@primitive
def masked(x: Array, keep: Array, scale):
    """x·scale where `keep` is true, else 0, even where x is not finite."""

    def scaled(x):
        if x.shape == keep.shape:
            return where_true(keep, x * scale)
        return np.where(keep, x * scale, x.dtype.type(0))

    def pull(dy):
        dx = scaled(dy)
        return dx if dx.shape == x.shape else _summed_to(dx, x.shape)

    with np.errstate(over="ignore"):
        return scaled(x), (pull, None)


def shuffle(x, axis=0, seed=None) -> Tensor:
    """The slices along `axis` in a random order."""
    array = as_array(x)
    if not -array.ndim <= axis < array.ndim:
        raise ValueError(
            f"`axis` must be one of the {array.ndim} axes of `x`. Received: axis={axis}"
        )
    order = samplers.permutation(array.shape[axis], draw_seed(seed))
    return reordered(x, order, axis)


@primitive
def reordered(x: Array, order, axis):
    """x with its slices along `axis` in the given order."""
    return x.take(order, axis), (lambda dy: dy.take(order.argsort(), axis),)


def _gamma(shape, alpha, seed):
    """Draws in the dtype of `alpha`, all draws of its first element first; none is 0
    (tensorflow/python/ops/stateless_random_ops.py, stateless_random_gamma)."""
    each = math.prod(shape[: len(shape) - alpha.ndim])
    flat = np.repeat(alpha.astype("float64").ravel(), each)
    drawn = standard_gamma(flat, seed).reshape(alpha.size, each).T.reshape(shape)
    return np.maximum(drawn.astype(alpha.dtype), np.finfo(alpha.dtype).tiny)


def _positive(name: str, value, dtype: str) -> np.ndarray:
    array = _plain(value).astype(dtype)
    if not (np.isfinite(array) & (array > 0)).all():
        raise ValueError(f"`{name}` must be positive. Received: {name}={value}")
    return array


def _moved(numbers, mean, stddev):
    """numbers·stddev + mean, in the dtype of `numbers`."""
    kind = numbers.dtype
    return numbers * _plain(stddev).astype(kind) + _plain(mean).astype(kind)


def _plain(x) -> np.ndarray:
    return np.asarray(x.value if isinstance(x, Tensor) else x)


def _float32_first(x, dtype: str) -> np.ndarray:
    """`x` in `dtype`. A Python number is rounded to float32 on the way, even for
    float64, for so does tf.cast in keras/src/backend/tensorflow/random.py."""
    array = _plain(x)
    if not isinstance(x, (Tensor, np.ndarray, np.generic)):
        array = array.astype("float32")
    return array.astype(dtype)


def _float_dtype(function: str, dtype) -> str:
    dtype = standardize_dtype(dtype)
    if dtype not in FLOAT_DTYPES:
        raise ValueError(
            f"`keras.random.{function}` requires a floating point `dtype`. "
            f"Received: dtype={dtype}"
        )
    return dtype


def _checked_shape(shape) -> tuple[int, ...]:
    try:
        sizes = tuple(operator.index(size) for size in shape)
    except TypeError:
        sizes = (-1,)
    if any(size < 0 for size in sizes):
        raise ValueError(
            f"`shape` must be a tuple of non-negative integers. Received: shape={shape}"
        )
    return sizes


def _bounds(minval, maxval, dtype: str) -> tuple[int, int]:
    low, high = minval, maxval
    for name, value in (("minval", minval), ("maxval", maxval)):
        if not is_integer(value):
            raise ValueError(f"`{name}` must be an integer. Received: {name}={value!r}")
    limits = np.iinfo(dtype)
    if not limits.min <= low < high <= limits.max:
        raise ValueError(
            f"`minval` must be less than `maxval`, and both must be {dtype}. "
            f"Received: minval={minval}, maxval={maxval}"
        )
    return int(low), int(high)


def _noise_shape(shape, noise_shape) -> tuple[int, ...]:
    if noise_shape is None:
        return shape
    return tuple(
        shape[i] if size is None else operator.index(size)
        for i, size in enumerate(noise_shape)
    )


def _summed_to(dx, shape):
    """The sum over the axes that broadcasting added to `shape`."""
    extra = dx.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(
        extra + i for i, size in enumerate(shape) if size == 1
    )
    return dx.sum(axis=axes, keepdims=True).reshape(shape)
