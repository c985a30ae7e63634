"""Counterpart: keras/src/layers/rnn/dropout_rnn_cell.py. One mask for all time steps.

The masks are those of the first step: drawn once, kept in the cell, used by every
later step, and dropped by the layer when the sequence is over. A cell that is called
alone keeps them until `reset_dropout_mask`, as in Keras.
"""

import numpy as np

from minikeras.autodiff import Tensor
from minikeras.random import SeedGenerator, dropout


class DropoutRNNCell:
    """What a cell with `dropout`, `recurrent_dropout` and `seed_generator` mixes in.

    `dropout_mask_count` is the number of masks, one for each gate; without it there
    is one for all gates. A mask has 0 where a feature is dropped, else 1/(1 - rate).
    """

    dropout: float
    recurrent_dropout: float
    seed_generator: SeedGenerator
    dropout_mask_count: int | None = None
    _dropout_mask = None
    _recurrent_dropout_mask = None

    @property
    def draws(self) -> bool:
        """Whether a call takes random numbers, which it does even in inference."""
        return self.dropout > 0 or self.recurrent_dropout > 0

    def get_dropout_mask(self, step_input):
        """The mask(s) of the input; drawn if there are none. None without dropout."""
        if self.dropout > 0 and not _fits(self._dropout_mask, step_input):
            self._dropout_mask = self._draw(step_input, self.dropout)
        return self._dropout_mask

    def get_recurrent_dropout_mask(self, step_input):
        """The same for the state."""
        fits = _fits(self._recurrent_dropout_mask, step_input)
        if self.recurrent_dropout > 0 and not fits:
            self._recurrent_dropout_mask = self._draw(
                step_input, self.recurrent_dropout
            )
        return self._recurrent_dropout_mask

    def reset_dropout_mask(self) -> None:
        self._dropout_mask = None

    def reset_recurrent_dropout_mask(self) -> None:
        self._recurrent_dropout_mask = None

    def _draw(self, step_input, rate):
        ones = Tensor(np.ones(step_input.shape, step_input.dtype))
        if self.dropout_mask_count is None:
            return dropout(ones, rate, seed=self.seed_generator)
        return [
            dropout(ones, rate, seed=self.seed_generator)
            for _ in range(self.dropout_mask_count)
        ]


def _fits(mask, step_input) -> bool:
    """Whether there is a mask for inputs of this shape."""
    first = mask[0] if isinstance(mask, list) else mask
    return first is not None and first.shape == step_input.shape
