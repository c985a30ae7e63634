"""Tensor and Variable: an ndarray that the tape can recognise.

A Tensor is its `value` (an ndarray or a NumPy scalar) and a flag, `tracked`:
whether a derivative may be asked of it. Its operators live in
`minikeras/ops/operators.py`, one floor up, where the derivatives are.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from minikeras.autodiff.recording import recording
from minikeras.autodiff.structure import structure_changed
from minikeras.config import standardize_dtype
from minikeras.naming import auto_name
from minikeras.program.lines import Handle

_PYTHON_FLOAT = "float32"


class Symbolic:
    """What stands for a Tensor whose value comes later (graph/keras_tensor.py): an op
    that meets one hands itself over to `call_op(op, inputs, options)`."""

    call_op: Any
    shape: tuple
    _keras_mask: Any


class Tensor:
    """The result of an op. `logits` is set by softmax and sigmoid alone: their
    input, which the cross-entropies prefer (keras/src/backend/tensorflow/nn.py);
    `is_softmax` tells that the value is the softmax of `logits` over the last axis.
    `_keras_mask` says which time steps count, None for all (layers/masks.py)."""

    __slots__ = (
        "value",
        "tracked",
        "logits",
        "is_softmax",
        "_keras_mask",
        "__weakref__",
    )
    __array_priority__ = 100  # ndarray + Tensor asks Tensor.__radd__ first

    value: np.ndarray
    tracked: bool
    logits: "Tensor"
    is_softmax: bool
    _keras_mask: Any

    if TYPE_CHECKING:  # minikeras/ops/operators.py attaches them

        def __neg__(self) -> "Tensor": ...

        def __add__(self, other: Any) -> "Tensor": ...

        def __eq__(self, other: Any) -> Any: ...

        def __ne__(self, other: Any) -> Any: ...

        __abs__ = __round__ = __invert__ = __neg__
        __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __add__
        __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __add__
        __mod__ = __rmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __add__
        __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __add__
        __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = __add__

    def __init__(self, value, tracked: bool = False):
        self.value = value
        self.tracked = tracked
        self._keras_mask = None

    @property
    def shape(self) -> tuple:
        return self.value.shape

    @property
    def dtype(self) -> np.dtype:
        return self.value.dtype

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def size(self) -> int:
        return self.value.size

    def numpy(self):
        """The value as an array (a NumPy scalar where there is no axis), a copy."""
        if isinstance(self.value, Handle):  # it is for other eyes than a program's
            self.value.trace.refuse("numpy()")
        return self.value[()].copy()

    def __array__(self, dtype=None, copy=None):
        return np.array(self.value, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        if not self.value.ndim:
            raise TypeError("len() of a Tensor without axes")
        return self.value.shape[0]

    def __iter__(self):
        if not self.value.ndim:
            raise TypeError("Cannot iterate over a Tensor without axes")
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __index__(self) -> int:
        return self.value.__index__()

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    __hash__ = object.__hash__  # by identity, though == compares element by element

    def __str__(self) -> str:
        value = _block(str(self.value))
        return f"tf.Tensor({value}, shape={self.shape}, dtype={self.dtype})"

    def __repr__(self) -> str:
        value = _block(repr(self.value if self.value.ndim else self.value.item()))
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype}, numpy={value}>"


class Variable(Tensor):
    """A Tensor with a name that can be assigned to.

    Args as in keras/src/backend/common/variables.py: `initializer` is a value or
    a function `(shape, dtype) -> array`, which then needs `shape`. Arrays in
    `value` are replaced, never written into, so whoever holds one keeps it.
    """

    __slots__ = (
        "name",
        "path",
        "tf_name",
        "_trainable",
        "_regularizer",
        "constraint",
        "overwrite_with_gradient",
        "__dict__",
    )

    def __init__(
        self, initializer, shape=None, dtype=None, trainable=True, name=None, path=None
    ):
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(
                "Argument `name` must be a string and cannot contain character `/`. "
                f"Received: name={name}"
            )
        if callable(initializer):
            if shape is None:
                raise ValueError(
                    "A Variable with an initializer function needs a shape. "
                    "Received: shape=None"
                )
            if not all(hasattr(size, "__index__") for size in shape):
                raise ValueError(
                    "Shapes used to initialize variables must be fully-defined (whole "
                    f"numbers, no `None`). Received: shape={tuple(shape)} for variable "
                    f"path='{path or name}'"
                )
            dtype = standardize_dtype(dtype)
            value = np.asarray(initializer(tuple(shape), dtype=dtype), dtype=dtype)
        else:
            value = as_array(initializer, dtype).copy()
        if value.dtype.kind not in "biufc":
            raise ValueError(
                "Expected a number, an array or an initializer function. "
                f"Received: initializer={initializer!r}"
            )
        if shape is not None and tuple(shape) != value.shape:
            raise ValueError(
                f"The value has shape {value.shape}. Expected: {tuple(shape)}"
            )
        super().__init__(value, tracked=bool(trainable))
        self.name = name or auto_name("Variable")
        self.path = path or self.name
        self.tf_name = f"{self.path}:0"  # what TensorFlow calls it
        self._trainable = bool(trainable)
        self._regularizer = None
        self.constraint = None

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = self.tracked = bool(value)
        structure_changed()

    @property
    def regularizer(self):
        """The penalty that training adds for this variable, or None."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value) -> None:
        self._regularizer = value
        structure_changed()

    @property
    def dtype(self) -> str:  # type: ignore[override]  # Keras variables name their dtype
        return self.value.dtype.name

    def assign(self, value):
        """Replaces the value by a copy of `value`; the shapes must agree."""
        if recording.trace is not None:
            recording.trace.knows(self)
        array = np.copy(as_array(value)).astype(self.value.dtype, copy=False)
        if array.shape != self.value.shape:
            raise ValueError(
                "The shape of the target variable and the shape of the target value in "
                f"`variable.assign(value)` must match. variable.shape={self.shape}, "
                f"Received: value.shape={array.shape}. Target variable: {self!r}"
            )
        self.value = array
        return self

    def assign_add(self, value):
        return self.assign(self.value + as_array(value))

    def assign_sub(self, value):
        return self.assign(self.value - as_array(value))

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else str(self)

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return (
            f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, "
            f"value={self.value}>"
        )


def as_array(x, dtype=None):
    """An ndarray of `x`. Python floats become float32, whatever `floatx()` is, and
    Python ints int32, as in TensorFlow; arrays keep their dtype."""
    if isinstance(x, Tensor):
        x = x.value
    elif not isinstance(x, (np.ndarray, np.generic)):
        x = _from_python(x) if dtype is None else _strip(x)
    dtype = dtype and standardize_dtype(dtype)
    if isinstance(x, Handle):  # a stand-in, which np.asarray cannot ask
        return x.as_array(dtype)
    return np.asarray(x, dtype=dtype)


def _from_python(x):
    array = np.asarray(_strip(x))
    if array.dtype == np.float64 and not _holds_arrays(x):
        return array.astype(_PYTHON_FLOAT)
    if array.dtype == np.int64 and not _holds_arrays(x):
        fits = -(2**31) <= array.min(initial=0) and array.max(initial=0) < 2**31
        return array.astype("int32") if fits else array
    return array


def _strip(x):
    """Nested lists with each Tensor in them replaced by its value."""
    if isinstance(x, (list, tuple)):
        return [_strip(part) for part in x]
    return x.value if isinstance(x, Tensor) else x


def _holds_arrays(x) -> bool:
    if isinstance(x, (list, tuple)):
        return any(_holds_arrays(part) for part in x)
    return isinstance(x, (np.ndarray, np.generic, Tensor)) or hasattr(x, "__array__")


def _block(text: str) -> str:
    """Text of several lines starts on a line of its own, as TensorFlow prints it."""
    return "\n" + text if "\n" in text else text
