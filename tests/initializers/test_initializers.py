"""Initializers: values, fans, seeds, configs and bad input."""

import math
import random as python_random

import numpy as np
import pytest

from minikeras import initializers, random
from minikeras.autodiff import Tensor, Variable
from minikeras.initializers.random_initializers import compute_fans
from minikeras.initializers.windows import NAMES, window_values
from minikeras.random import SeedGenerator

FIXED = ["Zeros", "Ones", "Constant"]
RANDOM = ["RandomUniform", "RandomNormal", "TruncatedNormal", "VarianceScaling"]
RANDOM += ["GlorotUniform", "GlorotNormal", "LecunUniform", "LecunNormal"]
RANDOM += ["HeUniform", "HeNormal"]
SHAPES = [(4, 3), (3, 3, 8, 16), (5,), (2, 3, 4), (), (0, 3)]


@pytest.mark.parametrize("name", FIXED + RANDOM)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [None, "float64", "float16"])
def test_shape_and_dtype(name, shape, dtype):
    value = getattr(initializers, name)()(shape, dtype=dtype)
    assert isinstance(value, Tensor)
    assert value.shape == shape
    assert value.dtype == (dtype or "float32")


@pytest.mark.parametrize(
    "shape, fans",
    [
        ((), (1, 1)),
        ((5,), (5, 5)),
        ((4, 3), (4, 3)),
        ((2, 3, 4), (6, 8)),
        ((3, 3, 8, 16), (72, 144)),
    ],
)
def test_fans(shape, fans):
    assert compute_fans(shape) == fans


def test_fans_of_named_axes():
    assert compute_fans((2, 3, 4), input_axes=[0, 2], output_axes=[1]) == (8, 3)
    assert compute_fans((2, 3, 4), input_axes=[0, 2]) == compute_fans((2, 3, 4))


@pytest.mark.parametrize(
    "name, variance",
    [
        ("GlorotUniform", 2 / (300 + 200)),
        ("GlorotNormal", 2 / (300 + 200)),
        ("LecunUniform", 1 / 300),
        ("LecunNormal", 1 / 300),
        ("HeUniform", 2 / 300),
        ("HeNormal", 2 / 300),
    ],
)
def test_variance(name, variance):
    value = getattr(initializers, name)(seed=1)((300, 200)).value
    # 60000 draws: the variance is known to about half a percent.
    assert value.var() == pytest.approx(variance, rel=0.03)
    assert abs(value.mean()) < 5 * (variance / value.size) ** 0.5


@pytest.mark.parametrize("name", [*RANDOM, "Orthogonal"])
def test_seeds(name):
    make = getattr(initializers, name)
    seeded = make(seed=3)
    first = seeded((4, 3)).value
    np.testing.assert_array_equal(first, seeded((4, 3)).value)
    np.testing.assert_array_equal(first, seeded.clone()((4, 3)).value)
    np.testing.assert_array_equal(first, make(seed=np.int64(3))((4, 3)).value)
    assert not np.array_equal(first, make(seed=4)((4, 3)).value)
    generator = make(seed=SeedGenerator(3))
    np.testing.assert_array_equal(first, generator((4, 3)).value)
    assert not np.array_equal(first, generator((4, 3)).value)


@pytest.mark.parametrize("name", [*RANDOM, "Orthogonal"])
def test_an_unseeded_one_draws_its_seed_when_it_is_made(name):
    python_random.seed(6)
    expected = [python_random.randint(1, 10**9) for _ in range(2)]
    python_random.seed(6)
    make = getattr(initializers, name)
    made = [make(), make()]
    assert [initializer.seed for initializer in made] == expected
    assert made[0].get_config()["seed"] is None


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (5, 5), (3, 3, 8, 16), (2, 3, 4)])
def test_orthogonal(shape):
    value = initializers.Orthogonal(gain=2.0, seed=1)(shape, dtype="float64").value
    matrix = value.reshape(-1, shape[-1])
    small = (
        matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    )
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-14)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (5, 5), (2, 3, 4)])
def test_orthogonal_columns_point_where_the_drawn_ones_do(shape):
    """Gram and Schmidt's way: from each drawn column take its share in those before,
    and give it the length 1. A column of the other sign would be orthogonal, too."""
    rows, columns = math.prod(shape[:-1]), shape[-1]
    tall = max(rows, columns), min(rows, columns)
    drawn = random.normal(tall, dtype="float64", seed=1).value
    found: list[np.ndarray] = []
    for column in drawn.T:
        rest = column - sum((column @ known) * known for known in found)
        found.append(rest / np.linalg.norm(rest))
    expected = np.stack(found, axis=1 if rows >= columns else 0).reshape(shape)
    value = initializers.Orthogonal(seed=1)(shape, dtype="float64").value
    np.testing.assert_allclose(value, expected, atol=1e-13)


def test_identity():
    value = initializers.Identity(gain=2.0)((2, 3)).value
    np.testing.assert_array_equal(value, np.float32([[2, 0, 0], [0, 2, 0]]))


def test_constant_values():
    np.testing.assert_array_equal(initializers.Constant(3)((2,)).value, [3.0, 3.0])
    row = initializers.Constant(np.float32([1, 2]))((3, 2)).value
    np.testing.assert_array_equal(row, [[1, 2]] * 3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [0, 1, 2, 7, 8])
def test_windows_are_symmetric_and_bounded(name, length):
    window = window_values(name, length)
    assert window.shape == (length,)
    np.testing.assert_allclose(window, window[::-1], atol=1e-15)
    assert np.abs(window).max(initial=0) <= 1 + 1e-8
    periodic = window_values(name, length, periodic=True)
    if length > 1:
        np.testing.assert_array_equal(periodic, window_values(name, length + 1)[:-1])


def test_stft_is_the_windowed_fourier_transform():
    signal = np.random.default_rng(0).normal(size=16)
    window = window_values("hann", 16, periodic=True)
    made = [
        initializers.STFT(side, "hann", None, True)((16, 1, 9), dtype="float64").value
        for side in ("real", "imag")
    ]
    ours = sum(
        part * (signal @ kernel[:, 0])
        for part, kernel in zip((1, 1j), made, strict=True)
    )
    np.testing.assert_allclose(ours, np.fft.rfft(signal * window), atol=1e-13)


def test_a_variable_takes_an_initializer():
    variable = Variable(initializers.GlorotUniform(seed=1), shape=(4, 3))
    expected = initializers.GlorotUniform(seed=1)((4, 3)).value
    np.testing.assert_array_equal(variable.value, expected)


def test_get():
    assert initializers.get(None) is None
    assert isinstance(initializers.get("glorot_uniform"), initializers.GlorotUniform)
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    made = initializers.Zeros()
    assert initializers.get(made) is made

    def function(shape, dtype=None):
        return np.full(shape, 4.0, dtype)

    assert initializers.get(function) is function


@pytest.mark.parametrize("given", [np.arange(6.0).reshape(2, 3), np.float32(3)])
@pytest.mark.parametrize("wrap", [lambda x: x, Tensor])
def test_get_of_an_array(given, wrap):
    initializer = initializers.get(wrap(given))
    value = initializer(given.shape).value
    assert value.dtype == np.float32
    np.testing.assert_array_equal(value, given)
    with pytest.raises(ValueError, match=r"shape=\(3, 2\)"):
        initializer((3, 2))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: initializers.get("glorot_unifrom"), "glorot_uniform"),
        (lambda: initializers.get(3.0), "3.0"),
        (lambda: initializers.GlorotUniform(seed="a"), "seed='a'"),
        (lambda: initializers.RandomNormal(seed=1.5), "seed=1.5"),
        (lambda: initializers.VarianceScaling(scale=0), "scale=0"),
        (lambda: initializers.VarianceScaling(mode="fan"), "mode='fan'"),
        (lambda: initializers.VarianceScaling(distribution="x"), "distribution='x'"),
        (lambda: initializers.Identity()((2, 3, 4)), r"shape=\(2, 3, 4\)"),
        (lambda: initializers.Orthogonal()((3,)), r"shape=\(3,\)"),
        (lambda: initializers.Zeros()((2,), dtype="flaot32"), "flaot32"),
        (lambda: initializers.STFT(side="left"), "left"),
        (lambda: initializers.STFT(scaling="x"), "scaling='x'"),
        (lambda: initializers.STFT(window="han"), "Did you mean 'hann'"),
        (lambda: initializers.STFT(window=[1.0, 2.0])((3, 1, 2)), r"\(2,\)"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", initializers.FAMILY.exports)
def test_every_export_survives_its_config(name):
    made = initializers.get(name)
    config = initializers.serialize(made)
    again = initializers.deserialize(config)
    assert type(again) is type(made)
    assert initializers.serialize(again) == config


def test_the_base_class_is_abstract():
    with pytest.raises(NotImplementedError):
        initializers.Initializer()((2,))
