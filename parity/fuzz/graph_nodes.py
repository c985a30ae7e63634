"""The nodes of a functional model, drawn one after the other."""

from dataclasses import dataclass, field, replace

from parity.fuzz import bodies, graph_table
from parity.fuzz.dice import Dice
from parity.fuzz.layer_table import LARGEST, TABLE, candidates, layer
from parity.fuzz.shapes import Shape, product
from parity.fuzz.spec import Again, Call, Chain, Code, Net, Node, calls_in

_DEEPEST = 2  # models within models


@dataclass
class Names:
    """h1, h2… in the order in which they are asked for, in all models of a draw."""

    count: int = 0

    def new(self) -> str:
        self.count += 1
        return f"h{self.count}"


@dataclass
class Growth:
    """A graph that grows; `shapes` has the tensors that can be used, `loose` the names
    of those that nothing uses yet."""

    dice: Dice
    names: Names
    shapes: dict[str, Shape] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    depth: int = 0

    def start(self, name: str, shape: Shape) -> None:
        self.shapes[name] = shape
        self.loose.append(name)

    def add(self, made, inputs: tuple[str, ...], shape: Shape | None) -> str:
        node = Node(self.names.new(), made, inputs, shape)
        self.nodes.append(node)
        self.loose = [name for name in self.loose if name not in inputs]
        if shape is not None:
            self.start(node.name, shape)
        return node.name

    def pick(self) -> str:
        """A tensor to go on from: mostly one that leads nowhere yet."""
        if self.dice.chance(0.75) and self.loose:
            return self.dice.pick(self.loose)
        return self.dice.pick(list(self.shapes))

    def grow(self, count: int) -> None:
        """So many times one of the kinds below; one that does not fit is left out."""
        for _ in range(count):
            self.dice.pick(_KINDS)(self)

    def join(self, most: int) -> list[str]:
        """Merges what leads nowhere until there are at most so many ends."""
        while len(self.loose) > most:
            _merge(self, self.loose[0], self.loose[1])
        return list(self.loose)


def _fits(shape: Shape | None) -> bool:
    return shape is not None and 1 <= len(shape) <= 4 and product(shape) <= LARGEST


def _has_lambda(made) -> bool:
    """A lambda is no part of a config that can be read again."""
    return any(call.name == "Lambda" for call in calls_in(made))


def _layer(growth: Growth) -> None:
    source = growth.pick()
    for _ in range(20):
        name = growth.dice.pick(candidates(growth.shapes[source]))
        drawn = TABLE[name][1](growth.dice, growth.shapes[source])
        if drawn and _fits(drawn[1]) and not _has_lambda(drawn[0]):
            growth.add(drawn[0], (source,), drawn[1])
            return


def _of_one(growth: Growth) -> None:
    source = growth.pick()
    text, made = growth.dice.pick(graph_table.OF_ONE)
    shape = made(growth.shapes[source])
    if _fits(shape):
        growth.add(Code(text), (source,), shape)


def _of_two(growth: Growth) -> None:
    left = growth.pick()
    shape = growth.shapes[left]
    alike = [n for n, s in growth.shapes.items() if s == shape and n != left]
    if not alike:
        return _branches(growth)
    text, made = growth.dice.pick(graph_table.OF_TWO)
    if _fits(made(shape)):
        growth.add(Code(text), (left, growth.dice.pick(alike)), made(shape))


def _branches(growth: Growth) -> None:
    """Two ways from one tensor, which a layer merges."""
    source = growth.pick()
    fork, shape = bodies.fork(growth.dice, growth.shapes[source])
    if _has_lambda(fork) or not _fits(shape) or not (fork.left or fork.right):
        return
    ends = []
    for branch in (fork.left, fork.right):
        made = branch[0] if len(branch) == 1 else Chain(branch)
        ends.append(growth.add(made, (source,), None) if branch else source)
    growth.add(fork.merge, tuple(ends), shape)


def _merged(growth: Growth) -> None:
    if len(growth.shapes) > 1:
        left = growth.pick()
        others = [name for name in growth.shapes if name != left]
        _merge(growth, left, growth.dice.pick(others))


def _merge(growth: Growth, left: str, right: str) -> None:
    """One layer's output of the two, made alike first where they are not."""
    dice, shapes = growth.dice, growth.shapes
    if shapes[left][:-1] != shapes[right][:-1]:
        left, right = _of_one_lead(growth, left, right)
    a, b = shapes[left], shapes[right]
    if a != b or dice.chance(0.4):
        axis = 1 if a[1:] and a == b and dice.chance(0.4) else -1
        options = {"axis": 1} if axis == 1 else {}
        joined = (2 * a[0], *a[1:]) if axis == 1 else (*a[:-1], a[-1] + b[-1])
        growth.add(layer("Concatenate", options), (left, right), joined)
        return
    name = dice.pick((*bodies.MERGES, "Dot"))
    if name == "Dot" and len(a) < 3:
        joined = (1,) if len(a) == 1 else (a[0], a[0])
        growth.add(layer("Dot", {"axes": len(a)}), (left, right), joined)
        return
    name = "Add" if name == "Dot" else name
    inputs: tuple[str, ...] = (left, right)
    if name != "Subtract" and dice.chance(0.2):
        inputs += (dice.pick([n for n, s in shapes.items() if s == a]),)
    growth.add(layer(name, {}), inputs, a)


def _of_one_lead(growth: Growth, left: str, right: str) -> tuple[str, str]:
    """Two tensors in the place of these, alike but for their last axes."""
    a, b = growth.shapes[left], growth.shapes[right]
    if len(a) == 2 and len(b) == 1:
        return left, _repeated(growth, right, a[0])
    if len(b) == 2 and len(a) == 1:
        return _repeated(growth, left, b[0]), right
    return reduced(growth, left), reduced(growth, right)


def _repeated(growth: Growth, name: str, count: int) -> str:
    shape = (count, *growth.shapes[name])
    return growth.add(layer("RepeatVector", {"n": count}), (name,), shape)


def reduced(growth: Growth, name: str) -> str:
    """A tensor of one axis; large ones are made small, or the next merge would not
    fit."""
    calls, shape = bodies.reducer(growth.dice, growth.shapes[name])
    for call in calls:
        name = growth.add(call, (name,), shape)
    if product(shape) > LARGEST // 4:
        units = growth.dice.integer(2, 6)
        name = growth.add(layer("Dense", {"units": units}), (name,), (units,))
    return name


def _shared(growth: Growth) -> None:
    """A layer or model that is there already, on other inputs of the same shapes."""
    shapes = growth.shapes
    choices = []
    for node in growth.nodes:
        if isinstance(node.made, (Code, Again)) or node.shape is None:
            continue
        if len(node.inputs) == 1:
            wanted = shapes.get(node.inputs[0])
            others = [n for n, s in shapes.items() if s == wanted]
            others = [n for n in others if n != node.inputs[0]]
            choices += [(node, other) for other in others]
    if choices:
        node, other = growth.dice.pick(choices)
        growth.add(Again(node.name), (other,), node.shape)
    else:
        _twice(growth)


def _twice(growth: Growth) -> None:
    """A layer on a tensor and on a function of it."""
    source, units = growth.pick(), growth.dice.integer(1, 5)
    before = growth.shapes[source]
    after = (*before[:-1], units)
    if not _fits(after):
        return
    first = growth.add(layer("Dense", {"units": units}), (source,), after)
    other = growth.add(Code("1.0 - {0}"), (source,), before)
    growth.add(Again(first), (other,), after)


def _chain(growth: Growth) -> None:
    """A Sequential, with a functional model in it now and then."""
    source, dice = growth.pick(), growth.dice
    layers, shape = bodies.body(dice, growth.shapes[source], dice.integer(1, 3), True)
    parts: tuple = layers
    if growth.depth + 1 < _DEEPEST and dice.chance(0.4):
        net, shape = _net(growth, (shape,), 1)
        parts += (net,)
    if _has_lambda(parts) or not _fits(shape):
        return
    growth.add(Chain(parts, dice.chance(0.1)), (source,), shape)


def _nested(growth: Growth) -> None:
    """A functional model of one or two inputs, with one or two outputs."""
    if growth.depth + 1 >= _DEEPEST:
        return
    dice, first = growth.dice, growth.pick()
    inputs = (first,)
    if dice.chance(0.3):
        second = growth.pick()
        inputs = (first, second) if second != first else inputs
    shapes = tuple(growth.shapes[name] for name in inputs)
    net, made = _net(growth, shapes, 2 if dice.chance(0.3) else 1)
    if len(net.outputs) == 1:
        growth.add(net, inputs, made)
        return
    several = growth.add(net, inputs, None)
    ends = {node.name: node.shape for node in net.nodes}
    for place, name in enumerate(net.outputs):
        growth.add(Code(f"{{0}}[{place}]"), (several,), ends[name])


def _net(growth: Growth, shapes: tuple, most: int) -> tuple[Net, Shape]:
    """A functional model for such inputs, and the shape of its first output."""
    dice = growth.dice
    inner = Growth(dice, growth.names, depth=growth.depth + 1)
    inputs = tuple((inner.names.new(), shape) for shape in shapes)
    for name, shape in inputs:
        inner.start(name, shape)
    inner.grow(dice.integer(1, 3))
    ends = inner.join(most)
    given = [name for name, _ in inputs]
    ends = [e if e not in given else _pass(inner, e) for e in ends]
    net = Net(inputs, tuple(inner.nodes), tuple(ends), dice.chance(0.1))
    return net, inner.shapes[ends[0]]


def _pass(growth: Growth, name: str) -> str:
    """An output that is more than an input."""
    return growth.add(layer("ReLU", {}), (name,), growth.shapes[name])


def _penalty(growth: Growth) -> None:
    source = growth.pick()
    growth.add(Call("Penalty"), (source,), growth.shapes[source])


_KINDS = (
    *[_layer] * 8,
    *[_of_one] * 4,
    *[_of_two] * 3,
    *[_merged] * 2,
    *[_branches] * 2,
    *[_shared] * 3,
    *[_chain] * 2,
    *[_nested] * 3,
    _penalty,
)


def named(nodes: tuple[Node, ...], name: str, label: str) -> tuple[Node, ...]:
    """With a name for the layer of that node."""
    found = []
    for node in nodes:
        if node.name == name:
            options = {**node.made.options, "name": label}
            node = replace(node, made=replace(node.made, options=options))
        found.append(node)
    return tuple(found)
