"""Counterpart: keras/src/layers/rnn/stacked_rnn_cells.py."""

from minikeras import ops, registry, tree
from minikeras.layers.layer import Layer
from minikeras.layers.rnn.cell_calls import call_cell
from minikeras.layers.rnn.recurrent_cell import RecurrentCell


class StackedRNNCells(Layer):
    """Several cells as one: in each time step the output of a cell feeds the next.

    The states are a list with those of each cell. Every cell needs `call` and
    `state_size`, or ValueError.
    """

    def __init__(self, cells, **kwargs):
        super().__init__(**kwargs)
        for needed in ("call", "state_size"):
            for cell in cells:
                if not hasattr(cell, needed):
                    raise ValueError(
                        f"All cells of {type(self).__name__} must have `{needed}`. "
                        f"Received a cell without: {cell!r}"
                    )
        if not cells:
            raise ValueError(
                f"{type(self).__name__} needs at least one cell. Received: {cells!r}"
            )
        self.cells = cells

    @property
    def state_size(self):
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self):
        return _output_size(self.cells[-1])

    @property
    def _repeats(self) -> bool:
        ours = all(isinstance(cell, Layer) for cell in self.cells)
        return ours and super()._repeats

    def get_initial_state(self, batch_size=None):
        return [self._first_state(cell, batch_size) for cell in self.cells]

    def _first_state(self, cell, batch_size):
        if hasattr(cell, "get_initial_state"):
            return cell.get_initial_state(batch_size=batch_size)
        return tree.map_structure(
            lambda size: ops.zeros((batch_size, size), dtype=self.dtype),
            cell.state_size,
        )

    def build(self, input_shape):
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
                cell.built = True
            input_shape = (input_shape[0], _output_size(cell))

    def call(self, inputs, states, training=False):
        new_states = []
        for cell, state in zip(self.cells, states, strict=True):
            several = tree.is_nested(state)
            given = _as_list(state)
            inputs, state = call_cell(cell, inputs, given, training=training)
            new_states.append(state if several else tree.flatten(state)[0])
        return inputs, new_states

    def has_op(self, training) -> bool:
        """Whether `whole_sequence` gives what `call` step by step would."""
        return type(self) is StackedRNNCells and all(
            isinstance(cell, RecurrentCell) and not cell.draws and cell.has_op(training)
            for cell in self.cells
        )

    def whole_sequence(
        self,
        sequences,
        states,
        wants_states,
        mask=None,
        return_sequences=False,
        go_backwards=False,
    ) -> tuple:
        """Of RecurrentCell: each cell goes over all the steps before the next one."""
        last_states = []
        for number, cell in enumerate(self.cells):
            is_last = number == len(self.cells) - 1
            sequences, last = cell.whole_sequence(
                sequences,
                _as_list(states[number]) if states else None,
                wants_states,
                mask=mask,
                return_sequences=return_sequences or not is_last,
                go_backwards=go_backwards and not number,
            )
            if go_backwards and not number and mask is not None:
                mask = ops.flip(mask, 1)
            if wants_states:
                several = tree.is_nested(cell.state_size)
                last_states.append(last if several else last[0])
        return sequences, last_states if wants_states else None

    def get_config(self):
        cells = [registry.serialize(cell) for cell in self.cells]
        return super().get_config() | {"cells": cells}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        cells = [
            registry.deserialize(cell, custom_objects=custom_objects)
            for cell in config["cells"]
        ]
        return super().from_config(config | {"cells": cells})


def _as_list(state) -> list:
    return list(state) if tree.is_nested(state) else [state]


def _output_size(cell) -> int:
    size = getattr(cell, "output_size", None)
    return tree.flatten(cell.state_size)[0] if size is None else size
