"""Weights that are made for a file to fill.

Keras draws the weights of a model that it loads, and then overwrites them.
"""

import contextlib
import threading
from collections.abc import Iterator

from minikeras import initializers
from minikeras.autodiff import Variable, as_array
from minikeras.initializers.random_initializers import RandomInitializer
from minikeras.random.seed_generator import is_integer


class Loading(threading.local):
    """Within `from_file`, random weights are drawn at the end of the block, if the
    file did not fill them.

    A seed is taken when an initializer is made, and from an integer seed come the same
    numbers at any time; so what is drawn before and after is what it is in Keras.
    """

    _blank: list[tuple] | None = None

    @contextlib.contextmanager
    def from_file(self) -> Iterator[None]:
        before, self._blank = self._blank, []
        try:
            yield
            for variable, zeros, initializer in self._blank:
                if variable.value is zeros:
                    numbers = initializer(zeros.shape, dtype=variable.dtype)
                    variable.value = as_array(numbers)
        finally:
            self._blank = before

    def variable(self, owner, initializer, **options) -> Variable:
        """A new weight of a layer; of zeros, which take no memory until something is
        written to them, if its numbers can wait. (A user's own layer may look at
        them.)"""
        if (
            self._blank is None
            or not isinstance(initializer, RandomInitializer)
            or not is_integer(initializer.seed)
            or not type(owner).__module__.startswith("minikeras.")
        ):
            return Variable(initializer, **options)
        variable = Variable(initializers.Zeros(), **options)
        self._blank.append((variable, variable.value, initializer))
        return variable


loading = Loading()
