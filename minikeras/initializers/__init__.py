"""Counterpart: keras/src/initializers/__init__.py. First values of variables."""

import numpy as np

from minikeras import registry
from minikeras.autodiff import Tensor, as_array
from minikeras.config import standardize_dtype
from minikeras.initializers.constant_initializers import (
    STFT,
    Constant,
    Identity,
    Ones,
    Zeros,
)
from minikeras.initializers.initializer import Initializer
from minikeras.initializers.random_initializers import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from minikeras.naming import to_snake_case

constant = Constant
zeros = Zeros
ones = Ones
identity = IdentityInitializer = Identity
stft = STFTInitializer = STFT
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
orthogonal = OrthogonalInitializer = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling

FAMILY = registry.Family(
    title="initializer",
    module="keras.initializers",
    exports=[
        Initializer,
        Constant,
        Identity,
        Ones,
        STFT,
        Zeros,
        GlorotNormal,
        GlorotUniform,
        HeNormal,
        HeUniform,
        LecunNormal,
        LecunUniform,
        Orthogonal,
        RandomNormal,
        RandomUniform,
        TruncatedNormal,
        VarianceScaling,
    ],
    spellings=lambda name: [to_snake_case(name)],
    aliases={
        "IdentityInitializer": Identity,
        "OrthogonalInitializer": Orthogonal,
        "STFTInitializer": STFT,
        "normal": RandomNormal,
        "one": Ones,
        "uniform": RandomUniform,
        "zero": Zeros,
    },
)


def serialize(initializer):
    """The config of an initializer: plain data."""
    return registry.serialize(initializer)


def deserialize(config, custom_objects=None):
    """The initializer that `serialize` described."""
    return registry.deserialize(config, FAMILY, custom_objects)


def get(identifier):
    """An initializer from a name, a config, a class, a function or itself.

    An array or a Tensor becomes a function that returns it; called for another
    shape, that function raises ValueError.
    """
    if isinstance(identifier, (Tensor, np.ndarray, np.generic)):
        return _given(as_array(identifier))
    return FAMILY.get(identifier)


def _given(value: np.ndarray):
    """An initializer function for a value that is already there."""

    def given_value(shape, dtype=None):
        if tuple(shape) != value.shape:
            raise ValueError(
                f"Expected `shape` to be {value.shape} for direct tensor as "
                f"initializer. Received: shape={shape}"
            )
        return Tensor(value.astype(standardize_dtype(dtype)))

    return given_value
