"""Counterpart: tensorflow/python/ops/variables.py. tf.Variable."""

import enum

from minikeras import autodiff
from minikeras.autodiff import Tensor
from minikeras.compat.tensorflow.convert import convert_to_tensor, identity


class Variable(autodiff.Variable):
    """A variable with TensorFlow's constructor, dtype rules and text.

    `initial_value` is a value or a function without arguments. Unlike
    TensorFlow's, it counts as a weight when a layer holds it; there a layer
    overlooks it without a word and it is never trained.
    """

    def __init__(
        self, initial_value, trainable=True, *, dtype=None, name=None, shape=None
    ):
        value = initial_value() if callable(initial_value) else initial_value
        super().__init__(
            convert_to_tensor(value, dtype),
            shape=shape,
            trainable=True if trainable is None else trainable,
            name=f"{name or 'Variable'}:0",
        )

    def assign(self, value):
        """Replaces the value; a Tensor of another dtype raises ValueError."""
        return super().assign(convert_to_tensor(value, self.dtype))

    def assign_add(self, value):
        """Adds `value`, in the dtype of the variable."""
        return self.assign(self.value + convert_to_tensor(value, self.dtype).value)

    def assign_sub(self, value):
        """Subtracts `value`, in the dtype of the variable."""
        return self.assign(self.value - convert_to_tensor(value, self.dtype).value)

    def read_value(self) -> Tensor:
        """The present value, as a Tensor."""
        return identity(self)

    def __repr__(self) -> str:
        numbers = repr(Tensor(self.value)).partition("numpy=")[2]
        return (
            f"<tf.Variable {self.name!r} shape={self.shape} dtype={self.dtype}, "
            f"numpy={numbers}"
        )


class UnconnectedGradients(enum.Enum):
    """What GradientTape.gradient gives for a source that the target ignores."""

    NONE = "none"
    ZERO = "zero"
