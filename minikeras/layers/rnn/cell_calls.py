"""How RNN and StackedRNNCells call a cell, which may be a user's own object."""

from minikeras import tree
from minikeras.layers.layer import Layer
from minikeras.layers.rnn.dropout_rnn_cell import DropoutRNNCell
from minikeras.random import SeedGenerator


def call_cell(cell, inputs, states, **training):
    """(output, new states) of one time step. `training=…` goes to cells that take it;
    without it they see that of the layer around them."""
    call = cell if callable(cell) else cell.call
    if isinstance(cell, Layer) and cell._takes_training:
        return call(inputs, states, **training)
    return call(inputs, states)


def draws(cell) -> bool:
    """Whether a step may take random numbers."""
    if isinstance(cell, DropoutRNNCell):
        return cell.draws
    layers = cell._all_layers() if isinstance(cell, Layer) else []
    return any(
        layer.draws
        if isinstance(layer, DropoutRNNCell)
        else layer._parts(SeedGenerator)
        for layer in layers
    )


def draw_masks(cell, step_input, states) -> None:
    """Draws the dropout masks of a sequence from its first step.

    Stacked cells run that step for it, as in Keras (layers/rnn/rnn.py), where a cell
    with a Dropout layer of its own draws too.
    """
    if isinstance(cell, DropoutRNNCell):
        cell.get_dropout_mask(step_input)
        cell.get_recurrent_dropout_mask(tree.flatten(states)[0])
    for inner, state in zip(getattr(cell, "cells", ()), states, strict=False):
        draw_masks(inner, step_input, state)
        state = list(state) if tree.is_nested(state) else [state]
        step_input, _ = call_cell(inner, step_input, state)


def drop_masks(cell) -> None:
    """Forgets the masks of the sequence that is over."""
    if isinstance(cell, DropoutRNNCell):
        cell.reset_dropout_mask()
        cell.reset_recurrent_dropout_mask()
    for inner in getattr(cell, "cells", ()):
        drop_masks(inner)
