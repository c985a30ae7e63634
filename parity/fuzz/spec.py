"""A draw: what a script consists of, as plain data that can be changed and compared."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


class Code(str):
    """A value that stands in the script as it is, such as a lambda."""


@dataclass(frozen=True)
class Call:
    """A constructor and its arguments by name: numbers, strings, tuples, Calls."""

    path: str  # such as "layers.Dense"
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


Layers = tuple[Call, ...]


@dataclass(frozen=True)
class Head:
    """An output: the lines that make its `y`, its last layers, loss and metrics."""

    target: tuple[str, ...]
    layers: Layers
    loss: Any
    metrics: tuple = ()


@dataclass(frozen=True)
class Fork:
    """Two branches that a layer merges."""

    merge: Call
    left: Layers
    right: Layers


@dataclass(frozen=True)
class Draw:
    """`data` are the lines that make `x`, of which the rows are the first axis.

    The network: an Input of the shape `built` (None: built by the first batch),
    `before`, then the fork if there is one, `after`, then the head or
    the two heads. `network` asks for a subclass of Model where Sequential would do.
    """

    seed: int
    rows: int
    data: tuple[str, ...]
    before: Layers
    heads: tuple[Head, ...]
    optimizer: Any
    fork: Fork | None = None
    after: Layers = ()
    network: bool = False
    built: tuple[int, ...] | None = None
    compile: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)
    calls: tuple[str, ...] = ()  # after fit: "evaluate", "predict_on_batch"…


def calls_in(value: Any) -> Iterator[Call]:
    """All Calls within a draw, a Call, or anything else that holds some."""
    if isinstance(value, Call):
        yield value
        value = tuple(value.options.values())
    elif hasattr(value, "__dataclass_fields__"):
        value = tuple(vars(value).values())
    elif isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from calls_in(part)


def names_in(value: Any) -> Iterator[str]:
    """The strings by which losses, optimizers and so on are named."""
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from names_in(part)
    elif isinstance(value, str) and not isinstance(value, Code):
        yield value


def layer_count(draw: Draw) -> int:
    """How many layers the network has, wrapped ones and a merge included."""
    return sum(call.path.startswith("layers.") for call in calls_in(draw))
