"""The script of a draw: an ordinary Keras script that can be run by itself."""

from typing import Any

from parity.fuzz.spec import Call, Code, Draw, Layers

WIDTH = 88
LATER_BATCH = 16  # rows of a batch in what follows fit


def script(draw: Draw) -> str:
    lines = [
        "import keras",
        "import numpy as np",
        "from keras import layers",
        "",
        f"keras.utils.set_random_seed({draw.seed})",
        f"random, rows = np.random.RandomState({draw.seed}), {draw.rows}",
        *draw.data,
    ]
    for number, head in enumerate(draw.heads):
        target = _target(draw, number)
        lines += [line.replace("y ", f"{target} ", 1) for line in head.target]
    lines += ["", *_model(draw)]
    lines += _call("model.compile", _compile_options(draw))
    y = _all(draw, [_target(draw, n) for n in range(len(draw.heads))])
    data = {"x": Code("x"), "y": y}
    lines += _call("model.fit", {**data, **draw.fit, "verbose": 0})
    for method in draw.calls:
        lines += _call(f"model.{method}", _data_of(method, data))
    return "\n".join(lines) + "\n"


def _data_of(method: str, data: dict) -> dict:
    """What a method gets of {"x": …, "y": …}: all rows, or those of one batch."""
    if method.startswith("predict"):
        data = {"x": data["x"]}
    if method.endswith("on_batch"):
        return {name: Code(f"{render(value)}[:6]") for name, value in data.items()}
    return {**data, "batch_size": LATER_BATCH, "verbose": 0}


def _target(draw: Draw, number: int) -> Code:
    return Code("y" if len(draw.heads) == 1 else f"y{number + 1}")


def _all(draw: Draw, values: list) -> Any:
    """The value of the only head, or the values of the two."""
    return values[0] if len(draw.heads) == 1 else values


def _compile_options(draw: Draw) -> dict:
    options = {
        "optimizer": draw.optimizer,
        "loss": _all(draw, [head.loss for head in draw.heads]),
    }
    metrics = [list(head.metrics) for head in draw.heads]
    if any(metrics):
        options["metrics"] = _all(draw, metrics)
    return {**options, **draw.compile}


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


def _call(function: str, options: dict) -> list[str]:
    """A call on one line, or one line for each argument."""
    line = f"{function}({_arguments(options)})"
    if len(line) <= WIDTH:
        return [line]
    inner = [f"    {name}={render(value)}," for name, value in options.items()]
    joined: list[str] = []
    for part in inner:  # short ones share a line
        if joined and len(joined[-1]) + len(part) - 3 <= WIDTH:
            joined[-1] += part[3:]
        else:
            joined.append(part)
    return [f"{function}(", *joined, ")"]


def _arguments(options: dict) -> str:
    return ", ".join(f"{name}={render(value)}" for name, value in options.items())


def render(value: Any) -> str:
    """The value as it stands in a script."""
    if isinstance(value, Call):
        return f"{value.path}({_arguments(value.options)})"
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(render, value))}]"
    if isinstance(value, tuple):
        inner = ", ".join(map(render, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        inner = ", ".join(f"{key!r}: {render(part)}" for key, part in value.items())
        return f"{{{inner}}}"
    return f'"{value}"' if isinstance(value, str) else repr(value)
