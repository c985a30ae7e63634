"""The script of a draw: an ordinary Keras script that can be run by itself."""

from typing import Any

from parity.fuzz import graph_text
from parity.fuzz.spec import Call, Code, Draw, Layers, calls_in
from parity.fuzz.writing import call_lines, first, render

LATER_BATCH = 16  # rows of a batch in what follows fit


def script(draw: Draw) -> str:
    lines = [
        *_imports(draw),
        "",
        f"keras.utils.set_random_seed({draw.seed})",
        f"random, rows = np.random.RandomState({draw.seed}), {draw.rows}",
        *(graph_text.data(draw.graph) if draw.graph else draw.data),
    ]
    for number, head in enumerate(draw.heads):
        target = _target(draw, number)
        lines += [line.replace("y ", f"{target} ", 1) for line in head.target]
    lines += ["", *(graph_text.model(draw) if draw.graph else _model(draw))]
    lines += call_lines("model.compile", _compile_options(draw))
    x = graph_text.all_x(draw.graph) if draw.graph else Code("x")
    data = {"x": x, "y": _targets(draw)}
    lines += call_lines("model.fit", {**data, **_fit_options(draw, data)})
    if draw.graph:
        lines += graph_text.after_fit(draw.graph)
    for method in draw.calls:
        lines += call_lines(f"model.{method}", _data_of(method, data))
    return "\n".join(lines) + "\n"


def _imports(draw: Draw) -> list[str]:
    lines = ["import keras", "import numpy as np", "from keras import layers"]
    if draw.graph is None:
        return lines
    lines[-1] += ", ops"
    if draw.graph.saved:
        lines.insert(0, "import tempfile")
    if any(call.path == "Penalty" for call in calls_in(draw.graph)):
        lines += graph_text.PENALTY
    return lines


def _fit_options(draw: Draw, data: dict) -> dict:
    """Rows of several inputs or outputs are taken from each of them."""
    options = {**draw.fit, "verbose": 0}
    count = options.get("validation_data")
    if isinstance(count, int):
        options["validation_data"] = tuple(first(v, count) for v in data.values())
    if isinstance(options.get("sample_weight"), tuple):
        weights = [Code(f"random.uniform(size={n})") for n in options["sample_weight"]]
        options["sample_weight"] = _unnamed(draw, weights)
    return options


def _data_of(method: str, data: dict) -> dict:
    """What a method gets of {"x": …, "y": …}: all rows, or those of one batch."""
    if method.startswith("predict"):
        data = {"x": data["x"]}
    if method.endswith("on_batch"):
        return {name: first(value, 6) for name, value in data.items()}
    return {**data, "batch_size": LATER_BATCH, "verbose": 0}


def _targets(draw: Draw) -> Any:
    """By name, but beside sample weights: tf.keras takes names there for a dict of
    outputs only (docs/differences.md)."""
    names = [_target(draw, number) for number in range(len(draw.heads))]
    weighted = draw.graph and "sample_weight" in draw.fit
    return _unnamed(draw, names) if weighted else _all(draw, names)


def _unnamed(draw: Draw, values: list) -> Any:
    return graph_text.outputs(draw, values, by_name=False)


def _target(draw: Draw, number: int) -> Code:
    return Code("y" if len(draw.heads) == 1 else f"y{number + 1}")


def _all(draw: Draw, values: list) -> Any:
    """The value of the only head, or the values of all."""
    if draw.graph:
        return graph_text.outputs(draw, values)
    return values[0] if len(draw.heads) == 1 else values


def _compile_options(draw: Draw) -> dict:
    options = {
        "optimizer": draw.optimizer,
        "loss": _all(draw, [head.loss for head in draw.heads]),
    }
    metrics = [list(head.metrics) for head in draw.heads]
    if any(metrics):
        options["metrics"] = _all(draw, metrics)
    settings = dict(draw.compile)
    if "loss_weights" in settings:
        settings["loss_weights"] = _all(draw, settings["loss_weights"])
    if "weighted_metrics" in settings:
        settings["weighted_metrics"] = _all(draw, [settings["weighted_metrics"]])
    return {**options, **settings}


def _model(draw: Draw) -> list[str]:
    if not (draw.network or draw.fork or len(draw.heads) > 1):
        layers = draw.before + draw.after + draw.heads[0].layers
        if draw.built is not None:
            layers = (Call("keras.Input", {"shape": draw.built}), *layers)
        return _part("model", layers)
    made, called = [], []
    if draw.before:
        made += _part("self.before", draw.before)
        called.append("h = self.before(h)")
    if draw.fork:
        branches = []
        for name, layers in (("left", draw.fork.left), ("right", draw.fork.right)):
            made += _part(f"self.{name}", layers) if layers else []
            branches.append(f"self.{name}(h)" if layers else "h")
        made.append(f"self.merge = {render(draw.fork.merge)}")
        called.append(f"h = self.merge([{', '.join(branches)}])")
    if draw.after:
        made += _part("self.after", draw.after)
        called.append("h = self.after(h)")
    for number, head in enumerate(draw.heads):
        made += _part(f"self.head{number + 1}", head.layers)
    outputs = [f"self.head{n + 1}(h)" for n in range(len(draw.heads))]
    called.append(f"return {render(_all(draw, [Code(text) for text in outputs]))}")
    return [
        "class Network(keras.Model):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        {line}" for line in made),
        "",
        "    def call(self, h):",
        *(f"        {line}" for line in called),
        "",
        "model = Network()",
    ]


def _part(name: str, layers: Layers) -> list[str]:
    if len(layers) == 1 and name != "model":
        return [f"{name} = {render(layers[0])}"]
    inner = [f"    {render(layer)}," for layer in layers]
    return [f"{name} = keras.Sequential([", *inner, "])"]
