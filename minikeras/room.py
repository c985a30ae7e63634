"""How much a file may ask for: what is loaded is made in a room of limited size.

A config is short, and can say `units=10**9` all the same. So weights, states, examples
and results are measured before they are made.
"""

import contextlib
import threading
from collections.abc import Iterator

LARGEST = 1 << 29  # bytes: of one example, and of what a layer or op makes of it
MOST_STEPS = 1 << 20  # of a recurrent layer, which takes them one after the other
MOST_ENTRIES = 1 << 16  # of a convolution's kernel: places, not channels
_MOST_CALLS = 100_000  # of models within models, which can double with each level
_ITEM = 4  # bytes of a number, near enough


class Refused(ValueError):
    """What a file asks for is too much; to try it in other sizes would not help."""


class Room(threading.local):
    """Outside `limited(size)` nothing is measured: `is_limited` is False."""

    is_limited = False
    _left = 0
    _calls = 0

    @contextlib.contextmanager
    def limited(self, size: int) -> Iterator[None]:
        """A block in which weights and states may take `size` bytes together."""
        before = self.__dict__.copy()
        self.is_limited, self._left, self._calls = True, size, 0
        try:
            yield
        finally:
            self.__dict__.clear()
            self.__dict__.update(before)

    def take(self, shape, what: str, itemsize: int = _ITEM) -> None:
        """Room for weights or states of this shape; ValueError if it is not there."""
        if not self.is_limited:
            return
        self._left -= _size(shape) * itemsize
        if self._left < 0:
            raise Refused(
                "Refused: the config asks for larger weights than the file holds. "
                f"The one too many is {what} of shape {tuple(shape)}."
            )

    def count_call(self) -> None:
        """Notes the call of a model; ValueError for the one too many."""
        self._calls += 1
        if self._calls > _MOST_CALLS:
            raise Refused(
                f"Refused: the models in this model call each other more than "
                f"{_MOST_CALLS} times for one sample."
            )

    def check(self, shape, what: str) -> None:
        """ValueError if an array of this shape, None for open axes, is too large."""
        if self.is_limited and _size(shape) * _ITEM > LARGEST:
            raise Refused(
                f"Refused: {what} would have the shape {tuple(shape)}. A model from a "
                f"file may have arrays of up to {LARGEST} bytes for a few samples."
            )


def _size(shape) -> int:
    """The product of the lengths; open axes and odd ones count as 3."""
    size = 1
    for length in shape:
        size *= length if hasattr(length, "__index__") else 3
    return abs(size)


room = Room()
