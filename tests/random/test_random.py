"""The public samplers: distributions, shapes, dtypes, derivatives and bad input."""

import numpy as np
import pytest

from minikeras import random
from minikeras.autodiff import Tensor
from minikeras.random import samplers
from minikeras.random.philox import Stream
from tests.gradients import check_gradient

SAMPLERS = [random.uniform, random.normal, random.truncated_normal]
COUNT = 200_000
# Five standard errors of a mean of COUNT numbers, in units of their deviation.
SURE = 5 / COUNT**0.5


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    "sampler, mean, deviation",
    [
        (random.uniform, 0.5, 12**-0.5),
        (random.normal, 0.0, 1.0),
        (random.truncated_normal, 0.0, 0.87962566103423978),
    ],
)
def test_moments(sampler, mean, deviation, dtype):
    numbers = sampler((COUNT,), dtype=dtype, seed=1).value
    assert numbers.dtype == dtype
    numbers = numbers.astype("float64")
    # float16 numbers lie on a grid of 2**-10, from which the mean is half a step off.
    slack = SURE + (2**-10 if dtype == "float16" else 0)
    assert abs(numbers.mean() - mean) < deviation * slack
    assert abs(numbers.std() - deviation) < deviation * slack


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ranges(dtype):
    uniform = random.uniform((COUNT,), -2, 3, dtype=dtype, seed=1).value
    assert -2 <= uniform.min() < -1.99
    assert 2.99 < uniform.max() < 3
    cut = random.truncated_normal((COUNT,), 1.0, 0.5, dtype=dtype, seed=1).value
    assert 0 <= cut.min() < 0.01
    assert 1.99 < cut.max() <= 2


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 3), [5]])
def test_shapes(sampler, shape, dtype):
    drawn = sampler(shape, dtype=dtype, seed=1)
    assert isinstance(drawn, Tensor)
    assert drawn.shape == tuple(shape)
    assert drawn.dtype == dtype


def test_int64_takes_two_words_the_low_one_first():
    low, high = Stream.from_seed((5, 0)).words(2).tolist()
    drawn = samplers.integers((1,), -3, 2**62, "int64", (5, 0))
    assert drawn.tolist() == [(high << 32 | low) % (2**62 + 3) - 3]


def test_each_four_cut_normals_have_a_part_of_the_stream():
    """64 blocks for each number; in a part the first four that are small enough."""
    count, stream = 400, Stream.from_seed((5, 0))
    expected: list[float] = []
    for group in range(count // 4):
        words = stream.words(4 * 8, start=group * 4 * 64)
        numbers = samplers.box_muller(words, "float32")
        expected += numbers[np.abs(numbers) < 2][:4].tolist()
    drawn = samplers.truncated_normal((count,), "float32", (5, 0))
    assert drawn.tolist() == expected


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_longer_draw_begins_like_a_shorter_one(sampler):
    long = sampler((1001,), seed=5).value
    np.testing.assert_array_equal(long[:17], sampler((17,), seed=5).value)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint64"])
def test_integers(dtype):
    drawn = random.randint((1000,), 3, 7, dtype=dtype, seed=1).value
    assert drawn.dtype == dtype
    assert sorted(set(drawn.tolist())) == [3, 4, 5, 6]


def test_numpy_numbers_are_numbers():
    ours = random.randint((np.int64(4),), np.int32(0), np.int64(9), seed=np.int64(3))
    np.testing.assert_array_equal(ours.value, random.randint((4,), 0, 9, seed=3).value)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: random.uniform((3,), dtype="int32"), "dtype=int32"),
        (lambda: random.normal((3,), dtype="bool"), "dtype=bool"),
        (lambda: random.truncated_normal((3,), dtype="int64"), "dtype=int64"),
        (lambda: random.randint((3,), 0, 5, dtype="float32"), "dtype=float32"),
        (lambda: random.randint((3,), 5, 5), "minval=5, maxval=5"),
        (lambda: random.randint((3,), 0, 2**31), "maxval=2147483648"),
        (lambda: random.randint((3,), 0.5, 3), "minval=0.5"),
        (lambda: random.uniform(3), "shape=3"),
        (lambda: random.uniform((-1,)), r"shape=\(-1,\)"),
        (lambda: random.uniform((2.0,)), r"shape=\(2.0,\)"),
        (lambda: random.uniform((None, 2)), r"shape=\(None, 2\)"),
        (lambda: random.uniform((3,), seed="a"), "seed='a'"),
        (lambda: random.uniform((3,), seed=1.5), "seed=1.5"),
        (lambda: random.uniform((3,), seed=2**63), "seed=9223372036854775808"),
        (lambda: random.gamma((3,), -1.0), "alpha=-1.0"),
        (lambda: random.gamma((3,), np.nan), "alpha=nan"),
        (lambda: random.gamma((3,), 1.0, dtype="int32"), "dtype=int32"),
        (lambda: random.gamma((3, 2), np.ones((3, 1))), r"shape=\(3, 2\)"),
        (lambda: random.gamma((), np.ones(3)), r"shape=\(\)"),
        (lambda: random.beta((3,), 1.0, 0.0), "beta=0.0"),
        (lambda: random.dropout(np.ones(3), 1.5), "rate=1.5"),
        (lambda: random.dropout(np.ones(3), -0.1), "rate=-0.1"),
        (lambda: random.dropout(np.ones(3), "a"), "rate='a'"),
        (lambda: random.dropout(np.ones(3, "int32"), 0.5), "dtype=int32"),
        (lambda: random.shuffle(np.ones((2, 2)), axis=2), "axis=2"),
        (lambda: random.shuffle(np.float32(1)), "axis=0"),
        (lambda: random.categorical(np.ones(3), 2), "logits="),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_dropout_keeps_its_share_and_the_mean():
    x = np.ones((COUNT,), "float32")
    dropped = random.dropout(x, 0.3, seed=1).value
    assert dropped.dtype == np.float32
    assert set(np.unique(dropped)) == {0, np.float32(1 / 0.7)}
    assert abs(dropped.mean() - 1) < SURE
    kept = random.dropout_mask((COUNT,), 0.3, seed=1)
    np.testing.assert_array_equal(kept, dropped != 0)
    assert x.all()


def test_dropout_without_dropping_returns_its_input():
    x = Tensor(np.ones(3, "float32"))
    assert random.dropout(x, 0.0) is x


@pytest.mark.parametrize(
    "function",
    [
        lambda x: random.dropout(x, 0.4, seed=3),
        lambda x: random.dropout(x, 0.4, noise_shape=(None, 1), seed=3),
        lambda x: random.dropout(x, 0.4, noise_shape=(2, 3, 4), seed=3),
        lambda x: random.shuffle(x, axis=1, seed=3),
    ],
)
def test_derivatives(function):
    check_gradient(function, np.random.default_rng(0).normal(size=(3, 4)))


def test_shuffle_moves_whole_slices():
    x = np.arange(12.0).reshape(3, 4)
    moved = random.shuffle(x, axis=1, seed=1).value
    assert not np.array_equal(moved, x)
    np.testing.assert_array_equal(np.sort(moved, axis=1), x)
    np.testing.assert_array_equal(np.argsort(moved[0]), np.argsort(moved[1]))


@pytest.mark.parametrize("alpha", [0.1, 0.9, 1.0, 1.5, 30.0])
def test_gamma_and_beta_moments(alpha):
    drawn = random.gamma((COUNT,), alpha, dtype="float64", seed=1).value
    assert abs(drawn.mean() - alpha) < alpha**0.5 * SURE
    # Five standard errors of a variance; the kurtosis of gamma is 3 + 6/alpha.
    assert abs(drawn.var() / alpha - 1) < (2 + 6 / alpha) ** 0.5 * SURE
    share = random.beta((COUNT,), alpha, 2.0, seed=1).value
    assert share.dtype == np.float32
    assert 0 <= share.min() <= share.max() <= 1
    assert abs(share.mean() - alpha / (alpha + 2)) < SURE / 2


def test_each_gamma_draw_stands_alone():
    alone = random.gamma((4,), 0.5, seed=1).value
    mixed = random.gamma((4,), np.array([0.5, 3.0, 0.5, 1.0]), seed=1).value
    np.testing.assert_array_equal(alone[[0, 2]], mixed[[0, 2]])


def test_categories_come_as_often_as_their_probability():
    probabilities = np.array([[0.1, 0.2, 0.7], [0.0, 1.0, 0.0]])
    with np.errstate(divide="ignore"):
        logits = np.log(probabilities)
    drawn = random.categorical(logits, COUNT, seed=1).value
    assert drawn.dtype == np.int32
    for row, expected in zip(drawn, probabilities, strict=True):
        share = np.bincount(row, minlength=3) / COUNT
        np.testing.assert_allclose(share, expected, atol=SURE)
