"""Counterpart: keras/src/utils/summary_utils.py. The table that model.summary() prints.

The table is rich's, as in Keras. rich and shutil are imported where they are used:
rich takes longer to import than NumPy, and shutil brings the compression modules.
"""

import math
import re
from itertools import pairwise
from typing import Any

import numpy as np

from minikeras import tree
from minikeras.config import standardize_dtype
from minikeras.late import late_imports
from minikeras.utils.io_utils import is_interactive_logging_enabled, print_msg

_COLUMNS = {"Layer (type)": "left", "Output Shape": "left", "Param #": "right"}
_COLUMN_ENDS = (0.45, 0.80, 1.0)  # as parts of the line
_LINE_LENGTH = 88
_BRANCHED_COLUMNS = _COLUMNS | {"Connected to": "left"}
_BRANCHED_ENDS = (0.3, 0.56, 0.74, 1.0)
_BRANCHED_LENGTH = 108
_TRAINABLE_LENGTH = 12  # what the column "Trainable" adds to the line
_NUMBER, _NONE, _CLASS, _FROZEN = 34, 45, 33, 9  # terminal colours


def print_summary(
    model,
    line_length=None,
    positions=None,
    print_fn=None,
    expand_nested=False,
    show_trainable=False,
    layer_range=None,
):
    """Prints the layers of a model and how many numbers it holds.

    Args: `line_length` in characters (by default 88, or 100 with `show_trainable`,
    or what the terminal has); `positions` are the ends of the columns as parts of
    it, extra ones being ignored. `print_fn` gets the whole text in one call, without
    colours. `expand_nested` shows the layers within layers, indented. `layer_range`
    is a pair of patterns for the names of the first and the last layer to show.
    Raises ValueError for a column below 4 characters and for a bad `layer_range`.
    """
    with late_imports():
        from rich.console import Console

    if not print_fn and not is_interactive_logging_enabled():
        print_fn = _log
    layers = getattr(model, "operations", None) or model.layers
    nodes = None if _is_chain(model) else _nodes(model)
    table = _table(line_length, positions, show_trainable, nodes is not None)
    first, end = layer_bounds(layers, layer_range)
    for layer in layers[first:end]:
        for row in _rows(layer, 0, expand_nested, show_trainable, nodes):
            table.add_row(*row)
    if print_fn:
        console = Console(highlight=False, force_terminal=False, color_system=None)
        console.begin_capture()
    else:
        console = Console(highlight=False)
    console.print(_bold(f'Model: "{_escaped(model.name)}"'))
    console.print(table)
    for line in _totals(model):
        console.print(line)
    if print_fn:
        print_fn(console.end_capture())


def layer_output_shape(layer) -> str:
    """The text of `layer.output_shape`: "?" if it is missing or None.

    One shape (3, None) or a nest of shapes; within a nest of several shapes the
    brackets stay, names lose their quotes.
    """
    nodes = getattr(layer, "_inbound_nodes", None)
    if nodes:
        shapes: Any = [x.shape for x in nodes[-1].outputs]
    else:
        shapes = getattr(layer, "output_shape", None)
    if shapes is None:
        return "?"
    texts = _map_shapes(shapes)
    leaves = tree.flatten(texts)
    return leaves[0] if len(leaves) == 1 else str(texts).replace("'", "")


def layer_bounds(layers, layer_range) -> tuple[int, int]:
    """Where the layers to show begin and end: from the first whose name starts like
    `layer_range[0]` to the last that starts like `layer_range[1]`, or the reverse."""
    if layer_range is None:
        return 0, len(layers)
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise ValueError(
            "Expected `layer_range` as a pair of layer names or patterns. "
            f"Received: layer_range={layer_range!r}"
        )
    lower, upper = (
        [i for i, layer in enumerate(layers) if re.match(pattern, layer.name)]
        for pattern in layer_range
    )
    if not lower or not upper:
        names = [layer.name for layer in layers]
        raise ValueError(
            f"Expected `layer_range` to match two of the layers {names}. "
            f"Received: layer_range={layer_range!r}"
        )
    if lower[0] > upper[-1]:
        lower, upper = upper, lower
    return lower[0], upper[-1] + 1


def count_params(weights) -> int:
    """How many numbers these variables hold."""
    return sum(math.prod(w.shape) for w in weights)


def weight_memory_size(weights) -> int:
    """How many bytes these variables take; one that comes twice counts once."""
    unique = {id(w): w for w in weights}.values()
    return sum(
        math.prod(w.shape) * np.dtype(standardize_dtype(w.dtype)).itemsize
        for w in unique
    )


def readable_memory_size(size: float) -> str:
    """Bytes in the largest unit that leaves at least one.

    >>> readable_memory_size(60), readable_memory_size(1536)
    ('60.00 B', '1.50 KB')
    """
    units = ["B", "KB", "MB", "GB", "TB", "PB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{size:.2f} {units[0]}"


def _nodes(model) -> list:
    """The calls that a functional model consists of."""
    by_depth = getattr(model, "_nodes_by_depth", {})
    return [node for nodes in by_depth.values() for node in nodes]


def _is_chain(model) -> bool:
    """Whether each operation is called once, on what the one before it gave."""
    by_depth = getattr(model, "_nodes_by_depth", {})
    if any(len(ns) > 1 or len(ns[0].inputs) > 1 for ns in by_depth.values()):
        return False
    called = [node.operation for node in _nodes(model)]
    return len(called) == len({id(operation) for operation in called})


def _connections(operation, nodes: list) -> str:
    """Where the inputs of its calls within the model come from: "dense[0][0]" is
    output 0 of the call number 0 of dense."""
    inside = {id(node) for node in nodes}
    histories = [
        x._keras_history
        for node in operation._inbound_nodes
        if id(node) in inside
        for x in node.inputs
    ]
    places = [
        f"{h.operation.name}[{_coloured(h.node_index, _NUMBER)}]"
        f"[{_coloured(h.tensor_index, _NUMBER)}]"
        for h in histories
    ]
    return ", ".join(places) or "-"


def _table(line_length, positions, show_trainable, branched):
    import shutil

    with late_imports():
        from rich.table import Column, Table

    columns = dict(_BRANCHED_COLUMNS if branched else _COLUMNS)
    ends = list(positions or (_BRANCHED_ENDS if branched else _COLUMN_ENDS))
    longest = _BRANCHED_LENGTH if branched else _LINE_LENGTH
    if show_trainable:
        columns["Trainable"] = "center"
        ends = [0.9 * end for end in ends] + [1.0]
        longest += _TRAINABLE_LENGTH
    if not line_length:
        line_length = min(longest, shutil.get_terminal_size().columns - 4)
    stops = [0, *(int(end * line_length) for end in ends)]
    widths = [stop - start for start, stop in pairwise(stops)]
    if len(widths) < len(columns):
        raise ValueError(
            f"Expected `positions` for the columns {list(columns)}. "
            f"Received: positions={positions!r}"
        )
    if min(widths) < 4:
        raise ValueError(
            "Expected columns of at least 4 characters in the summary. Received: "
            f"line_length={line_length}, which makes them {widths}"
        )
    return Table(
        *(
            Column(name, justify=justify, width=width)
            for (name, justify), width in zip(columns.items(), widths, strict=False)
        ),
        width=line_length,
        show_lines=True,
    )


def _rows(layer, depth, expand_nested, show_trainable, nodes):
    indent = "   " * depth + "└ " if depth else ""
    class_name = _coloured(_escaped(type(layer).__name__), _CLASS)
    name = f"{_escaped(indent + layer.name)} ({class_name})"
    row = [name, layer_output_shape(layer), _param_count(layer)]
    if nodes is not None:
        row.append(_connections(layer, nodes))
    if show_trainable:
        row.append(_trainable_mark(layer))
    yield row
    if expand_nested:
        for inner in getattr(layer, "layers", ()):
            yield from _rows(inner, depth + 1, expand_nested, show_trainable, nodes)


def _param_count(layer) -> str:
    if not hasattr(layer, "built"):
        return _coloured(0, _NUMBER)  # an op
    if not layer.built:
        return f"{_coloured(0, _NUMBER)} (unbuilt)"
    return _coloured(f"{layer.count_params():,}", _NUMBER)


def _trainable_mark(layer) -> str:
    if not getattr(layer, "weights", None):
        return _bold("-")
    return _bold(
        _coloured("Y", _NUMBER) if layer.trainable else _coloured("N", _FROZEN)
    )


def _totals(model):
    """The lines below the table; a total of variables counts those of the optimizer."""
    parts = {
        "Trainable": model.trainable_weights,
        "Non-trainable": model.non_trainable_weights,
    }
    if model.compiled and model.optimizer and model.optimizer.built:
        parts["Optimizer"] = model.optimizer.variables
    counts = {name: count_params(weights) for name, weights in parts.items()}
    sizes = {name: weight_memory_size(weights) for name, weights in parts.items()}
    yield _total_line("Total", sum(counts.values()), sum(sizes.values()))
    for name in parts:
        yield _total_line(name, counts[name], sizes[name])


def _total_line(name, count, size) -> str:
    number = _coloured(f"{count:,}", _NUMBER)
    return f"{_bold(f' {name} params: ')}{number} ({readable_memory_size(size)})"


def _map_shapes(shapes):
    if isinstance(shapes, dict):
        return {name: _map_shapes(inner) for name, inner in shapes.items()}
    if any(isinstance(part, (list, tuple, dict)) for part in shapes):
        texts = [_map_shapes(inner) for inner in shapes]
        return texts if isinstance(shapes, list) else tuple(texts)
    axes = [_coloured(n, _NONE if n is None else _NUMBER) for n in shapes]
    return f"({', '.join(axes)})"


def _coloured(text, colour: int) -> str:
    return f"[color({colour})]{text}[/]"


def _bold(text: str) -> str:
    return f"[bold]{text}[/]"


def _escaped(text: str) -> str:
    with late_imports():
        from rich.markup import escape

    return escape(text)


def _log(text: str) -> None:
    print_msg(text, line_break=False)
