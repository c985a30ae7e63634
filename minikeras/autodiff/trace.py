"""Notes what a computation does, so that it can be written down and done again.

Ops are pure functions on arrays, so their calls say it all; random numbers, the one
thing that is not, are noted apart as inputs. plan.py makes a plan of the notes.
"""

from collections.abc import Callable
from typing import NamedTuple

from minikeras.autodiff.tape import recording
from minikeras.autodiff.tensor import Tensor


class Draw(NamedTuple):
    """Random numbers that a trace met: `function(shape, *options)`."""

    function: Callable
    shape: tuple
    options: tuple

    def __call__(self):
        return self.function(self.shape, *self.options)


class Trace(list):
    """The ops of a block as `(function, inputs, options, output, vjp)`, and in `draws`
    the pairs (Draw, its Tensor)."""

    def __init__(self):
        super().__init__()
        self.draws: list[tuple[Draw, Tensor]] = []

    def drawn(self, function, shape, options) -> Tensor:
        output = Tensor(function(shape, *options))
        self.draws.append((Draw(function, shape, options), output))
        return output

    def enter(self, title: str) -> None:
        """Titles are for readers of programs."""

    def knows(self, variable) -> None:
        """What is assigned is no op, and so nothing of a trace."""

    def call_whole(self, function, args, kwargs, stays=False):
        return function(*args, **kwargs)

    def refuse(self, what: str) -> None:
        """Which layers draw in other ways, they say themselves."""

    def call(self, function, inputs, arrays: list, options: dict):
        return function(*arrays, **options)

    def enter_back(self, output) -> None:
        """The way back is not noted: it follows from the ops."""

    def leave_back(self, sources, gradients) -> None:
        """Nor is its end."""


class trace:
    """A block whose ops and draws are noted."""

    def __enter__(self) -> Trace:
        self._outer = recording.trace
        noted = recording.trace = Trace()
        return noted

    def __exit__(self, *exception):
        recording.trace = self._outer


def drawn(function, shape, *options) -> Tensor:
    """function(shape, *options), random numbers, as a Tensor. They are an input of a
    traced computation: drawn anew for each run, the first axis like the batch's."""
    if recording.trace is not None:
        return recording.trace.drawn(function, shape, options)
    return Tensor(function(shape, *options))
