"""Normalisation beside loops over channels or samples; the fused derivatives."""

import itertools
import math

import numpy as np
import pytest

from minikeras import ops
from minikeras.autodiff import GradientTape, Tensor
from minikeras.ops.normalization import normalize_batch, normalize_by
from tests.gradients import check_gradient
from tests.ops.rows import CHECKS, CUBE, labelled, numbers, row

GAMMA, BETA = numbers(3), numbers(3, seed=1)
MASK = np.array([[True, False], [True, True], [False, False], [True, False]])


def naive_batch(axis, mask=None, epsilon=1e-3, fuzz=0.0):
    """(y, means, variances) channel by channel, number by number."""

    def normalize(x, gamma, beta):
        y, moments = np.empty_like(x), []
        for channel in range(x.shape[axis]):
            places = [i for i in np.ndindex(x.shape) if i[axis] == channel]
            counted = [i for i in places if mask is None or mask[i[:-1]]]
            n = len(counted) + fuzz if mask is not None else len(counted) or 1
            mean = sum(x[i] for i in counted) / n
            variance = sum((x[i] - mean) ** 2 for i in counted) / n
            moments.append((mean, variance))
            for i in places:
                z = (x[i] - mean) / math.sqrt(variance + epsilon)
                y[i] = z * gamma[channel] + beta[channel]
        return [y, *np.array(moments).T]

    return normalize


def naive_given(axis):
    def normalize(x, mean, variance, offset, scale):
        y = np.empty_like(x)
        for i in np.ndindex(x.shape):
            c = i[axis]
            z = (x[i] - mean[c]) / math.sqrt(variance[c] + 1e-3)
            y[i] = z * scale[c] + offset[c]
        return y

    return normalize


def naive_layer(axes, epsilon=1e-7, rms=False):
    """Sample by sample: the places that agree outside of `axes`."""

    def normalize(x, *affine):
        y = np.empty_like(x)
        others = [range(n) for a, n in enumerate(x.shape) if a not in axes]
        for outside in itertools.product(*others):
            sample = [
                i
                for i in np.ndindex(x.shape)
                if tuple(k for a, k in enumerate(i) if a not in axes) == outside
            ]
            mean = 0 if rms else sum(x[i] for i in sample) / len(sample)
            square = sum((x[i] - mean) ** 2 for i in sample) / len(sample)
            for i in sample:
                y[i] = (x[i] - mean) / math.sqrt(square + epsilon)
                inside = tuple(i[a] for a in axes)
                y[i] *= affine[0][inside] if affine else 1
                y[i] += affine[1][inside] if len(affine) > 1 else 0
        return y

    return normalize


def fused(axis=-1, mask=None, fuzz=0.0):
    return lambda x, g, b: normalize_batch(x, g, b, mask, axis, 1e-3, fuzz)


# The vectors are no batches: `check_batches` cuts them, so rows with vectors along
# the first axis say batch=False; few rows have tests of their own below.
ROWS = labelled(
    [
        row(
            "normalize_batch",
            fused(axis),
            naive_batch(axis),
            CUBE,
            *vectors,
            batch=False,
        )
        for axis, vectors in (
            (-1, (GAMMA, BETA)),
            (2, (GAMMA, BETA)),
            (1, (GAMMA[:2], BETA[:2])),
            (0, (numbers(4), numbers(4, seed=1))),
        )
    ]
    + [
        row(
            "normalize_batch",
            fused(axis, MASK),
            naive_batch(axis, MASK),
            CUBE,
            GAMMA[:size],
            BETA[:size],
            batch=False,
            label=f"mask-{axis}",
        )
        for axis, size in ((-1, 3), (1, 2))
    ]
    + [
        row(
            "batch_normalization",
            lambda x, m, v, o, s, axis=axis: ops.batch_normalization(
                x, m, v, axis, o, s
            ),
            naive_given(axis),
            CUBE,
            *[numbers(size, seed=seed, low=0.1) for seed in range(4)],
            batch=False,
        )
        for axis, size in ((-1, 3), (1, 2), (-3, 4))
    ]
    + [
        row(
            "layer_normalization",
            lambda x, *affine, axis=axis: ops.layer_normalization(
                x, *affine, axis=axis
            ),
            naive_layer(axes),
            CUBE,
            *affine,
            batch=not affine and 0 not in axes,
        )
        for axis, axes, affine in (
            (-1, (2,), ()),
            (-1, (2,), (GAMMA,)),
            (-1, (2,), (GAMMA, BETA)),
            (1, (1,), (GAMMA[:2], BETA[:2])),
            ([2, 1], (1, 2), (numbers(2, 3), numbers(2, 3, seed=1))),
            ([0, 2], (0, 2), (numbers(4, 3), numbers(4, 3, seed=1))),
            ([0, 1, 2], (0, 1, 2), ()),
        )
    ]
    + [
        row(
            "rms_normalization",
            lambda x, *scale, axis=axis: ops.rms_normalization(x, *scale, axis=axis),
            naive_layer(axes, rms=True),
            CUBE,
            *scale,
            batch=not scale,
        )
        for axis, axes, scale in ((-1, (2,), ()), (-1, (2,), (GAMMA,)), (1, (1,), ()))
    ]
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_row(row, check):
    check(row)


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_in_a_batch(axis, rows):
    x = CUBE[:rows]
    vectors = numbers(x.shape[axis]), numbers(x.shape[axis], seed=1)
    y, mean, variance = normalize_batch(x, *vectors, None, axis, 1e-3)
    expected = naive_batch(axis)(x, *vectors)
    for actual, naive in zip((y, mean, variance), expected, strict=True):
        np.testing.assert_allclose(actual.value, naive, rtol=1e-12, atol=1e-14)
    inputs = [Tensor(v) for v in (x, *vectors)]
    with GradientTape() as tape:
        tape.watch(inputs)
        outputs = normalize_batch(*inputs, None, axis, 1e-3)
    gradients = tape.gradient(list(outputs), inputs)
    assert [g.shape for g in gradients] == [x.shape for x in inputs]
    assert all(np.isfinite(g.value).all() for g in gradients)


@pytest.mark.parametrize("given", list(itertools.product([True, False], repeat=2)))
def test_only_what_is_given_gets_a_gradient(given):
    gamma, beta = (numbers(3) if there else None for there in given)
    arrays = [v for v in (CUBE, gamma, beta) if v is not None]

    def call(op):
        def function(x, *rest):
            vectors = iter(rest)
            g, b = (next(vectors) if there else None for there in given)
            return op(x, g, b)

        return function

    for op in (
        fused(),
        fused(mask=MASK, fuzz=1e-9),
        lambda x, g, b: ops.layer_normalization(x, g, b),
        lambda x, g, b: ops.batch_normalization(
            x, np.ones(3), np.full(3, 2.0), -1, b, g
        ),
    ):
        check_gradient(call(op), *arrays)


def test_the_moments_alone_have_a_derivative():
    for part in (1, 2):
        for mask in (None, MASK):
            check_gradient(
                lambda x, part=part, mask=mask: normalize_batch(
                    x, None, None, mask, -1, 1e-3, 1e-9
                )[part],
                CUBE,
            )


def test_what_a_mask_hides_changes_nothing():
    x = CUBE.copy()
    x[~MASK] = np.nan
    _, mean, variance = normalize_batch(x, None, None, MASK, -1, 1e-3, 0.0)
    expected = naive_batch(-1, MASK)(CUBE, np.ones(3), np.zeros(3))[1:]
    np.testing.assert_allclose([mean.value, variance.value], expected, rtol=1e-12)


def test_a_mask_over_everything_gives_moments_of_0():
    hidden = np.zeros((4, 2), bool)
    y, mean, variance = normalize_batch(CUBE, None, None, hidden, -1, 1e-3)
    assert not mean.value.any() and not variance.value.any()
    # one root and one product
    np.testing.assert_allclose(y.value, CUBE / math.sqrt(1e-3), rtol=1e-14)


def test_long_columns_keep_their_digits():
    x = np.random.default_rng(0).normal(3, 1, (100_001, 2)).astype("float32")
    _, mean, variance = normalize_batch(x, None, None, None, -1, 1e-3)
    exact = x.astype("float64")
    # blocks of 1024: errors of some 32 roundings, where one sum would have some 300
    np.testing.assert_allclose(mean.value, exact.mean(0), rtol=2e-6)
    np.testing.assert_allclose(variance.value, exact.var(0), rtol=2e-6)


def test_given_moments_only_have_to_broadcast_along_the_last_axis():
    mean, variance, scale = np.float64(0.5), np.ones((2, 1)), numbers(3)

    def naive(x, mean, variance, scale):
        return (x - mean) / np.sqrt(variance + 1e-3) * scale

    def op(x, mean, variance, scale):
        return normalize_by(x, mean, variance, None, scale, -1, 1e-3)

    arrays = CUBE, mean, variance, scale
    np.testing.assert_allclose(op(*arrays).value, naive(*arrays), rtol=1e-12)
    check_gradient(op, *arrays)


@pytest.mark.parametrize("shape", [(3,), (1, 1, 3), (2, 3), (4, 2, 3), (1,)])
def test_gamma_and_beta_only_have_to_broadcast_along_the_last_axis(shape):
    gamma, beta = numbers(*shape), numbers(*shape, seed=1)
    expected = naive_layer((2,))(CUBE) * gamma + beta
    y = ops.layer_normalization(CUBE, gamma, beta)
    np.testing.assert_allclose(y.value, expected, rtol=1e-12)
    check_gradient(lambda *v: ops.layer_normalization(*v), CUBE, gamma, beta)


def test_half_precision_is_computed_in_float32():
    x = np.array([[1000, 2000, 60000]], "float16")
    for op in (ops.layer_normalization, ops.rms_normalization):
        y = op(x)
        exact = op(x.astype("float32")).value
        assert y.dtype == np.float16
        np.testing.assert_allclose(y.value, exact, rtol=1e-3)  # half's own rounding


def test_layer_normalization_of_whole_numbers_gives_whole_numbers():
    """As keras/src/ops/nn.py does: the result is cast back to the input's dtype."""
    y = ops.layer_normalization(np.array([[0, 1, 2]]))
    assert y.dtype == np.int64 and y.value.tolist() == [[-1, 0, 1]]


def test_rms_scaling_leaves_out_the_mean():
    with pytest.warns(UserWarning, match="rms_normalization"):
        y = ops.layer_normalization(CUBE, GAMMA, epsilon=0.5, rms_scaling=True)
    expected = CUBE / np.sqrt(CUBE.var(-1, keepdims=True) + 0.5) * GAMMA
    np.testing.assert_allclose(y.value, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.layer_normalization(CUBE, axis=3), "axis 3"),
        (lambda: ops.batch_normalization(CUBE, GAMMA, GAMMA, 3), "axis 3"),
        (lambda: normalize_batch(CUBE, None, None, None, -4, 1e-3), "axis -4"),
    ],
)
def test_an_axis_that_is_not_there(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_unknown_argument():
    with pytest.raises(TypeError, match="rms_scalign"):
        ops.layer_normalization(CUBE, rms_scalign=True)


EXTREME = np.float32([[0.0, -0.0, 3e38], [np.inf, np.nan, -3e38], [1e-45, 0, 0]])


def test_extreme_numbers_warn_of_nothing():
    vectors = np.ones(3, "float32"), np.zeros(3, "float32")
    for op in (
        lambda x: normalize_batch(x, *vectors, None, -1, 1e-3)[0],
        lambda x: ops.batch_normalization(x, *vectors[::-1], -1, *vectors),
        ops.layer_normalization,
    ):
        x = Tensor(EXTREME)
        with GradientTape() as tape:
            tape.watch(x)
            y = op(x)
        assert tape.gradient(y, x).dtype == y.dtype == np.float32
