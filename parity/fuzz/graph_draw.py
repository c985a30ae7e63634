"""Draws of functional models: inputs, a graph, heads, and trips of the model."""

from dataclasses import replace

from parity.fuzz import bodies, heads, training
from parity.fuzz.dice import Dice
from parity.fuzz.graph_nodes import Growth, Names, named, reduced
from parity.fuzz.shapes import Shape
from parity.fuzz.spec import Again, Call, Draw, Graph, Head, Layers, Node, Source


def graph_draw(dice: Dice, finish) -> Draw:
    """`finish(dice, nodes, heads)` gives the optimizer and compile's other settings."""
    growth = Growth(dice, Names())
    count = dice.pick([1, 1, 1, 2, 2, 3])
    sources = tuple(_source(dice, growth, number) for number in range(1, count + 1))
    growth.grow(dice.integer(2, 7))
    most = dice.pick([1, 1, 2, 2, 3])
    at = tuple(_head_place(dice, growth, end) for end in growth.join(most))
    while len(at) < most and dice.chance(0.7):
        at += (dice.pick(at),)
    found = tuple(_head(dice, growth.shapes[name]) for name in at)
    found = _partial(dice, found)
    nodes = tuple(growth.nodes)
    cut = _cut(dice, nodes)
    graph = Graph(
        sources=sources,
        nodes=named(nodes, cut, "cut") if cut else nodes,
        heads_at=at,
        given=dice.pick(["list", "dict", "names"]) if count > 1 else "list",
        taken=_taken(dice, len(found)),
        trips=tuple(t for t in ("clone", "config", "json") if dice.chance(0.12)),
        cut=cut is not None,
        saved=dice.chance(0.2),
        summary=dice.chance(0.15),
    )
    rows = dice.integer(17, 40)
    optimizer, settings = finish(dice, nodes, found)
    return Draw(
        seed=dice.integer(0, 999),
        rows=rows,
        data=(),
        before=(),
        heads=found,
        optimizer=optimizer,
        compile=settings,
        fit=_fit(dice, rows, graph, found, [growth.shapes[name] for name in at]),
        calls=_calls(dice, graph),
        graph=graph,
    )


def _source(dice: Dice, growth: Growth, number: int) -> Source:
    """An input, and the layers that its kind of data asks for."""
    name = f"in{number}"
    if dice.chance(0.1):
        # Rows of one number each: the model adds the axis.
        lines: tuple[str, ...] = ("x = random.normal(size=rows)",)
        first: Layers = ()
        shape: Shape = (1,)
    else:
        lines, first, shape = bodies.data(dice)
    made = lines[0]
    outer = bodies.input_shape(first, shape)
    dtype = None
    if "randint" in made and dice.chance(0.5):
        dtype = "uint8" if "uint8" in made else "int32"
    growth.start(name, outer)
    below = name
    for call in first:
        below = growth.add(call, (below,), shape)
    if first:  # whole numbers go nowhere else
        del growth.shapes[name]
    return Source(name, lines, outer, dtype)


def _head_place(dice: Dice, growth: Growth, end: str) -> str:
    """Mostly a tensor of one axis, now and then one with an output for each step."""
    rank = len(growth.shapes[end])
    if rank > 1 and dice.chance(0.8 if rank == 2 else 0.95):
        return reduced(growth, end)
    return end


def _head(dice: Dice, shape: Shape) -> Head:
    kinds = [k for k in heads.KINDS if k != "circle"]
    return heads.head(dice, shape, dice.pick(kinds))


def _partial(dice: Dice, found: tuple[Head, ...]) -> tuple[Head, ...]:
    """Now and then the last of several outputs has no loss."""
    if len(found) > 1 and dice.chance(0.1):
        return (*found[:-1], replace(found[-1], loss=None))
    return found


def _taken(dice: Dice, count: int) -> str:
    if count == 1:
        return "dict" if dice.chance(0.1) else "list"
    return dice.pick(["list", "dict", "names"])


def _cut(dice: Dice, nodes: tuple[Node, ...]) -> str | None:
    """A layer that is called once, for a model that ends there."""
    again = {node.made.name for node in nodes if isinstance(node.made, Again)}
    choices = [
        node.name
        for node in nodes
        if isinstance(node.made, Call) and node.name not in again
    ]
    return dice.pick(choices) if choices and dice.chance(0.3) else None


def _fit(dice: Dice, rows: int, graph: Graph, found: tuple, shapes: list) -> dict:
    """class_weight goes with one output that stands alone."""
    alone = len(found) == 1 and graph.taken == "list"
    classes = heads.class_count(found[0]) if alone else None
    options = training.fit(dice, rows, None, classes)
    if "validation_split" not in options and dice.chance(0.2):
        options["validation_data"] = 7
    if "class_weight" not in options and dice.chance(0.2):
        sizes = [", ".join(map(str, ("rows", *shape[:-1]))) for shape in shapes]
        sizes = [f"({size})" if "," in size else size for size in sizes]
        options["sample_weight"] = tuple(sizes)
    return options


def _calls(dice: Dice, graph: Graph) -> tuple[str, ...]:
    choices = ["evaluate", "predict", "evaluate", "predict", "fit"]
    choices += ["train_on_batch", "test_on_batch", "predict_on_batch"]
    found = tuple(dict.fromkeys(dice.sample(choices, 3)))
    return found or (("predict",) if graph.saved and not graph.cut else ())
