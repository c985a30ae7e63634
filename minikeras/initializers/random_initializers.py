"""Counterpart: keras/src/initializers/random_initializers.py. Values drawn at random.

Without a seed, each initializer takes one from Python's `random` when it is
constructed, used or not; so the order of construction decides the values. An
instance with an integer seed gives the same values each time it is called.
"""

import math

import numpy as np

from minikeras import random
from minikeras.autodiff import Tensor
from minikeras.config import standardize_dtype
from minikeras.initializers.initializer import Initializer
from minikeras.random import SeedGenerator
from minikeras.random.seed_generator import is_integer
from minikeras.registry import Family, deserialize, serialize

# The standard deviation of a standard normal number cut off at ±2.
_TRUNCATED_STDDEV = 0.87962566103423978

# Configs may hold a SeedGenerator; keras.random has no module of its own for it.
_seed_generators = Family("seed generator", "keras.random", [SeedGenerator])


class RandomInitializer(Initializer):
    """Holds the seed: an integer, a SeedGenerator or the config of one."""

    def __init__(self, seed=None):
        if is_integer(seed):
            seed = int(seed)
        self._init_seed = seed
        if seed is None:
            seed = random.make_default_seed()
        elif isinstance(seed, dict):
            seed = deserialize(seed, _seed_generators)
        elif not isinstance(seed, (int, SeedGenerator)):
            raise ValueError(
                "`seed` argument should be an instance of "
                f"`keras.random.SeedGenerator()` or an integer. Received: seed={seed!r}"
            )
        self.seed = seed

    def get_config(self):
        return {"seed": serialize(self._init_seed)}


class RandomNormal(RandomInitializer):
    """Normal numbers."""

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed=seed)

    def __call__(self, shape, dtype=None):
        return random.normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self):
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomInitializer):
    """Normal numbers less than two `stddev` from the mean."""

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed=seed)

    def __call__(self, shape, dtype=None):
        return random.truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self):
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class RandomUniform(RandomInitializer):
    """Uniform numbers from [minval, maxval)."""

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        self.minval = minval
        self.maxval = maxval
        super().__init__(seed=seed)

    def __call__(self, shape, dtype=None):
        return random.uniform(shape, self.minval, self.maxval, dtype, self.seed)

    def get_config(self):
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class VarianceScaling(RandomInitializer):
    """Numbers of mean 0 and variance scale / n, so that signals keep their size.

    n is `mode`: "fan_in", "fan_out" or their mean "fan_avg" (see compute_fans).
    `distribution` is "truncated_normal" (also called "normal"),
    "untruncated_normal" or "uniform", from [-a, a) with a = sqrt(3·scale / n).
    """

    def __init__(
        self,
        scale=1.0,
        mode="fan_in",
        distribution="truncated_normal",
        seed=None,
        input_axes=None,
        output_axes=None,
    ):
        if scale <= 0.0:
            raise ValueError(
                f"Argument `scale` must be positive float. Received: scale={scale}"
            )
        modes = ("fan_in", "fan_out", "fan_avg")
        if mode not in modes:
            raise ValueError(
                f"Argument `mode` must be one of {modes}. Received: mode={mode!r}"
            )
        name = distribution.lower()
        name = "truncated_normal" if name == "normal" else name
        distributions = ("uniform", "truncated_normal", "untruncated_normal")
        if name not in distributions:
            raise ValueError(
                f"Argument `distribution` must be one of {distributions}. "
                f"Received: distribution={distribution!r}"
            )
        self.scale = scale
        self.mode = mode
        self.distribution = name
        self.input_axes = input_axes
        self.output_axes = output_axes
        super().__init__(seed=seed)

    def __call__(self, shape, dtype=None):
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fan_avg = (fan_in + fan_out) / 2.0
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": fan_avg}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return random.uniform(shape, -limit, limit, dtype, self.seed)
        stddev = math.sqrt(variance)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, stddev, dtype, self.seed)
        stddev /= _TRUNCATED_STDDEV
        return random.truncated_normal(shape, 0.0, stddev, dtype, self.seed)

    def get_config(self):
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _NamedScaling(VarianceScaling):
    """VarianceScaling with `scale`, `mode` and `distribution` set by the subclass."""

    settings: tuple[float, str, str]

    def __init__(self, seed=None, input_axes=None, output_axes=None):
        super().__init__(*self.settings, seed, input_axes, output_axes)

    def get_config(self):
        config = super().get_config()
        return {key: config[key] for key in ("seed", "input_axes", "output_axes")}


class GlorotUniform(_NamedScaling):
    """From [-a, a) with a = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""

    settings = (1.0, "fan_avg", "uniform")


class GlorotNormal(_NamedScaling):
    """Truncated, of variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010)."""

    settings = (1.0, "fan_avg", "truncated_normal")


class LecunNormal(_NamedScaling):
    """Truncated, of variance 1 / fan_in (Klambauer et al., 2017)."""

    settings = (1.0, "fan_in", "truncated_normal")


class LecunUniform(_NamedScaling):
    """From [-a, a) with a = sqrt(3 / fan_in) (Klambauer et al., 2017)."""

    settings = (1.0, "fan_in", "uniform")


class HeNormal(_NamedScaling):
    """Truncated, of variance 2 / fan_in (He et al., 2015)."""

    settings = (2.0, "fan_in", "truncated_normal")


class HeUniform(_NamedScaling):
    """From [-a, a) with a = sqrt(6 / fan_in) (He et al., 2015)."""

    settings = (2.0, "fan_in", "uniform")


class Orthogonal(RandomInitializer):
    """`gain` times a matrix with orthonormal columns (rows, if there are fewer).

    Q of the QR factors of a normal matrix; each column takes the sign of R's
    diagonal, which makes Q uniform. All axes but the last count as rows.
    """

    def __init__(self, gain=1.0, seed=None):
        self.gain = gain
        super().__init__(seed=seed)

    def __call__(self, shape, dtype=None):
        if len(shape) < 2:
            raise ValueError(
                "The tensor to initialize must be at least two-dimensional. "
                f"Received: shape={shape} of rank {len(shape)}."
            )
        dtype = standardize_dtype(dtype)
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        normal = random.normal(tall, dtype=dtype, seed=self.seed).value
        if dtype == "float16":  # LAPACK has no such numbers
            normal = normal.astype("float32")
        q, r = np.linalg.qr(normal)
        q = q * np.sign(np.diag(r))
        if rows < columns:
            q = q.T
        return Tensor((self.gain * q.reshape(shape)).astype(dtype, copy=False))

    def get_config(self):
        return {**super().get_config(), "gain": self.gain}


def compute_fans(shape, input_axes=None, output_axes=None) -> tuple[int, int]:
    """How many inputs feed an output of a kernel, and how many outputs an input.

    A kernel is (…, inputs, outputs); the axes before are the receptive field and
    multiply both. With both `input_axes` and `output_axes` given, the products
    of those axes are the fans.

    >>> compute_fans((4, 3)), compute_fans((3, 3, 8, 16)), compute_fans((5,))
    ((4, 3), (72, 144), (5, 5))
    """
    if input_axes is not None and output_axes is not None:
        fan_in = math.prod(shape[axis] for axis in input_axes)
        fan_out = math.prod(shape[axis] for axis in output_axes)
    elif len(shape) < 2:
        fan_in = fan_out = math.prod(shape)
    else:
        field = math.prod(shape[:-2])
        fan_in, fan_out = shape[-2] * field, shape[-1] * field
    return int(fan_in), int(fan_out)
