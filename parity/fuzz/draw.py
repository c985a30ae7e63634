"""Puts a draw together: the same seed and index give the same draw."""

import math
from dataclasses import replace

from parity.fuzz import bodies, heads, training
from parity.fuzz.dice import Dice
from parity.fuzz.graph_draw import graph_draw
from parity.fuzz.spec import Call, Draw, Fork, Head, Layers, Node, calls_in
from parity.fuzz.text import LATER_BATCH, script

LONGEST, WIDEST = 40, 160  # lines of a script, and their columns
LONGEST_GRAPH = 50


def draw(seed: int, index: int) -> Draw:
    """The first with a script that is short enough to be read; of a functional model
    for every even index."""
    dice = Dice(seed, index)
    make, longest = (_draw, LONGEST) if index % 2 else (_functional, LONGEST_GRAPH)
    while True:
        found = make(dice)
        if found.graph and any(map(_stops_onednn, calls_in(found.graph))):
            continue
        lines = script(found).splitlines()
        if len(lines) <= longest and max(map(len, lines)) <= WIDEST:
            return found


def _draw(dice: Dice) -> Draw:
    lines, first, start = bodies.data(dice)
    forked, two, network = dice.chance(0.25), dice.chance(0.15), dice.chance(0.15)
    built = not (forked or two or network) and dice.chance(0.5)
    count = dice.integer(1, 2 if forked else 5)
    layers, shape = bodies.body(dice, start, count, built)
    fork: Fork | None = None
    after: Layers = ()
    if forked:
        fork, shape = bodies.fork(dice, shape)
        after, shape = bodies.body(dice, shape, dice.integer(0, 1), built)
    if len(shape) > 1 and dice.chance(0.8 if len(shape) == 2 else 0.95):
        last, shape = bodies.reducer(dice, shape)
        after += last
    found = _heads(dice, shape, 2 if two else 1)
    rows = dice.integer(17, 40)
    only = None if two else found[0]
    drawn = Draw(
        seed=dice.integer(0, 999),
        rows=rows,
        data=lines,
        before=first + layers,
        fork=fork,
        after=after,
        heads=found,
        network=network,
        built=bodies.input_shape(first, start) if built else None,
        optimizer=_optimizer(dice, first),
        compile=_compile(dice, found),
        fit=training.fit(dice, rows, _weights(only, shape), heads.class_count(only)),
        calls=_calls(dice, two),
    )
    return _sound(drawn)


def _stops_onednn(call: Call) -> bool:
    """If its input is a single pixel, that is (docs/parity.md)."""
    one = call.options.get("kernel_size") in (1, (1, 1))
    return one and call.name.startswith("SeparableConv")


def _functional(dice: Dice) -> Draw:
    def finish(dice: Dice, nodes: tuple[Node, ...], found: tuple[Head, ...]):
        optimizer = _optimizer(dice, tuple(calls_in(nodes)), ("centered",))
        return optimizer, _compile(dice, found)

    return _sound(graph_draw(dice, finish))


def _sound(drawn: Draw) -> Draw:
    if any(call.name == "BatchNormalization" for call in calls_in(drawn)):
        return _without_batches_of_one_row(drawn)
    return drawn


def _without_batches_of_one_row(drawn: Draw) -> Draw:
    """One row is its own mean: tf.keras normalises it to rounding errors instead of
    zeros (docs/differences.md), of which a later layer may make numbers of size 1."""
    rows = drawn.rows + (drawn.rows % LATER_BATCH == 1)
    trained = math.floor(rows * (1 - drawn.fit.get("validation_split", 0)))
    size = drawn.fit["batch_size"]
    while trained % size == 1:
        size += 1
    return replace(drawn, rows=rows, fit={**drawn.fit, "batch_size": size})


def _calls(dice: Dice, two: bool) -> tuple[str, ...]:
    """What follows fit, in the order of the choices."""
    choices = ["evaluate", "predict", "evaluate", "predict", "fit"]
    if not two:
        choices += ["train_on_batch", "test_on_batch", "predict_on_batch"]
    return tuple(dict.fromkeys(dice.sample(choices, 3)))


def _heads(dice: Dice, shape, count: int) -> tuple[Head, ...]:
    kinds = [k for k in heads.KINDS if k != "circle" or len(shape) == 1]
    return tuple(heads.head(dice, shape, dice.pick(kinds)) for _ in range(count))


def _optimizer(dice: Dice, first: Layers, also: tuple[str, ...] = ()):
    """Without what tf.keras cannot do with the gradient of an Embedding: divide it by
    the scale of the loss, and `also` what it cannot with some (docs/differences.md)."""
    found = training.optimizer(dice)
    if isinstance(found, Call) and any(layer.name == "Embedding" for layer in first):
        left_out = ("loss_scale_factor", *also)
        kept = {k: v for k, v in found.options.items() if k not in left_out}
        return Call(found.path, kept)
    return found


def _compile(dice: Dice, found: tuple[Head, ...]) -> dict:
    if len(found) > 1:
        weights = [0.5, 2.0, 1.5][: len(found)]
        return dice.options(0.5, loss_weights=lambda: weights)
    labels = found[0].target[0].startswith("y = random.randint")
    return dice.options(0.1, weighted_metrics=lambda: ["accuracy" if labels else "mae"])


def _weights(head: Head | None, shape) -> str | None:
    """The size of sample weights: one for each loss of a row."""
    if head is None:
        return None
    inner = ", ".join(map(str, shape[:-1]))
    return f"(rows, {inner})" if inner else "rows"
