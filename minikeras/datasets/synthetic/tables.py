"""Made-up tables of houses: features in the real ranges, and a price from them."""

import numpy as np

from minikeras.datasets.synthetic import SEED

# (lowest, highest, part in the price), in the order of the files' columns
_BOSTON = (
    (0.006, 89, -1),  # crimes
    (0, 100, 0.5),  # large plots
    (0.46, 27.74, -0.5),  # industry
    (0, 1, 0.5),  # at the river
    (0.385, 0.871, -0.5),  # nitric oxides
    (3.56, 8.78, 3),  # rooms
    (2.9, 100, -0.5),  # built before 1940
    (1.13, 12.13, -0.5),  # way to work
    (1, 24, 0.5),  # highways
    (187, 711, -0.5),  # tax
    (12.6, 22, -1),  # pupils a teacher
    (0.32, 396.9, 0),  # the column that Keras warns of
    (1.73, 37.97, -3),  # poor
)
_CALIFORNIA = (
    (-124.35, -114.31, -1),  # longitude
    (32.54, 41.95, -1),  # latitude
    (1, 52, 0.5),  # age of the houses
    (2, 39_320, -0.5),  # rooms
    (1, 6_445, 0.5),  # bedrooms
    (3, 35_682, -1),  # people
    (1, 6_082, 1),  # households
    (0.5, 15, 4),  # income
)


def boston() -> dict[str, np.ndarray]:
    """As the file of boston_housing: 506 rows, float64, prices in 1,000 dollars."""
    return _table(506, _BOSTON, 5, 50, "float64")


def california() -> dict[str, np.ndarray]:
    """As the file of california_housing: 20,640 rows, float32, prices in dollars."""
    return _table(20_640, _CALIFORNIA, 15_000, 500_000, "float32")


def _table(rows, columns, lowest, highest, dtype) -> dict[str, np.ndarray]:
    """price = lowest + (highest - lowest)·t, t from 0 to 1.

    t is a weighted sum of the features, each counted from 0 to 1 within its range,
    the largest one by weight squared, with a little noise; it is moved to mean 0.4
    and deviation 0.2 and cut off at both ends.
    """
    rng = np.random.default_rng([SEED, rows])
    low, high, weights = np.array(columns, "float64").T
    u = rng.beta(2, 4, size=(rows, len(columns)))
    bent = u.copy()
    bent[:, np.abs(weights).argmax()] **= 2
    score = bent @ weights
    score += rng.normal(scale=0.1 * score.std(), size=rows)
    t = np.clip(0.4 + 0.2 * (score - score.mean()) / score.std(), 0, 1)
    return {
        "x": (low + (high - low) * u).astype(dtype),
        "y": (lowest + (highest - lowest) * t).astype(dtype),
    }
