"""What a functional model of a draw has in it, for the tables and the tests."""

import re
from collections.abc import Iterator

from parity.fuzz.spec import Again, Chain, Code, Draw, Graph, Net, Node, calls_in

KINDS = (
    "Penalty (add_loss)",
    "Sequential inside",
    "clone",
    "config",
    "cut",
    "frozen model",
    "functional in Sequential",
    "functional inside",
    "indexing",
    "inputs by dict",
    "inputs by list",
    "inputs by names",
    "json",
    "mask",
    "merge of branches",
    "no loss for an output",
    "operators",
    "outputs by dict",
    "outputs by list",
    "outputs by names",
    "saved",
    "shared layer",
    "shared model",
    "several outputs inside",
    "summary",
)


def graph_kinds(draw: Draw) -> set[str]:
    graph = draw.graph
    if graph is None:
        return set()
    found = set(graph.trips)
    found |= {name for name in ("cut", "saved", "summary") if getattr(graph, name)}
    if len(graph.sources) > 1:
        found.add(f"inputs by {graph.given}")
    if len(draw.heads) > 1:
        found.add(f"outputs by {graph.taken}")
        if any(head.loss is None for head in draw.heads):
            found.add("no loss for an output")
    calls = list(calls_in(graph))
    if any(call.name == "Penalty" for call in calls):
        found.add("Penalty (add_loss)")
    if any(c.name == "Masking" or c.options.get("mask_zero") for c in calls):
        found.add("mask")
    made = {node.name: node.made for node in all_nodes(graph.nodes)}
    for node in all_nodes(graph.nodes):
        found.update(_of_node(node, made))
    return found


def ops_of(graph: Graph) -> set[str]:
    """The functions of `ops` that stand between its layers."""
    texts = [n.made for n in all_nodes(graph.nodes) if isinstance(n.made, Code)]
    return {name for text in texts for name in re.findall(r"ops\.(\w+)", text)}


def all_nodes(parts: tuple) -> Iterator[Node]:
    """The nodes, and those of the models among them."""
    for part in parts:
        made = part
        if isinstance(part, Node):
            yield part
            made = part.made
        if isinstance(made, Net):
            yield from all_nodes(made.nodes)
        elif isinstance(made, Chain):
            yield from all_nodes(made.parts)


def _of_node(node: Node, made: dict) -> Iterator[str]:
    what = node.made
    if isinstance(what, Again):
        shared = isinstance(made[what.name], (Chain, Net))
        yield "shared model" if shared else "shared layer"
    elif isinstance(what, Code):
        if "ops." not in what:
            yield "indexing" if "[" in what else "operators"
    elif isinstance(what, Chain):
        yield "Sequential inside"
        if any(isinstance(part, Net) for part in what.parts):
            yield "functional in Sequential"
    elif isinstance(what, Net):
        yield "functional inside"
        if len(what.outputs) > 1:
            yield "several outputs inside"
    elif len(node.inputs) > 1:
        yield "merge of branches"
    if isinstance(what, (Chain, Net)) and what.frozen:
        yield "frozen model"
