"""Counterpart: keras/src/ops/image.py's resize, for sizes that grow by whole factors.

Along each axis a larger image is a matrix times the smaller one:
y_i = Σ_j w_ij x_j with w_ij = k(u_i - j), scaled so that a row sums to 1, where
u_i = (i + ½) / factor - ½ is the place of output i among the inputs and k the
interpolation's kernel. Few w_ij are not 0, so a sum over these "taps" does it.
"""

from functools import lru_cache

import numpy as np

from minikeras.autodiff import primitive
from minikeras.ops.kinds import Float, Number


@primitive
def repeat_each(x: Number, factor, axis):
    """Each entry along `axis` `factor` times in a row. dx = Σ dy over the copies."""
    copies = (*x.shape[: axis + 1], factor, *x.shape[axis + 1 :])

    def dx(dy):
        return np.add.reduce(dy.reshape(copies), axis + 1)

    return np.repeat(x, factor, axis), (dx,)


@primitive
def enlarge(x: Float, factor, axis, interpolation):
    """y = W·x along `axis`, W as above; dx = Wᵀ·dy. `interpolation`: of KERNELS."""
    ahead, back = _taps_of(x.shape[axis], factor, interpolation)
    return _weighted_sum(x, axis, ahead), (lambda dy: _weighted_sum(dy, axis, back),)


def _weighted_sum(x, axis, taps):
    line = (-1,) + (1,) * (x.ndim - 1 - axis)
    terms = (x.take(i, axis) * w.astype(x.dtype).reshape(line) for i, w in taps)
    y = next(terms)
    for term in terms:
        y += term
    return y


@lru_cache(64)
def _taps_of(size, factor, interpolation):
    matrix = _weights(size, factor, interpolation)
    return _taps(matrix), _taps(matrix.T)


def _taps(matrix):
    """[(which input, with what weight) per output] of a matrix of mostly zeros."""
    count = np.count_nonzero(matrix, axis=1).max(initial=1)
    index = np.argsort(matrix == 0, axis=1, kind="stable")[:, :count]
    weight = np.take_along_axis(matrix, index, axis=1)
    # A tap that a row does not need looks where its first one does.
    index = np.where(weight == 0, index[:, :1], index)
    return list(zip(index.T, weight.T, strict=True))


def _weights(size, factor, interpolation):
    """W, of shape (size · factor, size); float64."""
    place = (np.arange(size * factor) + 0.5) / factor - 0.5
    if interpolation == "bicubic":
        # TensorFlow's table of weights (core/kernels/image/resize_bicubic_op.cc).
        place = np.rint(place * 1024) / 1024
    weights = KERNELS[interpolation](place[:, None] - np.arange(size))
    return weights / weights.sum(1, keepdims=True)


def _triangle(d):
    return np.maximum(1 - np.abs(d), 0)


def _cubic(d):
    """The kernel of Keys (1981) with a = -½."""
    d = np.abs(d)
    near = (1.5 * d - 2.5) * d * d + 1
    far = ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d < 1, near, np.where(d < 2, far, 0))


def _lanczos(radius):
    return lambda d: np.where(np.abs(d) < radius, np.sinc(d) * np.sinc(d / radius), 0)


KERNELS = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}
