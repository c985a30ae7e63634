"""Gives Tensor and KerasTensor their operators. Imported by ops/__init__.py for that.

The other operand takes part in the Tensor's own dtype, as in TensorFlow: a
float32 Tensor stays float32 whether it meets 2, 2.0 or a float64 array. An int
Tensor meets a float by Keras's promotion, where TensorFlow would raise.
"""

import numpy as np

from minikeras.autodiff import Tensor, as_array
from minikeras.graph import KerasTensor, is_symbolic
from minikeras.ops import arithmetic, comparison, elementwise
from minikeras.ops.indexing import get_item
from minikeras.ops.linalg import matmul
from minikeras.ops.shape import reshape, squeeze

_WEAK = (int, float, bool)


def _partner(tensor, other):
    """`other` as an operand beside `tensor`."""
    if isinstance(other, Tensor) or type(other) in _WEAK:
        return other
    if other is None or isinstance(other, (str, dict)):
        raise ValueError(f"A Tensor has no arithmetic with {other!r}")
    array = as_array(other)
    if array.dtype.kind == "f" and tensor.value.dtype.kind == "f":
        return array.astype(tensor.value.dtype, copy=False)
    return array


def _binary(op):
    def operator(self, other):
        return op(self, _partner(self, other))

    return operator


def _reflected(op):
    def operator(self, other):
        return op(_partner(self, other), self)

    return operator


def _equality(op, answer):
    def operator(self, other):
        if other is None or isinstance(other, str):
            return answer
        partner = _partner(self, other)
        try:
            np.broadcast_shapes(
                self.shape, np.shape(getattr(partner, "value", partner))
            )
        except ValueError:
            return Tensor(np.asarray(answer))  # TensorFlow: differently shaped, unequal
        return op(self, partner)

    return operator


def _logic(logical, bitwise):
    """TensorFlow's & | ^ are logical on bools and bit by bit on ints."""

    def operator(self, other):
        other = _partner(self, other)
        if self.value.dtype.kind == "b":
            return logical(self, other)
        return Tensor(bitwise(self.value, getattr(other, "value", other)))

    return operator


def _invert(self):
    if self.value.dtype.kind == "b":
        return comparison.logical_not(self)
    return Tensor(np.invert(self.value))


_OPERATORS = {
    "__neg__": elementwise.negative,
    "__abs__": elementwise.absolute,
    "__round__": elementwise.round,
    "__invert__": _invert,
    "__getitem__": get_item,
    "__eq__": _equality(comparison.equal, False),
    "__ne__": _equality(comparison.not_equal, True),
    "__lt__": _binary(comparison.less),
    "__le__": _binary(comparison.less_equal),
    "__gt__": _binary(comparison.greater),
    "__ge__": _binary(comparison.greater_equal),
}
_ARITHMETIC = {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": arithmetic.true_divide,
    "floordiv": arithmetic.floor_divide,
    "mod": arithmetic.mod,
    "pow": arithmetic.power,
    "matmul": matmul,
}
for _name, _op in _ARITHMETIC.items():
    _OPERATORS[f"__{_name}__"] = _binary(_op)
    _OPERATORS[f"__r{_name}__"] = _reflected(_op)
for _name, _logical, _bitwise in (
    ("and", comparison.logical_and, np.bitwise_and),
    ("or", comparison.logical_or, np.bitwise_or),
    ("xor", comparison.logical_xor, np.bitwise_xor),
):
    _OPERATORS[f"__{_name}__"] = _logic(_logical, _bitwise)
    _OPERATORS[f"__r{_name}__"] = _logic(_logical, _bitwise)

for _name, _op in _OPERATORS.items():
    setattr(Tensor, _name, _op)

# On KerasTensors each is the op itself, whatever the other operand: the graph has one
# node for it, and the promotion of dtypes is that of the op. Equality is identity.
_SYMBOLIC = {
    "__neg__": elementwise.negative,
    "__abs__": elementwise.absolute,
    "__round__": elementwise.round,
    "__invert__": comparison.logical_not,
    "__ne__": comparison.not_equal,
    "__lt__": comparison.less,
    "__le__": comparison.less_equal,
    "__gt__": comparison.greater,
    "__ge__": comparison.greater_equal,
    "reshape": reshape,
    "squeeze": squeeze,
}
_OF_TWO = _ARITHMETIC | {
    "and": comparison.logical_and,
    "or": comparison.logical_or,
    "xor": comparison.logical_xor,
}
_SYMBOLIC |= {f"__{name}__": op for name, op in _OF_TWO.items()}


def _item(self, key):
    """x[key]; ValueError for a key that does not fit, as in Keras."""
    if is_symbolic(key):
        raise ValueError(
            "A KerasTensor cannot be indexed by another one: `ops.take(x, indices)` "
            f"and `ops.where(condition, x, other)` select values. Received: {key!r}"
        )
    try:
        return self.call_op(get_item, (self, key), {})
    except IndexError as error:
        raise ValueError(f"{error}. Received: {self!r}[{key!r}]") from error


def _noted(op):
    def operator(self, *others):
        return self.call_op(op, (self, *others), {})

    return operator


def _noted_reflected(op):
    def operator(self, other):
        return self.call_op(op, (other, self), {})

    return operator


for _name, _op in _SYMBOLIC.items():
    setattr(KerasTensor, _name, _noted(_op))
setattr(KerasTensor, "__getitem__", _item)  # noqa: B010  # as those above
for _name, _op in _OF_TWO.items():
    setattr(KerasTensor, f"__r{_name}__", _noted_reflected(_op))
