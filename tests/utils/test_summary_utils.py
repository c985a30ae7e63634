import io
import subprocess
import sys
from contextlib import redirect_stdout
from types import SimpleNamespace

import numpy as np
import pytest

from minikeras.autodiff import Variable
from minikeras.utils.summary_utils import (
    count_params,
    layer_output_shape,
    print_summary,
    readable_memory_size,
    weight_memory_size,
)


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")


def variable(*shape, dtype="float32"):
    return Variable(np.zeros(shape, dtype))


class Dense:
    def __init__(self, name, weights=(), shape=None, built=True, trainable=True):
        self.name = name
        self.weights = list(weights)
        self.output_shape = shape
        self.built = built
        self.trainable = trainable

    def count_params(self):
        return count_params(self.weights)


class Block(Dense):
    def __init__(self, name, layers):
        super().__init__(name, [w for layer in layers for w in layer.weights])
        self.layers = layers


def model(*layers, **attributes):
    weights = [w for layer in layers for w in layer.weights]
    return SimpleNamespace(
        **{
            "name": "model",
            "layers": list(layers),
            "trainable_weights": weights,
            "non_trainable_weights": [],
            "compiled": False,
            "optimizer": None,
            **attributes,
        }
    )


def text(model, **options):
    lines = []
    print_summary(model, print_fn=lines.append, **{"line_length": 70, **options})
    assert len(lines) == 1
    return lines[0]


def rows(summary):
    lines = [line for line in summary.splitlines() if line[0] in "│┃"]
    return [[cell.strip() for cell in line[1:-1].split(line[0])] for line in lines]


FIRST = Dense("first", [variable(4, 300), variable(300)], (None, 300))
LAST = Dense("last", [variable(300, 2)], (None, 2))


def test_a_row_for_each_layer_and_the_totals():
    summary = text(model(FIRST, LAST))
    assert summary.startswith('Model: "model"\n')
    assert rows(summary) == [
        ["Layer (type)", "Output Shape", "Param #"],
        ["first (Dense)", "(None, 300)", "1,500"],
        ["last (Dense)", "(None, 2)", "600"],
    ]
    assert summary.splitlines()[-3:] == [
        " Total params: 2,100 (8.20 KB)",
        " Trainable params: 2,100 (8.20 KB)",
        " Non-trainable params: 0 (0.00 B)",
    ]


def test_the_weights_of_a_built_optimizer_are_counted():
    slots = [variable(4, 300), variable(dtype="int64")]
    optimizer = SimpleNamespace(built=True, variables=slots)
    trained = model(FIRST, compiled=True, optimizer=optimizer)
    assert text(trained).splitlines()[-4:] == [
        " Total params: 2,701 (10.55 KB)",
        " Trainable params: 1,500 (5.86 KB)",
        " Non-trainable params: 0 (0.00 B)",
        " Optimizer params: 1,201 (4.70 KB)",
    ]
    optimizer.built = False
    assert "Optimizer" not in text(trained)


def test_an_unbuilt_layer():
    summary = text(model(Dense("new", built=False)))
    assert rows(summary)[1] == ["new (Dense)", "?", "0 (unbuilt)"]


def test_nested_layers_are_indented_when_expanded():
    block = Block("block", [FIRST, Block("inner", [LAST])])
    assert [row[0] for row in rows(text(model(block)))[1:]] == ["block (Block)"]
    expanded = rows(text(model(block), expand_nested=True))
    assert [row[0] for row in expanded[1:]] == [
        "block (Block)",
        "└ first (Dense)",
        "└ inner (Block)",
        "└ last (Dense)",
    ]
    assert "│       └ last" in text(model(block), expand_nested=True)


def test_the_column_of_what_is_trainable():
    frozen = Dense("frozen", [variable(2)], trainable=False)
    summary = text(
        model(FIRST, frozen, Dense("empty")), show_trainable=True, line_length=100
    )
    assert [row[-1] for row in rows(summary)] == ["Traina…", "Y", "N", "-"]


def test_square_brackets_in_names_are_no_markup():
    assert "[red]first[/]" in text(model(Dense("[red]first[/]"), name="[bold]"))


@pytest.mark.parametrize(
    ("layer_range", "shown"),
    [
        (("a", "b"), ["a1", "a2", "b1", "b2"]),
        (["a2", "b1"], ["a2", "b1"]),
        (["b1", "a2"], ["a2", "b1"]),
        ([".*", "a1"], ["a1"]),
    ],
)
def test_layer_range(layer_range, shown):
    layers = [Dense(name) for name in ("a1", "a2", "b1", "b2", "c")]
    summary = rows(text(model(*layers), layer_range=layer_range))
    assert [row[0].split()[0] for row in summary[1:]] == shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer_range": ["first"]}, r"pair of layer names.*\['first'\]"),
        ({"layer_range": [0, 1]}, r"pair of layer names.*\[0, 1\]"),
        ({"layer_range": ["first", "x"]}, r"\['first', 'last'\].*\['first', 'x'\]"),
        ({"line_length": 8}, "at least 4 characters.*line_length=8"),
        ({"positions": [0.5, 1.0]}, r"'Param #'\].*positions=\[0.5, 1.0\]"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        text(model(FIRST, LAST), **options)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (None, "?"),
        ((), "()"),
        ((None, 3), "(None, 3)"),
        ([(None, 3)], "(None, 3)"),
        ([(None, 3), (2,)], "[(None, 3), (2)]"),
        (((1, 2), (3, 4)), "((1, 2), (3, 4))"),
        ({"a": (1, 2), "b": (None,)}, "{a: (1, 2), b: (None)}"),
    ],
)
def test_output_shapes(shape, expected):
    with redirect_stdout(io.StringIO()) as out:
        layer = Dense("a", shape=shape)
        print_summary(model(layer), line_length=100)
    assert rows(out.getvalue())[1][1] == expected


def test_a_layer_without_output_shape():
    assert layer_output_shape(object()) == "?"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0.00 B"),
        (1023, "1023.00 B"),
        (1024, "1.00 KB"),
        (1.5 * 1024**2, "1.50 MB"),
        (3 * 1024**4, "3.00 TB"),
        (2000 * 1024**5, "2000.00 PB"),
    ],
)
def test_readable_memory_size(size, expected):
    assert readable_memory_size(size) == expected


def test_a_variable_that_comes_twice_takes_memory_once():
    shared = variable(3)
    assert weight_memory_size([shared, shared, variable(2, dtype="float64")]) == 28
    assert count_params([shared, shared]) == 6


def test_rich_is_not_imported_before_it_is_needed():
    code = "import sys, minikeras.utils.summary_utils; print('rich' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert run.stdout.strip() == b"False"
