"""Counterpart: rnn in keras/src/backend/tensorflow/rnn.py. A loop over time steps."""

from minikeras import tree
from minikeras.ops.comparison import where
from minikeras.ops.core import cast
from minikeras.ops.creation import zeros_like
from minikeras.ops.indexing import get_item
from minikeras.ops.joining import stack, unstack


def rnn(
    step,
    inputs,
    initial_states,
    go_backwards=False,
    mask=None,
    zero_output_for_mask=False,
    return_all_outputs=True,
):
    """Calls `output, states = step(inputs[:, t], states)` for each time step t.

    Inputs (batch, time, …), `states` a nest of tensors (batch, …). Where `mask`
    (batch, time) is false a step changes nothing: states stay, and the output is
    the one before (zeros at first, or always with `zero_output_for_mask`).
    `go_backwards` starts with the last step; outputs are in the order of the steps.
    Returns (last output, all outputs (batch, time, …) or None, last states).
    """
    steps = unstack(inputs, axis=1)
    kept = [None] * len(steps) if mask is None else unstack(cast(mask, "bool"), axis=1)
    if go_backwards:
        steps, kept = steps[::-1], kept[::-1]
    states, output, outputs = initial_states, None, []
    for x, keep in zip(steps, kept, strict=True):
        new_output, new_states = step(x, states)
        new_states = tree.pack_sequence_as(states, tree.flatten(new_states))
        if keep is not None:
            if output is None or zero_output_for_mask:
                output = zeros_like(new_output)
            new_output = _choose(keep, new_output, output)
            new_states = tree.map_structure(
                lambda new, old, keep=keep: _choose(keep, new, old), new_states, states
            )
        output, states = new_output, new_states
        if return_all_outputs:
            outputs.append(output)
    return output, stack(outputs, axis=1) if return_all_outputs else None, states


def _choose(keep, new, old):
    """`new` in the rows of the batch where `keep` is true, else `old`."""
    column = get_item(keep, (slice(None), *[None] * (new.ndim - 1)))
    return where(column, new, old)
