"""Counterpart: keras/src/utils/model_visualization.py. A model drawn as a graph.

pydot writes the text of the graph; Graphviz's program `dot` makes a picture of it.
Both are needed only here, so pydot is imported where it is used.
"""

import os
import sys

from minikeras import tree
from minikeras.graph import Function
from minikeras.late import late_imports
from minikeras.signature import keyword_hint, parameters
from minikeras.utils.io_utils import print_msg

_HEAD = '<td colspan="{}" bgcolor="black"><font point-size="16" color="white">'
_CELL = '<td bgcolor="white"><font point-size="14">{}: <b>{}</b></font></td>'
_STATE = '<td bgcolor="{}"><font point-size="14" color="white"><b>{}</b></font></td>'


def model_to_dot(
    model,
    show_shapes=False,
    show_dtype=False,
    show_layer_names=True,
    rankdir="TB",
    expand_nested=False,
    dpi=200,
    subgraph=False,
    show_layer_activations=False,
    show_trainable=False,
    splines="ortho",
    **kwargs,
):
    """The graph of a model as a `pydot.Dot`, or with `subgraph` as a `pydot.Cluster`.

    `rankdir` "TB" goes down, "LR" to the right; `expand_nested` shows what models
    within the model consist of; a subclassed model is one box. `splines` are the
    shapes of the arrows. Raises ImportError without pydot, ValueError for a model that
    is not built yet.
    """
    _check_built(model)
    pydot = _pydot()
    if pydot is None:
        raise ImportError(
            "`model_to_dot` needs pydot, which is not installed: `pip install pydot`."
        )
    _check_others(kwargs, model_to_dot)
    if subgraph:
        titled = {"label": model.name, "labeljust": "l"}
        dot = pydot.Cluster(model.name, style="dashed", **titled)
    else:
        drawn = {"rankdir": rankdir, "concentrate": True, "dpi": dpi}
        dot = pydot.Dot(**drawn, splines=splines)
        dot.set_node_defaults(shape="record")
    shown = {
        "show_shapes": show_shapes,
        "show_dtype": show_dtype,
        "show_layer_names": show_layer_names,
        "show_layer_activations": show_layer_activations,
        "show_trainable": show_trainable,
    }
    if not _is_graph(model):
        dot.add_node(_node(pydot, model, **shown))
        return dot
    for part in _parts(model):
        if expand_nested and _is_graph(part):
            nested = {"rankdir": rankdir, "expand_nested": True, "subgraph": True}
            dot.add_subgraph(model_to_dot(part, **nested, **shown))
        else:
            dot.add_node(_node(pydot, part, **shown))
    for source, target in _edges(model, expand_nested):
        ends = str(id(source)), str(id(target))
        if not dot.get_edge(*ends):
            dot.add_edge(pydot.Edge(*ends, penwidth="2"))
    return dot


def plot_model(
    model,
    to_file="model.png",
    show_shapes=False,
    show_dtype=False,
    show_layer_names=False,
    rankdir="TB",
    expand_nested=False,
    dpi=200,
    show_layer_activations=False,
    show_trainable=False,
    splines="ortho",
    **kwargs,
):
    """Draws what `model_to_dot` describes into a file; its ending says which kind.

    In a notebook the picture is shown too. Raises ImportError without pydot or
    Graphviz (in a notebook the message is printed), ValueError as `model_to_dot`.
    """
    _check_built(model)
    missing = _what_is_missing()
    if missing:
        message = f"`plot_model` needs {missing}."
        if "IPython.core.magics.namespace" in sys.modules:
            return print_msg(message)
        raise ImportError(message)
    _check_others(kwargs, plot_model)
    dot = model_to_dot(
        model,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        dpi=dpi,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
        splines=splines,
    )
    to_file = str(to_file)
    kind = os.path.splitext(to_file)[1].removeprefix(".") or "png"
    dot.write(to_file, format=kind)
    return None if kind == "pdf" else _shown(to_file)


def _check_built(model) -> None:
    if not model.built:
        raise ValueError(
            "This model has not yet been built. Build the model first by calling "
            "`build()` or by calling the model on a batch of data."
        )


def _check_others(kwargs: dict, function) -> None:
    if kwargs.pop("layer_range", None) is not None:
        raise ValueError("Argument `layer_range` is no longer supported.")
    if kwargs:
        hint = keyword_hint(kwargs, parameters(function))
        raise ValueError(f"Unrecognized keyword arguments: {kwargs}.{hint}")


@late_imports()
def _pydot():
    """The module; None where it is not installed."""
    try:
        import pydot
    except ImportError:
        return None
    return pydot


def _what_is_missing() -> str | None:
    pydot = _pydot()
    if pydot is None:
        return "pydot, which is not installed: `pip install pydot`"
    try:
        pydot.Dot().create()  # only a picture tells whether the program works
    except (OSError, pydot.PydotException):
        return (
            "Graphviz, whose program `dot` is not found; "
            "https://graphviz.org/download says how to install it"
        )
    return None


@late_imports()
def _shown(path: str):
    """The picture for a notebook; None where there are no notebooks."""
    try:
        from IPython import display
    except ImportError:
        return None
    return display.Image(filename=path)


def _is_chain(layer) -> bool:
    """Whether it is a Sequential (which lives two floors above)."""
    return hasattr(layer, "_chain")


def _is_graph(layer) -> bool:
    return isinstance(layer, Function) or _is_chain(layer)


def _parts(model) -> list:
    return model.layers if _is_chain(model) else model.operations


def _edges(model, expand_nested: bool):
    """(source, target) of each arrow; between layers within models, if these are
    expanded."""
    parts = _parts(model)
    inside = None
    if _is_chain(model):
        if not expand_nested:
            yield from zip(parts, parts[1:], strict=False)
            return
        parts = parts[1:]  # what leads to the first comes from outside
    else:
        inside = {id(n) for nodes in model._nodes_by_depth.values() for n in nodes}
    for target in parts:
        for node in target._inbound_nodes:
            if inside is not None and id(node) not in inside:
                continue
            for place, x in enumerate(node.inputs):
                source, _, output = x._keras_history
                if source is None:
                    continue
                if not expand_nested:
                    yield source, target
                    continue
                yield _last_layer(source, output), _first_layer(target, place)


def _last_layer(source, output: int):
    """The layer, however deep within models, that gives this output."""
    while _is_graph(source):
        source, _, output = source.outputs[output]._keras_history
    return source


def _first_layer(target, place: int):
    """The layer, however deep within models, that takes this input."""
    while _is_graph(target):
        if _is_chain(target):
            target = target.layers[0]
        else:
            target = target.inputs[place]._keras_history.operation
    return target


def _node(pydot, layer, **shown):
    label = f"<{_label(layer, **shown)}>"
    style = {"fontname": "Helvetica", "border": "0", "margin": "0"}
    return pydot.Node(str(id(layer)), label=label, **style)


def _label(
    layer,
    show_shapes,
    show_dtype,
    show_layer_names,
    show_layer_activations,
    show_trainable,
) -> str:
    """The box of a layer: a table in Graphviz's HTML."""
    wide = max(1, 2 * bool(show_shapes) + bool(show_dtype) + bool(show_trainable))
    kind = type(layer).__name__
    title = f"<b>{layer.name}</b> ({kind})" if show_layer_names else f"<b>{kind}</b>"
    rows = [_HEAD.format(wide) + title + "</font></td>"]
    activation = getattr(layer, "activation", None)
    if show_layer_activations and activation is not None:
        rows.append(
            f'<td bgcolor="white" colspan="{wide}"><font point-size="14">'
            f"Activation: <b>{_name(activation)}</b></font></td>"
        )
    cells = []
    if show_shapes:
        if kind != "InputLayer":
            cells.append(_CELL.format("Input shape", _shape(layer, "input")))
        cells.append(_CELL.format("Output shape", _shape(layer, "output")))
    if show_dtype:
        dtype = _of_tensors(layer, "output", "dtype") or "?"
        cells.append(_CELL.format("Output dtype", dtype))
    if show_trainable and getattr(layer, "weights", None):
        state = "Trainable" if layer.trainable else "Non-trainable"
        colour = "forestgreen" if layer.trainable else "firebrick"
        cells.append(_STATE.format(colour, state))
    if cells:
        rows.append("".join(cells))
    table = '<table border="0" cellborder="1" bgcolor="black" cellpadding="10">'
    return table + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _name(activation) -> str:
    for attribute in ("name", "__name__"):
        if hasattr(activation, attribute):
            return getattr(activation, attribute)
    return str(activation)


def _shape(layer, end: str) -> str:
    """The shapes of the tensors at one end of a layer."""
    shapes = _of_tensors(layer, end, "shape")
    if shapes is None:
        return "?"
    if isinstance(shapes, dict):
        shapes = ", ".join(f"{name}: {shape}" for name, shape in shapes.items())
    return str(shapes).replace("}", "").replace("{", "")


def _of_tensors(layer, end: str, attribute: str):
    """An attribute of the tensors at one end of a layer, None if it was not called."""
    try:
        return tree.map_structure(lambda x: getattr(x, attribute), getattr(layer, end))
    except (ValueError, AttributeError):
        return None
