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
ANY = (1, 2, 3)
LARGEST = 600  # entries of a row: larger ones only cost time


def entry(name: str, ranks: tuple[int, ...]):
    """Puts a function into the table for rows of so many axes."""

    def put(function: Entry) -> Entry:
        TABLE[name] = ranks, function
        return function

    return put


def layer(name: str, options: dict) -> Call:
    return Call(f"layers.{name}", options)


def candidates(shape: Shape) -> list[str]:
    return [name for name, (ranks, _) in TABLE.items() if len(shape) in ranks]
