"""Counterpart: keras/src/layers/rnn/rnn.py. A cell, run over the time steps."""

from minikeras import ops, registry, tree
from minikeras.autodiff import Variable, stop_recording
from minikeras.layers.call_context import context, current_path
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.rnn.cell_calls import call_cell, draw_masks, draws, drop_masks
from minikeras.layers.rnn.dropout_rnn_cell import DropoutRNNCell
from minikeras.layers.rnn.recurrent_cell import RecurrentCell
from minikeras.layers.rnn.stacked_rnn_cells import StackedRNNCells
from minikeras.ops.rnn import rnn
from minikeras.room import MOST_STEPS, Refused, room


class RNN(Layer):
    """Runs `cell` over the time steps of (batch, time, …).

    A cell has `call(inputs, states) -> (output, new states)` and `state_size`, an
    integer or a list of them; where it has them, `output_size` and
    `get_initial_state(batch_size)` are asked too (states are zeros without). A list
    of cells is stacked. The result is the last output, or all of them (batch, time,
    …) with `return_sequences`; with `return_state` a tuple of it and the states.
    `stateful`: a batch goes on where the one before ended. `unroll` changes nothing
    but one masked case (`_zeroes_afterwards`).
    """

    # The states go on from batch to batch but are no weights, in Keras neither.
    _not_parts = Layer._not_parts | {"states"}

    def __init__(
        self,
        cell,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        **kwargs,
    ):
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        _check_cell(cell)
        super().__init__(**kwargs)
        self.zero_output_for_mask = zero_output_for_mask
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.supports_masking = True
        self.input_spec = InputSpec(min_ndim=3)
        self.states = None
        self.single_state = isinstance(cell.state_size, int)
        self.state_size = [cell.state_size] if self.single_state else [*cell.state_size]

    def build(self, sequences_shape, initial_state_shape=None):
        batch_size = sequences_shape[0]
        if self.stateful and batch_size is None:
            raise ValueError(
                f"Layer '{self.name}' is stateful, so it needs a fixed batch size: "
                "pass `batch_shape` or `batch_size` to `Input`. "
                f"Received: sequences of shape {tuple(sequences_shape)}"
            )
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((batch_size, *sequences_shape[2:]))
            self.cell.built = True
        if self.stateful and self.states is None:
            numbers = sum(tree.flatten(self.state_size))
            room.take((batch_size, numbers), f"the states of {self.name}")
            self.states = tree.map_structure(
                self._state_variable, self.get_initial_state(batch_size)
            )
        elif self.stateful:
            self.reset_state()

    def _state_variable(self, value) -> Variable:
        path = f"{current_path()}/rnn_state"
        state = Variable(value, trainable=False, name="rnn_state", path=path)
        if context.made is not None:
            context.made.append((state, state.value))
        return state

    def _states_between_calls(self) -> list[Variable]:
        return [] if self.states is None else tree.flatten(self.states)

    @property
    def _repeats(self) -> bool:
        return isinstance(self.cell, Layer) and not self.stateful and super()._repeats

    def get_initial_state(self, batch_size):
        """A list of the states before the first time step."""
        ask = getattr(self.cell, "get_initial_state", None)
        if ask is None:
            dtype = getattr(self.cell, "dtype", self.dtype)
            return [ops.zeros((batch_size, n), dtype=dtype) for n in self.state_size]
        states = ask(batch_size=batch_size)
        return list(states) if tree.is_nested(states) else [states]

    def reset_state(self) -> None:
        """Sets the states that go on from batch to batch back to zeros."""
        for state in self._states_between_calls():
            state.assign(ops.zeros_like(state))

    reset_states = reset_state

    def call(self, sequences, initial_state=None, mask=None, training=False):
        mask = self._mask_of_steps(sequences, mask)
        self._check_steps(sequences)
        if initial_state is not None:
            initial_state = self._as_states(initial_state, len(sequences))
        elif self.stateful:
            initial_state = self.states
        try:
            output, states = self.inner_loop(sequences, initial_state, mask, training)
        finally:
            drop_masks(self.cell)
        if mask is not None and self._zeroes_afterwards:
            output = ops.where(ops.expand_dims(mask, -1), output, 0.0)
        if self.stateful:
            for kept, state in zip(
                self._states_between_calls(), tree.flatten(states), strict=True
            ):
                kept.assign(state)
        return (output, *states) if self.return_state else output

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """(the output, the last states, or None where nobody wants them)."""
        cell, states = self.cell, initial_state
        has_op = isinstance(cell, (RecurrentCell, StackedRNNCells))
        by_op = has_op and cell.has_op(training)
        by_op = by_op and type(self).get_initial_state is RNN.get_initial_state
        drawing = draws(cell)
        if states is None and (drawing or not by_op):
            states = self.get_initial_state(len(sequences))
        if drawing:
            with stop_recording():
                draw_masks(cell, sequences[:, 0], states)
        if by_op:
            return self._by_op(sequences, initial_state, mask, training)

        def step(x, states):
            return call_cell(cell, x, states, training=training)

        if drawing and not self.unroll and not isinstance(cell, DropoutRNNCell):
            # Keras takes the first step twice, to know what its output looks like
            # (keras/src/backend/tensorflow/rnn.py), and a Dropout layer in it draws.
            with stop_recording():
                step(sequences[:, 0], states)
        last, outputs, states = rnn(
            step,
            sequences,
            states,
            go_backwards=self.go_backwards,
            mask=mask,
            zero_output_for_mask=self._zeroes_on_the_way,
            return_all_outputs=self.return_sequences,
        )
        return outputs if self.return_sequences else last, states

    def _by_op(self, sequences, initial_state, mask, training):
        """The same by the cell's own op for whole sequences."""
        if draws(self.cell):
            dropped, _ = self.cell.masks(sequences[:, 0], None, training)
            if dropped is not None:
                sequences = sequences * ops.expand_dims(dropped, 1)
        output, states = self.cell.whole_sequence(
            sequences,
            initial_state,
            self.return_state or self.stateful,
            mask=mask,
            return_sequences=self.return_sequences,
            go_backwards=self.go_backwards,
        )
        if mask is not None and (self._zeroes_on_the_way or initial_state):
            output = self._zeroed(output, mask)
        return output, states

    def _zeroed(self, output, mask):
        """0 instead of the masked outputs, or instead of those before the first step
        that is not masked (the op repeats the first state there)."""
        kept = ops.flip(mask, 1) if self.go_backwards else mask
        if not self._zeroes_on_the_way:
            kept = ops.cumsum(ops.cast(kept, "int32"), 1) > 0
        kept = kept if self.return_sequences else kept[:, -1]
        return ops.where(ops.expand_dims(kept, -1), output, 0.0)

    @property
    def _zeroes_afterwards(self) -> bool:
        """Unrolled and backwards, Keras zeroes the reversed outputs by the mask as it
        was, not reversed (keras/src/backend/tensorflow/rnn.py)."""
        backwards = self.unroll and self.go_backwards and self.return_sequences
        return self.zero_output_for_mask and backwards

    @property
    def _zeroes_on_the_way(self) -> bool:
        return self.zero_output_for_mask and not self._zeroes_afterwards

    def _mask_of_steps(self, sequences, mask):
        """The mask as booleans (batch, time), from that shape or (batch, time, 1);
        one of one row serves all rows."""
        if mask is None:
            return None
        steps, shape = tuple(sequences.shape[:2]), tuple(mask.shape)
        if shape not in (steps, (*steps, 1), (1, steps[1])):
            raise ValueError(
                f"Layer '{self.name}' expects a mask of shape {steps}. "
                f"Received: mask.shape={shape}"
            )
        mask = ops.cast(mask, "bool")
        mask = ops.squeeze(mask, -1) if mask.ndim == 3 else mask
        return mask if mask.shape == steps else ops.broadcast_to(mask, steps)

    def _check_steps(self, sequences) -> None:
        batch_size, steps = sequences.shape[:2]
        if not steps:
            raise ValueError(
                f"Layer '{self.name}' needs at least one time step. "
                f"Received: sequences of shape {sequences.shape}"
            )
        if self.stateful:
            expected = tree.flatten(self.states)[0].shape[0]
            if batch_size != expected:
                raise ValueError(
                    f"Layer '{self.name}' is stateful, so its batch size must stay: "
                    f"expected {expected} sequences. Received: {batch_size}"
                )

    def _as_states(self, given, batch_size: int) -> list:
        """The initial states as a list, in the layer's dtype."""
        states = list(given) if isinstance(given, (list, tuple)) else [given]
        sizes, flat = tree.flatten(self.state_size), tree.flatten(states)
        shapes = [getattr(state, "shape", None) for state in flat]
        expected = [(batch_size, size) for size in sizes]
        if shapes != expected:
            raise ValueError(
                f"Layer '{self.name}' expects `initial_state` to be tensors of shapes "
                f"{expected}. Received: {shapes}"
            )
        return tree.map_structure(lambda state: ops.cast(state, self.dtype), states)

    def compute_mask(self, inputs, previous_mask):
        mask = tree.flatten(previous_mask)[0] if self.return_sequences else None
        if self.return_state:
            return [mask, *[None for _ in self.state_size]]
        return mask

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        batch_size, steps = sequences_shape[:2]
        features = getattr(self.cell, "output_size", None)
        if features is None:
            features = tree.flatten(self.state_size)[0]
        output = (batch_size, features)
        if self.return_sequences:
            output = (batch_size, steps, features)
        if not self.return_state:
            return output
        states = tree.map_structure(lambda n: (batch_size, n), self.state_size)
        return (output, *states)

    def _shapes_needed(self, input_shape):
        steps = tree.flatten(input_shape)[1]
        if steps is not None and steps > MOST_STEPS:
            raise Refused(
                f"Refused: layer '{self.name}' of a model from a file may take up to "
                f"{MOST_STEPS} steps. Received: {steps}"
            )
        return super()._shapes_needed(input_shape)

    def get_config(self):
        return super().get_config() | {
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
            "cell": registry.serialize(self.cell),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        cell = registry.deserialize(config["cell"], custom_objects=custom_objects)
        return super().from_config(config | {"cell": cell})


def _check_cell(cell) -> None:
    if not hasattr(cell, "call"):
        raise ValueError(
            f"Argument `cell` should have a `call` method. Received: cell={cell!r}"
        )
    size = getattr(cell, "state_size", None)
    if not isinstance(size, (int, list, tuple)):
        raise ValueError(
            "An RNN cell should have a `state_size`: an integer, or a list or tuple "
            f"of integers, one for each state. Received: state_size={size!r} of "
            f"cell={cell!r}"
        )
