"""Made-up images: digits from this package's own, and clouds in a form a class.

An image is a form of its class, moved by a few pixels, with noise in its ink; where
the form is black (0) the image is.
"""

import numpy as np

from minikeras.datasets import digits
from minikeras.datasets.synthetic import SEED

_NOISE = 64  # of 256 grey levels
_SHIFT = 2  # pixels, up or down, left or right


def handwriting():
    """As mnist: the package's digits, enlarged from 8 by 8 to 20 by 20 pixels.

    The test images come from other drawings than those for training.
    """
    rng = np.random.default_rng(SEED)
    pixels, labels = digits.load_data()
    order = rng.permutation(len(labels))
    forms = np.zeros((len(labels), 28, 28), "uint8")
    enlarge = _interpolation(8, 20)
    forms[:, 4:24, 4:24] = (enlarge @ pixels @ enlarge.T * (255 / digits.BLACK)).round()
    parts = []
    for chosen, n in ((order[:1500], 60_000), (order[1500:], 10_000)):
        drawings = rng.choice(chosen, n)
        x = _drawn(rng, forms, drawings)
        parts.append((x, labels[drawings].astype("uint8")))
    return tuple(parts)


def shapes(classes: int, shape: tuple[int, ...], train: int, test: int):
    """Images (n, *shape) and labels (n,) for training and test, uint8.

    The form of a class is a coarse random grid made smooth, its dark half cut off.
    """
    rng = np.random.default_rng([SEED, classes, *shape])
    grid = rng.normal(size=(classes, *shape[:-2], 5, 5))
    enlarge = _interpolation(5, shape[-1])
    forms = np.clip(enlarge @ grid @ enlarge.T * 160, 0, 255).round().astype("uint8")
    parts = []
    for n in (train, test):
        labels = rng.permutation(np.arange(n) % classes).astype("uint8")
        parts.append((_drawn(rng, forms, labels), labels))
    return tuple(parts)


def _drawn(rng, forms, chosen) -> np.ndarray:
    """The chosen forms, each one moved and with noise."""
    x = np.empty((len(chosen), *forms.shape[1:]), "uint8")
    moves = rng.integers(0, (2 * _SHIFT + 1) ** 2, len(chosen))
    for move in range((2 * _SHIFT + 1) ** 2):
        down, right = divmod(move, 2 * _SHIFT + 1)
        moved = np.roll(forms, (down - _SHIFT, right - _SHIFT), axis=(-2, -1))
        rows = np.flatnonzero(moves == move)
        x[rows] = moved[chosen[rows]]
    for rows in np.array_split(np.arange(len(x)), 16):  # the noise takes memory
        part = x[rows[0] : rows[-1] + 1]
        noise = rng.integers(0, _NOISE, part.shape, "uint8")
        np.maximum(part, noise, out=part)
        part -= noise
    return x


def _interpolation(size: int, larger: int) -> np.ndarray:
    """The matrix (larger, size) that interpolates linearly between equal points."""
    return np.stack(
        [
            np.interp(np.linspace(0, size - 1, larger), np.arange(size), column)
            for column in np.eye(size)
        ],
        axis=1,
    )
