"""Random choices. One generator for each draw: draw 7 needs no draw before it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class Dice:
    """The choices of draw `index` of `seed`."""

    def __init__(self, seed: int, index: int):
        self._random = np.random.default_rng([seed, index])

    def integer(self, low: int, high: int) -> int:
        """From low to high, both included."""
        return int(self._random.integers(low, high + 1))

    def pick(self, choices: Sequence) -> Any:
        return choices[self.integer(0, len(choices) - 1)]

    def chance(self, probability: float) -> bool:
        return bool(self._random.random() < probability)

    def sample(self, choices: Sequence, most: int) -> list:
        """Up to `most` of the choices, in their order."""
        count = self.integer(0, min(most, len(choices)))
        places = self._random.permutation(len(choices))[:count]
        return [choices[place] for place in sorted(places)]

    def options(self, probability: float, **makers: Callable[[], Any]) -> dict:
        """Each option with that probability; a maker gives its value."""
        return {
            name: make() for name, make in makers.items() if self.chance(probability)
        }
