"""What SimpleRNNCell, LSTMCell and GRUCell have in common. Keras says it three times.

A cell is one time step, (input, states) -> (output, new states), and its weights:
kernel (features, gates·units), recurrent_kernel (units, gates·units) and bias, with
the gates side by side.
"""

from typing import Any

import numpy as np

from minikeras import (
    activations,
    constraints,
    initializers,
    ops,
    registry,
    regularizers,
    tree,
)
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.rnn.dropout_rnn_cell import DropoutRNNCell
from minikeras.limits import positive_integer
from minikeras.random import SeedGenerator

_ACTIVATIONS = ("activation", "recurrent_activation")
_FAMILIES = {
    "initializer": initializers,
    "regularizer": regularizers,
    "constraint": constraints,
}
_WEIGHTS = {"kernel": "kernel", "recurrent_kernel": "recurrent", "bias": "bias"}


def options(arguments: dict) -> dict:
    """A constructor's named arguments, from its `locals()`."""
    left_out = ("self", "__class__", "kwargs")
    return {name: value for name, value in arguments.items() if name not in left_out}


class RecurrentCell(Layer, DropoutRNNCell):
    """The options and weights of a cell. Subclasses say `gates`, and `call`.

    `given` are the constructor's own arguments by name. `units` must be a positive
    integer and both dropout rates in [0, 1], or ValueError (Keras clips the rates).
    """

    op: Any  # over a whole sequence, from ops; where all is left as it is
    kernel: Any
    recurrent_kernel: Any
    gates = 1
    # Whether the generator of the masks draws its seed before the initializers do
    # theirs: SimpleRNNCell's does (keras/src/layers/rnn/simple_rnn.py).
    generator_first = False
    _not_parts = Layer._not_parts | {"_dropout_mask", "_recurrent_dropout_mask"}

    def __init__(self, given: dict, **kwargs):
        units = positive_integer("units", given["units"])
        for name in ("dropout", "recurrent_dropout"):
            _check_rate(type(self).__name__, name, given[name])
        has_gates = self.gates > 1
        implementation = kwargs.pop("implementation", 2) if has_gates else 2
        super().__init__(**kwargs)
        if has_gates:
            self.implementation = 1 if given["recurrent_dropout"] else implementation
            if self.implementation == 1:
                self.dropout_mask_count = self.gates
        if self.generator_first:
            self.seed_generator = SeedGenerator(given["seed"])
        for name, value in given.items():
            family = activations if name in _ACTIVATIONS else None
            family = _FAMILIES.get(name.rpartition("_")[2], family)
            setattr(self, name, family.get(value) if family else value)
        self.dropout = float(given["dropout"])
        self.recurrent_dropout = float(given["recurrent_dropout"])
        if not self.generator_first:
            self.seed_generator = SeedGenerator(given["seed"])
        self.units = self.output_size = units
        self.state_size: int | list[int] = units
        self.supports_masking = False
        self.bias = None
        self._own_options = tuple(given)

    def build(self, input_shape):
        features, width = input_shape[-1], self.gates * self.units
        self._add("kernel", (features, width))
        self._add("recurrent_kernel", (self.units, width))
        if self.use_bias:
            self._add("bias", self.bias_shape())
        self.input_spec = InputSpec(ndim=2, axes={-1: features})

    def _add(self, name: str, shape: tuple) -> None:
        role = _WEIGHTS[name]
        weight = self.add_weight(
            name=name,
            shape=shape,
            initializer=self.initializer_of(role),
            regularizer=getattr(self, f"{role}_regularizer"),
            constraint=getattr(self, f"{role}_constraint"),
        )
        setattr(self, name, weight)

    def bias_shape(self) -> tuple:
        return (self.gates * self.units,)

    def initializer_of(self, role: str):
        return getattr(self, f"{role}_initializer")

    @property
    def _repeats(self) -> bool:
        return not (self.draws or self._non_trainable_own)

    def masks(self, inputs, state, training) -> tuple:
        """(dropout mask(s) of the inputs, of the state), None where none applies.

        A rate of 1 drops nothing in cells with gates, in Keras neither (lstm.py).
        """
        of_inputs = of_state = None
        if training and 0 < self.dropout < 1:
            of_inputs = self.get_dropout_mask(inputs)
        if training and 0 < self.recurrent_dropout < 1:
            of_state = self.get_recurrent_dropout_mask(state)
        return of_inputs, of_state

    def has_op(self, training) -> bool:
        """Whether `whole_sequence` gives what calling this cell step by step would,
        for inputs that are masked for dropout already. Subclasses narrow it down."""
        if not training:
            return True
        return not (self.recurrent_dropout or self.draws and self.dropout_mask_count)

    def whole_sequence(self, sequences, states, wants_states, **options) -> tuple:
        """(output, last states or None) of a sequence by one op; its options are
        `mask`, `return_sequences` and `go_backwards`."""
        states = states or [None] * len(tree.flatten(self.state_size))
        inputs = (sequences, self.kernel, self.recurrent_kernel, self.bias, *states)
        if not wants_states:
            return self.op(*inputs, **options), None
        output, *states = self.op(*inputs, return_state=True, **options)
        return output, states

    def get_initial_state(self, batch_size=None):
        sizes = tree.flatten(self.state_size)
        return [ops.zeros((batch_size, size), dtype=self.dtype) for size in sizes]

    def get_config(self):
        own = {}
        for name in self._own_options:
            kind = activations if name in _ACTIVATIONS else registry
            own[name] = kind.serialize(getattr(self, name))
        return super().get_config() | own


def _check_rate(owner: str, name: str, rate) -> None:
    is_number = isinstance(rate, (int, float, np.integer, np.floating))
    if not is_number or not 0 <= rate <= 1:
        raise ValueError(
            f"Invalid value received for argument `{name}` of {owner}. Expected a "
            f"number between 0 and 1. Received: {name}={rate!r}"
        )


def project(x, kernel, mask=None):
    """x·kernel, x multiplied by `mask` first; by one mask for each gate's columns of
    the kernel where it is a list."""
    if isinstance(mask, list):
        parts = ops.split(kernel, len(mask), axis=-1)
        products = [ops.matmul(x * m, k) for m, k in zip(mask, parts, strict=True)]
        return ops.concatenate(products, axis=-1)
    return ops.matmul(x if mask is None else x * mask, kernel)
