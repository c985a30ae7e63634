"""The table of layers that can be drawn, filled by the modules layers_*.

An entry draws a layer for inputs of one shape: `entry(dice, shape)` gives the Call
and the shape of its outputs, or None where the layer cannot take that shape.
"""

from collections.abc import Callable

from parity.fuzz.dice import Dice
from parity.fuzz.shapes import Shape
from parity.fuzz.spec import Call

Drawn = tuple[Call, Shape] | None
Entry = Callable[[Dice, Shape], Drawn]
TABLE: dict[str, tuple[tuple[int, ...], Entry]] = {}
HEAVY: set[str] = set()
ANY = (1, 2, 3, 4)
LARGEST = 600  # entries of a row: larger ones only cost time


def entry(name: str, ranks: tuple[int, ...], heavy: bool = False):
    """Puts a function into the table for rows of so many axes."""

    def put(function: Entry) -> Entry:
        TABLE[name] = ranks, function
        if heavy:
            HEAVY.add(name)
        return function

    return put


def layer(name: str, options: dict) -> Call:
    """No softmax of a single number: a constant, in tf.keras but for rounding."""
    width = options.get("units", options.get("filters"))
    if width == 1 and "softmax" in str(options.get("activation")):
        options = {**options, "activation": "tanh"}
    return Call(f"layers.{name}", options)


def candidates(shape: Shape) -> list[str]:
    """What can be drawn for the shape, layers with a kernel three times each."""
    found = [name for name, (ranks, _) in TABLE.items() if len(shape) in ranks]
    return [name for name in found for _ in range(3 if name in HEAVY else 1)]
