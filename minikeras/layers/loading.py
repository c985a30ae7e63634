"""What is different about a layer that is made for weights in a file.

Keras draws the weights of a model that it loads, and then overwrites them.
"""

import contextlib
import threading

import numpy as np

from minikeras import initializers
from minikeras.autodiff import Variable, as_array
from minikeras.initializers.random_initializers import RandomInitializer
from minikeras.random.seed_generator import is_integer


class Loading(threading.local):
    """Within `from_file(size)`, `add_weight` makes at most `size` bytes of weights (a
    file that holds few must not make many) and leaves the drawing of random ones
    until the end of the block, for those that the file did not fill.

    A seed is taken when an initializer is made, and from an integer seed come the same
    numbers at any time; so what is drawn before and after is what it is in Keras.
    """

    _left: int | None = None
    _blank: list[tuple]

    @contextlib.contextmanager
    def from_file(self, size: int):
        before, self._left, self._blank = self.__dict__.copy(), size, []
        try:
            yield
            for variable, zeros, initializer in self._blank:
                if variable.value is zeros:
                    numbers = initializer(zeros.shape, dtype=variable.dtype)
                    variable.value = as_array(numbers)
        finally:
            self.__dict__.clear()
            self.__dict__.update(before)

    def take(self, shape: tuple, dtype: str, path: str) -> None:
        """Counts a new weight; ValueError for the one too many."""
        if self._left is None:
            return
        size = np.dtype(dtype).itemsize
        for length in shape:
            size *= length if isinstance(length, (int, np.integer)) else 1
        self._left -= size
        if self._left < 0:
            raise ValueError(
                f"Refused: the config asks for larger weights than the file holds. "
                f"The one too many is '{path}' of shape {shape}."
            )

    def may_wait(self, initializer, owner) -> bool:
        """Whether a weight's numbers can be drawn later: a layer of the user's own may
        look at them when it is built."""
        return (
            self._left is not None
            and isinstance(initializer, RandomInitializer)
            and is_integer(initializer.seed)
            and type(owner).__module__.startswith("minikeras.")
        )

    def blank(self, initializer, **options) -> Variable:
        """A variable of zeros, which take no memory until they are written to."""
        variable = Variable(initializers.Zeros(), **options)
        self._blank.append((variable, variable.value, initializer))
        return variable


loading = Loading()
