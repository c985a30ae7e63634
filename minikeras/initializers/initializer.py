"""Counterpart: keras/src/initializers/initializer.py. The base of all initializers."""

from minikeras.signature import Checked


class Initializer(Checked):
    """Makes the first value of a variable.

    Subclasses define `__call__(shape, dtype=None)`, which returns a Tensor, and
    `get_config`; `dtype` None means `floatx()`.
    """

    def __call__(self, shape, dtype=None):
        raise NotImplementedError(
            "Initializer subclasses must implement the `__call__()` method."
        )

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def clone(self):
        """A new one with the same config; without a seed, it draws another seed."""
        return self.from_config(self.get_config())
