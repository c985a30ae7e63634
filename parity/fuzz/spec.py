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
class Again:
    """The layer or model of an earlier node, called once more."""

    name: str


@dataclass(frozen=True)
class Chain:
    """A Sequential within a graph: of layers and functional models."""

    parts: tuple
    frozen: bool = False


@dataclass(frozen=True)
class Net:
    """A functional model within a graph: its inputs by name and shape, its outputs
    by name. With several outputs it gives a list."""

    inputs: tuple[tuple[str, tuple[int, ...]], ...]
    nodes: "tuple[Node, ...]"
    outputs: tuple[str, ...]
    frozen: bool = False


@dataclass(frozen=True)
class Node:
    """A line of a graph: what is `made` (a Call, Again, Chain or Net) called on the
    inputs, or Code such as "{0} * {1}" with their names in it.

    `shape` is that of a row of what it gives, None for the list of a Net.
    """

    name: str
    made: Any
    inputs: tuple[str, ...]
    shape: tuple[int, ...] | None


@dataclass(frozen=True)
class Source:
    """An input: the lines that make its `x`, the shape of a row and the dtype of the
    Input, None where none is stated."""

    name: str
    data: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str | None = None


@dataclass(frozen=True)
class Graph:
    """A functional model. `heads_at` names the node below each head.

    `given` and `taken` say how inputs and outputs are put together: "list", "dict",
    or "names" (lists in the model, dicts by name of what it gets). `trips` come
    before compile ("clone", "config", "json"), `saved` and `cut` after fit: a trip
    through a file, and a model up to the layer named "cut".
    """

    sources: tuple[Source, ...]
    nodes: tuple[Node, ...]
    heads_at: tuple[str, ...]
    given: str = "list"
    taken: str = "list"
    trips: tuple[str, ...] = ()
    cut: bool = False
    saved: bool = False
    summary: bool = False


@dataclass(frozen=True)
class Draw:
    """`data` are the lines that make `x`, of which the rows are the first axis.

    The network: an Input of the shape `built` (None: built by the first batch),
    `before`, then the fork if there is one, `after`, then the head or
    the two heads. `network` asks for a subclass of Model where Sequential would do.
    A `graph` stands for all before the heads, `data` included.
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
    graph: Graph | None = None


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
