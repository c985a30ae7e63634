"""Counterpart: tf.IndexedSlices. The gradient of a table of which rows were taken.

TensorFlow keeps such a gradient as the list of the rows' own gradients, and Keras's
optimizers square, clip and measure the list (keras/src/backend/tensorflow/sparse.py).
For a row that was taken twice that is not the same as to do it with the sum:
a² + b² is not (a + b)². So the list is kept as far as the optimizer.
"""

import numpy as np

from minikeras.autodiff.recording import stays
from minikeras.autodiff.tensor import Tensor


class Slices(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of `shape` that is zero but for values[i] added to row rows[i].

    NumPy's functions and operators take it for that array. `values` has as many axes;
    `squared` and `magnitudes` are sums over the list: of values² and |values|.
    """

    def __init__(self, values: np.ndarray, rows: np.ndarray, shape: tuple):
        self.values = values
        self.rows = rows
        self.shape = shape
        self.dtype = values.dtype
        self._places: np.ndarray | None = None
        self._dense: np.ndarray | None = None

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    def __array__(self, dtype=None, copy=None):
        return np.array(self.dense(), dtype=dtype, copy=copy)

    def dense(self):
        """The array."""
        if self._dense is None:
            self._dense = self._sum(self.values)
        return self._dense

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        arrays = [x.dense() if isinstance(x, Slices) else x for x in inputs]
        return getattr(ufunc, method)(*arrays, **options)

    def __add__(self, other):
        """With other slices one list of both, else an array."""
        if isinstance(other, Slices):
            values = np.concatenate([self.values, other.values])
            rows = np.concatenate([self.rows, other.rows])
            return Slices(values, rows, self.shape)
        return self.dense() + other

    __iadd__ = __add__  # a new one: its arrays may be somebody else's, too

    def astype(self, dtype, copy=True):
        return self.with_values(self.values.astype(dtype, copy=copy))

    def with_values(self, values) -> "Slices":
        """Other values at the same rows."""
        return Slices(values, self.rows, self.shape)

    def squared(self) -> np.ndarray:
        return self._sum(self.values * self.values)

    def magnitudes(self) -> np.ndarray:
        return self._sum(np.abs(self.values))

    def _sum(self, values) -> np.ndarray:
        """The values added up in their order, one number after the other: for single
        numbers np.add.at has a fast path, four times that of whole rows."""
        if self._places is None:
            width = int(np.prod(self.shape[1:]))
            first = self.rows[:, None] * np.intp(width)
            self._places = (first + np.arange(width)).ravel()
        return _added_up(values, self._places, self.size).reshape(self.shape)


@stays
def _added_up(values, places, size: int) -> np.ndarray:
    out = np.zeros(size, values.dtype)
    np.add.at(out, places, values.ravel())
    return out


class IndexedSlices(Tensor):
    """What `GradientTape.gradient` gives for such a gradient: its array as a Tensor,
    and in `slices` the list, which an optimizer asks for."""

    __slots__ = ("slices",)

    def __init__(self, slices: Slices):
        super().__init__(np.asarray(slices))
        self.slices = slices

    @property
    def values(self) -> Tensor:
        return Tensor(self.slices.values)

    @property
    def indices(self) -> Tensor:
        return Tensor(self.slices.rows)

    @property
    def dense_shape(self) -> Tensor:
        return Tensor(np.array(self.slices.shape))
