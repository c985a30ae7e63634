"""Counterpart: the functions of keras/src/losses/loss.py. From losses to the loss.

Losses come one per sample (or per pixel, per step…); weights and a mask scale
them; the reduction makes one number of them.
"""

import numpy as np

from minikeras import ops
from minikeras.autodiff import Array, Tensor, as_array, primitive
from minikeras.autodiff.quiet import quiet
from minikeras.ops.broadcast import unbroadcast
from minikeras.ops.constants import sum_rows

MEANS = ("sum_over_batch_size", "mean")
REDUCTIONS = (*MEANS, "mean_with_sample_weight", "sum", "none", None)


def standardize_reduction(reduction):
    """`reduction` itself; ValueError if there is no such reduction."""
    if reduction not in REDUCTIONS:
        raise ValueError(
            "Invalid value for argument `reduction`. "
            f"Expected one of {REDUCTIONS}. Received: reduction={reduction}"
        )
    return reduction


def squeeze_or_expand_to_same_rank(x1, x2, expand_rank_1=True):
    """Gives (n,) and (n, 1) one rank, and so for more axes; else nothing changes.

    A last axis of size 1 that only one of them has is dropped; but beside a
    vector it stays, and the vector gets one too (unless `expand_rank_1=False`).
    """
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if rank1 == rank2 + 1 and x1.shape[-1] == 1:
        if rank2 == 1 and expand_rank_1:
            return x1, _reshape(x2, (*x2.shape, 1))
        return _reshape(x1, x1.shape[:-1]), x2
    if rank2 == rank1 + 1:
        x2, x1 = squeeze_or_expand_to_same_rank(x2, x1, expand_rank_1)
    return x1, x2


def as_tensor(x, dtype: np.dtype) -> Tensor:
    """`ops.convert_to_tensor`, at once where there is nothing to convert."""
    if type(x) is Tensor and x.value.dtype is dtype:
        return x
    if isinstance(x, np.ndarray) and x.dtype is dtype:
        return Tensor(x)
    return ops.convert_to_tensor(x, dtype=dtype)


def _reshape(x, shape):
    return ops.reshape(x, shape) if isinstance(x, Tensor) else x.reshape(shape)


def common_shape(x1, x2, name1: str, name2: str) -> tuple:
    """The shape that both broadcast to; ValueError with both shapes if none."""
    try:
        return np.broadcast_shapes(x1.shape, x2.shape)
    except ValueError:
        raise ValueError(
            f"`{name1}` and `{name2}` must have compatible shapes. "
            f"Received: {name1}.shape={tuple(x1.shape)}, "
            f"{name2}.shape={tuple(x2.shape)}"
        ) from None


def reduce_weighted_values(
    values,
    sample_weight=None,
    mask=None,
    reduction="sum_over_batch_size",
    dtype=None,
):
    """One number from the losses: Σ values · weights, over what `reduction` says.

    "sum": nothing; "mean" and "sum_over_batch_size": the number of losses;
    "mean_with_sample_weight": the sum of the weights. "none" and None give the
    weighted losses. A single loss and an empty vector of losses stay as they are.
    """
    standardize_reduction(reduction)
    if dtype is not None or not isinstance(values, Tensor):
        values = as_tensor(values, dtype and np.dtype(dtype))
    if sample_weight is not None:
        sample_weight = as_tensor(sample_weight, values.value.dtype)
    weights = apply_mask(sample_weight, mask, values.value.dtype, reduction)
    if weights is not None:
        values, weights = squeeze_or_expand_to_same_rank(values, weights)
        shape = tuple(values.shape)
        if shape != tuple(weights.shape):
            shape = common_shape(values, weights, "losses", "sample_weight")
    else:
        shape = tuple(values.shape)
    if reduction in (None, "none") or shape in ((), (0,)):
        return values if weights is None else values * weights
    return _reduced(values, weights, reduction)


@primitive
def _reduced(values: Array, weights: Array, reduction):
    """Σ values · weights / divisor; 0 where the divisor is 0.

    dvalues = weights · dy / divisor; dweights = values · dy / divisor, less the
    result · dy / divisor where the divisor is the sum of the weights.
    """
    terms = values if weights is None else values * weights
    by_weight = reduction == "mean_with_sample_weight" and weights is not None
    divisor = 1 if reduction == "sum" else terms.size
    if by_weight:
        divisor = np.add.reduce(weights, None)
    scale = values.dtype.type(1 / divisor if divisor else 0)
    total = _total(terms)
    value = total / values.dtype.type(divisor) if divisor else total * scale

    def to_values(dy):
        factor = 1 if weights is None else weights
        share = _spread(factor, dy * scale, terms)
        return unbroadcast(share, values.shape)

    def to_weights(dy):
        share = _spread(values, dy * scale, terms)
        dweights = unbroadcast(share, weights.shape)
        if by_weight:  # they are in the divisor as well
            return dweights - value * dy * scale
        return dweights

    return value, (to_values, to_weights)


def _spread(factor, dy, like):
    """factor · dy in the shape of `like`, as an array of its own."""
    share = np.empty_like(like)
    share[...] = factor * dy
    return share


def _total(values):
    return sum_rows(values if values.ndim == 1 else values.ravel())


def with_mean(per_sample):
    """The primitive `per_sample(target, output, …)` and the mean of its losses, in one.

    Two ops less for the tape. The cotangent of every loss is dy / n, so it goes
    down as one Python float, which takes the dtype of the array it meets.
    """
    raw = per_sample.raw

    def mean(target: Array, *outputs: Array):
        values, (to_target, to_output) = raw(target, *outputs)
        count = values.size
        value = _total(values) / count
        return value, (
            to_target and (lambda dy: to_target(float(dy) / count)),
            lambda dy: to_output(float(dy) / count),
        )

    mean.__name__ = f"mean_{raw.__name__}"
    return primitive(mean)


def _by_valid(total, valid):
    """total / valid; 0 where nothing is valid."""
    return np.where(valid, total / valid, total.dtype.type(0))


def apply_mask(sample_weight, mask, dtype, reduction):
    """The weights with the mask in them; None if there is neither.

    For a mean, a valid loss weighs total / valid, so that dividing by the total
    gives the mean over the valid ones (0 if there are none).
    """
    if mask is None:
        return sample_weight
    mask = as_array(mask)
    weights = mask.astype(dtype)
    if reduction in MEANS:
        valid = np.add.reduce(weights, None)
        total = weights.dtype.type(mask.size)
        weights = weights * quiet.run(_by_valid, total, valid)
    if sample_weight is None:
        return Tensor(weights)
    sample_weight = ops.convert_to_tensor(sample_weight, dtype=dtype)
    weights, sample_weight = squeeze_or_expand_to_same_rank(weights, sample_weight)
    try:
        np.broadcast_shapes(sample_weight.shape, weights.shape)
    except ValueError:
        raise ValueError(
            "`sample_weight` must have one weight for each entry of the mask, or an "
            "axis of size 1 in its place: (n, 1) for a weight per sample beside a "
            f"mask of time steps. Received: sample_weight.shape={sample_weight.shape}, "
            f"mask.shape={mask.shape}"
        ) from None
    return sample_weight * weights
