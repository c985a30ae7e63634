"""The lines of a functional model's script."""

from dataclasses import replace
from typing import Any

from parity.fuzz.spec import Again, Call, Chain, Code, Draw, Graph, Net, Node
from parity.fuzz.writing import WIDTH, render

PENALTY = """
@keras.saving.register_keras_serializable()
class Penalty(layers.Layer):
    def call(self, h):
        self.add_loss(0.01 * ops.mean(ops.square(h)))
        return h
""".splitlines()
_TRIPS = {
    "clone": "model = keras.models.clone_model(model)",
    "config": "model = keras.Model.from_config(model.get_config())",
    "json": "model = keras.models.model_from_json(model.to_json())",
}
_SAVED = """
with tempfile.TemporaryDirectory() as folder:
    model.save(f"{folder}/model.keras")
    model = keras.models.load_model(f"{folder}/model.keras")
""".strip().splitlines()


def data(graph: Graph) -> list[str]:
    """The lines that make what the inputs get."""
    return [
        line.replace("x", _x(graph, number), 1)
        for number, source in enumerate(graph.sources)
        for line in source.data
    ]


def all_x(graph: Graph) -> Any:
    """The data of all inputs, as fit gets them."""
    values = [Code(_x(graph, number)) for number in range(len(graph.sources))]
    if len(values) == 1:
        return values[0]
    if graph.given == "list":
        return values
    return {s.name: x for s, x in zip(graph.sources, values, strict=True)}


def _x(graph: Graph, number: int) -> str:
    return "x" if len(graph.sources) == 1 else f"x{number + 1}"


def model(draw: Draw) -> list[str]:
    """From the inputs to what comes before compile."""
    graph = draw.graph
    lines, inputs = _inputs(graph)
    lines += _nodes(graph.nodes)
    names = [Code(f"out{number}") for number in range(1, len(draw.heads) + 1)]
    for name, head, text in zip(names, draw.heads, graph.heads_at, strict=True):
        *layers, last = head.layers
        if graph.taken == "names":
            last = replace(last, options={**last.options, "name": str(name)})
        for layer in (*layers, last):
            text = f"{render(layer)}({text})"
        lines.append(f"{name} = {text}")
    ends = outputs(draw, names, by_name=False)
    lines.append(f"model = keras.Model({render(inputs)}, {render(ends)})")
    lines += [_TRIPS[trip] for trip in graph.trips]
    return lines + ["model.summary(expand_nested=True)"] * graph.summary


def _inputs(graph: Graph) -> tuple[list[str], Any]:
    """The lines that make the inputs, and how the model takes them."""
    several = len(graph.sources) > 1
    lines = []
    for source in graph.sources:
        options: dict = {"shape": source.shape}
        if several and graph.given != "list":
            options["name"] = source.name
        if source.dtype:
            options["dtype"] = source.dtype
        lines.append(f"{source.name} = {render(Call('keras.Input', options))}")
    names = [Code(source.name) for source in graph.sources]
    if not several:
        return lines, names[0]
    if graph.given == "dict":
        return lines, {str(name): name for name in names}
    return lines, names


def after_fit(graph: Graph) -> list[str]:
    lines = list(_SAVED) if graph.saved else []
    if graph.cut:
        lines += [
            'cut = keras.Model(model.inputs, model.get_layer("cut").output)',
            f"cut.predict({render(all_x(graph))}, verbose=0)",
        ]
    return lines


def _nodes(nodes: tuple[Node, ...]) -> list[str]:
    again = {node.made.name for node in nodes if isinstance(node.made, Again)}
    lines: list[str] = []
    for node in nodes:
        if isinstance(node.made, Code):
            lines.append(f"{node.name} = {node.made.format(*node.inputs)}")
            continue
        inputs: Any = [Code(name) for name in node.inputs]
        given = render(inputs[0] if len(inputs) == 1 else inputs)
        if isinstance(node.made, Again):
            function = _function(node.made.name)
        elif isinstance(node.made, Call) and node.name not in again:
            function = render(node.made)
        else:
            function = _function(node.name)
            lines += _defined(function, node.made)
        lines.append(f"{node.name} = {function}({given})")
    return lines


def _function(node: str) -> str:
    """The name of a layer or model of which `node` is the first result."""
    return f"f{node[1:]}"


def _defined(name: str, made: Any) -> list[str]:
    """The lines that make the layer or model `name`."""
    if isinstance(made, Call):
        return [f"{name} = {render(made)}"]
    if isinstance(made, Net):
        lines = [
            f"{inner} = {render(Call('keras.Input', {'shape': shape}))}"
            for inner, shape in made.inputs
        ]
        lines += _nodes(made.nodes)
        ends = [
            [Code(inner) for inner, _ in made.inputs],
            [Code(inner) for inner in made.outputs],
        ]
        said = [render(end[0] if len(end) == 1 else end) for end in ends]
        lines.append(f"{name} = keras.Model({', '.join(said)})")
    else:
        lines, parts = _parts(name, made)
        line = f"{name} = keras.Sequential({render(parts)})"
        if len(line) <= WIDTH:
            lines.append(line)
        else:
            lines.append(f"{name} = keras.Sequential([")
            lines += [f"    {render(part)}," for part in parts] + ["])"]
    return lines + [f"{name}.trainable = False"] * made.frozen


def _parts(name: str, chain: Chain) -> tuple[list[str], list]:
    """The lines that make the models of a Sequential, and all its layers."""
    lines, parts = [], []
    for number, part in enumerate(chain.parts, 1):
        if isinstance(part, Net):
            lines += _defined(f"{name}_{number}", part)
            part = Code(f"{name}_{number}")
        parts.append(part)
    return lines, parts


def outputs(draw: Draw, values: list, by_name: bool = True) -> Any:
    """Values of the heads, as the model's outputs are put together; `by_name` for
    what a model with a list of outputs takes as a dict too."""
    if draw.graph.taken == "list" or not by_name and draw.graph.taken == "names":
        return values[0] if len(values) == 1 else values
    return {f"out{number}": value for number, value in enumerate(values, 1)}
