"""Counterpart: keras/src/backend/common/keras_tensor.py. A value yet to come."""

from typing import Any, NamedTuple

from minikeras.autodiff import Symbolic
from minikeras.config import standardize_dtype
from minikeras.naming import auto_name


class KerasHistory(NamedTuple):
    """Which call gave a KerasTensor: output `tensor_index` of the operation's
    call number `node_index`. The operation is None for one that nothing gave."""

    operation: Any = None
    node_index: int = 0
    tensor_index: int = 0


def standardize_shape(shape) -> tuple:
    """A tuple of ints and None; ValueError names the entry that is neither."""
    if not isinstance(shape, (tuple, list)):
        raise ValueError(f"Expected a shape tuple. Received: shape={shape!r}")
    sizes = []
    for size in shape:
        if size is not None and (not hasattr(size, "__index__") or int(size) < 0):
            raise ValueError(
                "A shape consists of non-negative integers and None. "
                f"Received: {size!r} in shape={tuple(shape)}"
            )
        sizes.append(None if size is None else int(size))
    return tuple(sizes)


def _fixed(name: str) -> property:
    """An attribute that is given once."""

    def refuse(self, _):
        raise AttributeError(
            f"The `{name}` of a KerasTensor is fixed: make a new KerasTensor instead."
        )

    return property(lambda self: self.__dict__[f"_{name}"], refuse)


class KerasTensor(Symbolic):
    """The shape and dtype of a tensor whose values come later.

    `shape` has None where the size is open, as in (None, 4). What `Input` gives, and
    each layer and op that is called on one. Operators live in ops/operators.py.
    `sparse`, `ragged` and `record_history` are noted, as in Keras; values are dense.
    """

    __array_priority__ = 100  # ndarray + KerasTensor asks KerasTensor.__radd__ first
    shape, dtype = _fixed("shape"), _fixed("dtype")
    sparse, ragged = _fixed("sparse"), _fixed("ragged")

    def __init__(
        self,
        shape,
        dtype="float32",
        sparse=False,
        ragged=False,
        record_history=True,
        name=None,
    ):
        if sparse and ragged:
            raise ValueError(
                "A KerasTensor cannot be both: received sparse=True, ragged=True."
            )
        self._shape = standardize_shape(shape)
        self._dtype = standardize_dtype(dtype)
        self._sparse, self._ragged = bool(sparse), bool(ragged)
        self.record_history = record_history
        self.name = name or auto_name(type(self).__name__)
        self._keras_history = KerasHistory()
        self._keras_mask: Any = None

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __array__(self, dtype=None, copy=None):
        raise ValueError(self._no_values())

    def __float__(self) -> float:
        raise ValueError(self._no_values())

    def __int__(self) -> int:
        raise ValueError(self._no_values())

    def _no_values(self) -> str:
        return (
            "A KerasTensor is symbolic: it's a placeholder for a shape and a dtype. "
            f"It has no values to compute with. Received: {self!r}"
        )

    def __bool__(self) -> bool:
        raise TypeError("A symbolic KerasTensor cannot be used as a boolean.")

    def __iter__(self):
        raise NotImplementedError(
            "Iterating over a symbolic KerasTensor is not supported."
        )

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return (
            f"<KerasTensor shape={self.shape}, dtype={self.dtype}, "
            f"sparse={self.sparse}, ragged={self.ragged}, name={self.name}>"
        )


def is_keras_tensor(x) -> bool:
    """Whether `x` is symbolic."""
    return isinstance(x, KerasTensor)


def is_symbolic(*arguments) -> bool:
    """Whether a KerasTensor is among the arguments, however deep in lists and dicts."""
    for x in arguments:
        if isinstance(x, KerasTensor):
            return True
        if isinstance(x, (list, tuple)):
            if is_symbolic(*x):
                return True
        elif isinstance(x, dict) and is_symbolic(*x.values()):
            return True
    return False
