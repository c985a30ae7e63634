"""Smaller functional models of a draw.

Whatever nothing depends on any more goes with what is taken away; a layer of which the
first call goes is made where it is called next.
"""

from collections.abc import Iterator
from dataclasses import replace

from parity.fuzz.plainer import plainer, plainer_ones, shorter
from parity.fuzz.spec import Again, Call, Chain, Code, Draw, Graph, Net, Node, Source

Ends = tuple[str, ...]
Part = tuple[tuple[Node, ...], Ends]  # nodes, and which of them are asked for


def simpler_graphs(draw: Draw) -> Iterator[Draw]:
    graph = draw.graph
    yield from (replace(draw, graph=found) for found in _without_trips(graph))
    if len(graph.heads_at) == 1:
        yield from (replace(draw, graph=found) for found in _ended_earlier(graph))
    yield from (replace(draw, graph=found) for found in _begun_later(graph))
    for nodes, ends in _smaller((graph.nodes, graph.heads_at)):
        changed = replace(graph, nodes=nodes, heads_at=ends)
        yield replace(draw, graph=_connected(changed))
    for number, source in enumerate(graph.sources):
        plain = _plain_source(source.name, source.shape)
        if source != plain:
            sources = graph.sources[:number] + (plain,) + graph.sources[number + 1 :]
            yield replace(draw, graph=replace(graph, sources=sources))


def only_head(graph: Graph, number: int) -> Graph:
    """With that head alone."""
    at = graph.heads_at[number : number + 1]
    taken = graph.taken if graph.taken == "dict" else "list"
    return _connected(replace(graph, heads_at=at, taken=taken))


_PLAIN = {
    "trips": (),
    "saved": False,
    "cut": False,
    "summary": False,
    "given": "list",
    "taken": "list",
}


def _without_trips(graph: Graph) -> Iterator[Graph]:
    changes = {k: v for k, v in _PLAIN.items() if getattr(graph, k) != v}
    if len(changes) > 1:
        yield replace(graph, **changes)
    for name, plain in changes.items():
        yield replace(graph, **{name: plain})
    if len(graph.trips) > 1:
        yield from (replace(graph, trips=(trip,)) for trip in graph.trips)


def _ended_earlier(graph: Graph) -> Iterator[Graph]:
    """The head upon a node of the same axes, which its target has too."""
    shapes = {thing.name: thing.shape for thing in (*graph.sources, *graph.nodes)}
    at = graph.heads_at[0]
    axes = (shapes[at] or (0,))[:-1]
    for name, shape in shapes.items():
        if name != at and shape and shape[:-1] == axes:
            yield _connected(replace(graph, heads_at=(name,)))


def _begun_later(graph: Graph) -> Iterator[Graph]:
    """An input in the place of a node."""
    taken = {source.name for source in graph.sources}
    free = next(n for n in range(1, 99) if f"in{n}" not in taken)
    for node in reversed(graph.nodes):
        if node.shape:
            source = _plain_source(f"in{free}", node.shape)
            nodes, ends = _renamed(graph.nodes, graph.heads_at, node.name, source.name)
            sources = (*graph.sources, source)
            changed = replace(graph, sources=sources, nodes=nodes, heads_at=ends)
            yield _connected(changed)


def _plain_source(name: str, shape: tuple[int, ...]) -> Source:
    size = ", ".join(map(str, ("rows", *shape)))
    line = f'x = random.normal(size=({size})).astype("float32")'
    return Source(name, (line,), shape)


def _connected(graph: Graph) -> Graph:
    """Without the nodes and inputs that no head depends on."""
    nodes, ends = _pruned((graph.nodes, graph.heads_at))
    used = {name for node in nodes for name in node.inputs} | set(ends)
    cut = graph.cut and any(
        isinstance(node.made, Call) and node.made.options.get("name") == "cut"
        for node in nodes
    )
    sources = tuple(source for source in graph.sources if source.name in used)
    return replace(graph, sources=sources, nodes=nodes, heads_at=ends, cut=cut)


def _pruned(part: Part) -> Part:
    nodes, ends = part
    wanted = set(ends)
    for node in reversed(nodes):
        if node.name in wanted:
            wanted.update(node.inputs)
    made = {node.name: node.made for node in nodes}
    owner: dict[str, str] = {}
    kept = []
    for node in nodes:
        if node.name not in wanted:
            continue
        if isinstance(node.made, Again):
            first = node.made.name
            if first not in wanted and first not in owner:
                owner[first] = node.name
                node = replace(node, made=made[first])
            elif first in owner:
                node = replace(node, made=Again(owner[first]))
        kept.append(node)
    return tuple(kept), ends


def _renamed(nodes: tuple[Node, ...], ends: Ends, old: str, new: str) -> Part:
    """With another tensor wherever that one went in."""
    changed = tuple(
        replace(node, inputs=tuple(new if n == old else n for n in node.inputs))
        for node in nodes
    )
    return changed, tuple(new if name == old else name for name in ends)


def _smaller(part: Part) -> Iterator[Part]:
    """A node less, or a simpler one."""
    nodes, ends = part
    for node in reversed(nodes):
        for name in node.inputs:
            yield _pruned(_renamed(nodes, ends, node.name, name))
    for place, node in enumerate(nodes):
        for found in _simpler_node(node, nodes):
            yield (*nodes[:place], *found, *nodes[place + 1 :]), ends
        if isinstance(node.made, Net):
            yield from _inlined(part, place)


def _simpler_node(node: Node, nodes: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    """The nodes that may stand for one."""
    made = node.made
    if isinstance(made, Again):
        own = next(other.made for other in nodes if other.name == made.name)
        yield (replace(node, made=own),)
    elif isinstance(made, Call):
        if len(node.inputs) > 2:
            yield (replace(node, inputs=node.inputs[:2]),)
        for call in plainer(made):
            yield (replace(node, made=call),)
    elif isinstance(made, Chain):
        if len(made.parts) == 1:
            yield (replace(node, made=made.parts[0]),)
        for parts in (*shorter(made.parts), *plainer_ones(made.parts)):
            if parts:
                yield (replace(node, made=replace(made, parts=parts)),)
    elif isinstance(made, Net):
        for inner, ends in _smaller((made.nodes, made.outputs)):
            yield (replace(node, made=replace(made, nodes=inner, outputs=ends)),)
    if isinstance(made, (Chain, Net)) and made.frozen:
        yield (replace(node, made=replace(made, frozen=False)),)


def _inlined(part: Part, place: int) -> Iterator[Part]:
    """The nodes of a model where it is called, if that is once."""
    nodes, ends = part
    node = nodes[place]
    if any(isinstance(n.made, Again) and n.made.name == node.name for n in nodes):
        return
    inner, outputs = node.made.nodes, node.made.outputs
    for (name, _), outer in zip(node.made.inputs, node.inputs, strict=True):
        inner, outputs = _renamed(inner, outputs, name, outer)
    following = nodes[place + 1 :]
    if len(outputs) == 1:
        following, ends = _renamed(following, ends, node.name, outputs[0])
    for number, output in enumerate(outputs):
        picks = Code(f"{{0}}[{number}]"), (node.name,)
        for other in following:
            if (other.made, other.inputs) == picks:
                following, ends = _renamed(following, ends, other.name, output)
    yield _pruned(((*nodes[:place], *inner, *following), ends))
