"""Random numbers: TensorFlow's own, from the same seeds."""

from minikeras.random.random import (
    beta,
    categorical,
    dropout,
    dropout_mask,
    gamma,
    normal,
    randint,
    shuffle,
    truncated_normal,
    uniform,
)
from minikeras.random.rng_utils import (
    global_seed,
    set_global_seed,
    set_random_seed,
    shuffle_order,
)
from minikeras.random.seed_generator import (
    SeedGenerator,
    draw_seed,
    drop_global_seed_generator,
    make_default_seed,
)

__all__ = [
    "SeedGenerator",
    "beta",
    "categorical",
    "draw_seed",
    "drop_global_seed_generator",
    "dropout",
    "dropout_mask",
    "gamma",
    "global_seed",
    "make_default_seed",
    "normal",
    "randint",
    "set_global_seed",
    "set_random_seed",
    "shuffle",
    "shuffle_order",
    "truncated_normal",
    "uniform",
]
