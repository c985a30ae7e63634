"""The nodes of a functional model, drawn one after the other."""

from dataclasses import dataclass, field, replace

from parity.fuzz import bodies, graph_table
from parity.fuzz.dice import Dice
from parity.fuzz.layer_table import LARGEST, TABLE, candidates, layer
from parity.fuzz.shapes import Shape, product
from parity.fuzz.spec import Again, Call, Chain, Code, Net, Node

# Not Lambda: a lambda is no part of a config that can be read again.
# Not Masking in front of what is no sequence: drawn with its data, and in the bodies.
_NOT_DRAWN = ("Lambda",)
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


def _layer(growth: Growth) -> None:
    source = growth.pick()
    for _ in range(20):
        name = growth.dice.pick(candidates(growth.shapes[source]))
        drawn = TABLE[name][1](growth.dice, growth.shapes[source])
        if name in _NOT_DRAWN or drawn is None or not _fits(drawn[1]):
            continue
        if "Lambda" not in str(drawn[0]):  # within a wrapper
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
    ends = []
    for branch in (fork.left, fork.right):
        if "Lambda" in str(branch) or not _fits(shape):
            return
    for branch in (fork.left, fork.right):
        if len(branch) < 2:
            call, end = (branch[0], None) if branch else (None, source)
            ends.append(growth.add(call, (source,), None) if call else end)
        else:
            ends.append(growth.add(Chain(branch), (source,), None))
    if ends[0] == ends[1]:
        return
    growth.add(fork.merge, tuple(ends), shape)


def _merged(growth: Growth) -> None:
    if len(growth.shapes) > 1:
        left = growth.pick()
        others = [name for name in growth.shapes if name != left]
        _merge(growth, left, growth.dice.pick(others))


def _merge(growth: Growth, left: str, right: str) -> None:
    """One layer's output of the two, made alike first where they are not."""
    dice = growth.dice
    a, b = growth.shapes[left], growth.shapes[right]
    if len(a) != len(b) or a[:-1] != b[:-1]:
        if len(a) == 2 and len(b) == 1:
            right, b = _repeated(growth, right, a[0])
        elif len(b) == 2 and len(a) == 1:
            left, a = _repeated(growth, left, b[0])
        else:
            left, right = _reduced(growth, left), _reduced(growth, right)
            a, b = growth.shapes[left], growth.shapes[right]
    if a == b and dice.chance(0.6):
        name = dice.pick((*bodies.MERGES, "Dot"))
        if name != "Dot":
            third = [n for n, s in growth.shapes.items() if s == a]
            inputs = (left, right)
            if name != "Subtract" and dice.chance(0.2):
                inputs += (dice.pick(third),)
            growth.add(layer(name, {}), inputs, a)
            return
        if len(a) == 1:
            growth.add(layer("Dot", {"axes": 1}), (left, right), (1,))
            return
        if len(a) == 2:
            growth.add(layer("Dot", {"axes": 2}), (left, right), (a[0], a[0]))
            return
    growth.add(layer("Concatenate", {}), (left, right), (*a[:-1], a[-1] + b[-1]))


def _repeated(growth: Growth, name: str, count: int) -> tuple[str, Shape]:
    shape = (count, *growth.shapes[name])
    return growth.add(layer("RepeatVector", {"n": count}), (name,), shape), shape


def _reduced(growth: Growth, name: str) -> str:
    """A tensor of one axis; large ones are made small, or the next merge would not
    fit."""
    reduced, shape = bodies.reducer(growth.dice, growth.shapes[name])
    for call in reduced:
        name = growth.add(call, (name,), shape)
    if product(shape) > LARGEST // 4:
        units = growth.dice.integer(2, 6)
        name = growth.add(layer("Dense", {"units": units}), (name,), (units,))
    return name


def reduced(growth: Growth, name: str) -> str:
    return _reduced(growth, name)


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
    source = growth.pick()
    _layer_of(growth, source)
    last = growth.nodes[-1] if growth.nodes else None
    if last is None or last.inputs != (source,) or not isinstance(last.made, Call):
        return
    other = growth.add(Code("1.0 - {0}"), (source,), growth.shapes[source])
    growth.add(Again(last.name), (other,), last.shape)


def _layer_of(growth: Growth, source: str) -> None:
    units = growth.dice.integer(1, 5)
    shape = (*growth.shapes[source][:-1], units)
    growth.add(layer("Dense", {"units": units}), (source,), shape)


def _chain(growth: Growth) -> None:
    """A Sequential, with a functional model in it now and then."""
    source, dice = growth.pick(), growth.dice
    layers, shape = bodies.body(dice, growth.shapes[source], dice.integer(1, 3), True)
    parts: tuple = layers
    if growth.depth + 1 < _DEEPEST and dice.chance(0.4):
        net, shape = _net(growth, (shape,), 1)
        parts += (net,)
    if "Lambda" in str(parts) or not _fits(shape):
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
