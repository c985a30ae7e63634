"""Recurrent layers, their cells and wrappers, masks."""

from parity.fuzz import layer_table
from parity.fuzz import options as o
from parity.fuzz.dice import Dice
from parity.fuzz.layer_table import Drawn, entry, layer
from parity.fuzz.shapes import Shape
from parity.fuzz.spec import Call

KINDS = ("LSTM", "GRU", "SimpleRNN")


def _cell_options(dice: Dice, kind: str) -> tuple[dict, int]:
    units = dice.integer(1, 5)
    smooth = ["relu", "sigmoid", "softsign", "elu", "hard_sigmoid"]
    options = {"units": units}
    options |= dice.options(0.2, activation=lambda: dice.pick(smooth))
    options |= o.of_weights(dice, matrix=True)
    options |= dice.options(
        o.RARE,
        recurrent_initializer=lambda: o.initializer(dice),
        recurrent_regularizer=lambda: o.matrix_regularizer(dice),
        recurrent_constraint=lambda: o.constraint(dice),
        dropout=lambda: 0.3,
        recurrent_dropout=lambda: 0.25,
    )
    if kind != "SimpleRNN":
        options |= dice.options(
            o.RARE, recurrent_activation=lambda: dice.pick(["hard_sigmoid", "tanh"])
        )
    if kind == "LSTM":
        options |= dice.options(0.2, unit_forget_bias=lambda: False)
    if kind == "GRU":
        options |= dice.options(0.3, reset_after=lambda: False)
    return options, units


def _layer_options(dice: Dice) -> dict:
    return dice.options(0.5, return_sequences=lambda: True) | dice.options(
        0.15, go_backwards=lambda: True, unroll=lambda: True
    )


def _outputs(options: dict, shape: Shape, units: int) -> Shape:
    return (shape[0], units) if options.get("return_sequences") else (units,)


def _recurrent(kind: str):
    def draw(dice: Dice, shape: Shape) -> Drawn:
        options, units = _cell_options(dice, kind)
        options |= _layer_options(dice)
        return layer(kind, options), _outputs(options, shape, units)

    return draw


for kind in KINDS:
    entry(kind, (2,), heavy=True)(_recurrent(kind))


@entry("RNN", (2,), heavy=True)
def rnn(dice: Dice, shape: Shape) -> Drawn:
    """A cell, a list of cells, or StackedRNNCells."""
    cells, units = [], 0
    for _ in range(dice.pick([1, 1, 2])):
        kind = dice.pick(KINDS)
        options, units = _cell_options(dice, kind)
        cells.append(layer(f"{kind}Cell", options))
    cell: Call | list = cells[0]
    if len(cells) > 1:
        stacked = layer("StackedRNNCells", {"cells": cells})
        cell = stacked if dice.chance(0.5) else cells
    options = {"cell": cell, **_layer_options(dice)}
    return layer("RNN", options), _outputs(options, shape, units)


@entry("Bidirectional", (2,), heavy=True)
def bidirectional(dice: Dice, shape: Shape) -> Drawn:
    kind = dice.pick(KINDS)
    options, units = _cell_options(dice, kind)
    options |= dice.options(0.5, return_sequences=lambda: True)
    wrapped = {"layer": layer(kind, options)}
    mode = dice.pick(["concat", "sum", "mul", "ave"])
    wrapped |= {"merge_mode": mode} if mode != "concat" else {}
    if mode == "concat":
        units *= 2
    return layer("Bidirectional", wrapped), _outputs(options, shape, units)


@entry("TimeDistributed", (2, 3, 4), heavy=True)
def time_distributed(dice: Dice, shape: Shape) -> Drawn:
    """Any layer for the rows that a step has, other than a wrapper of steps."""
    inner = [n for n in layer_table.candidates(shape[1:]) if n not in _NOT_BY_STEP]
    drawn = layer_table.TABLE[dice.pick(inner)][1](dice, shape[1:])
    if drawn is None:
        return None
    return layer("TimeDistributed", {"layer": drawn[0]}), (shape[0], *drawn[1])


_NOT_BY_STEP = ("TimeDistributed", "Bidirectional", "RNN", "Masking", "Normalization")


@entry("Masking", (2,))
def masking(dice: Dice, shape: Shape) -> Drawn:
    return layer("Masking", dice.options(0.2, mask_value=lambda: 0.5)), shape
